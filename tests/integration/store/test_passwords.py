"""Rows of passwords, on both databases: one for each user, failures that are all counted, locks that end."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from tests.integration.conftest import Clock

from carrel.core.access import Actor
from carrel.core.passwords import FREE_FAILURES, lock_after
from carrel.server.store import passwords
from carrel.server.store.engine import Store
from carrel.server.store.passwords import StoredPassword


async def stored(store: Store, user: Actor) -> StoredPassword | None:
    async with store.reading() as session:
        return await passwords.get(session, user.user_id)


async def fail(store: Store, user: Actor) -> bool:
    async with store.writing() as session:
        return await passwords.record_failure(session, user.user_id)


async def test_a_password_takes_the_place_of_the_earlier_one(
    store: Store, ana: Actor, ben: Actor, clock: Clock
) -> None:
    async with store.writing() as session:
        await passwords.put(session, ana.user_id, "first")
        await passwords.put(session, ben.user_id, "bens")
    await fail(store, ana)
    clock.move(hours=1)
    async with store.writing() as session:
        await passwords.put(session, ana.user_id, "second")
        assert await passwords.who_have_one(session) == {ana.user_id, ben.user_id}
    assert await stored(store, ana) == StoredPassword(ana.user_id, "second", clock(), 0, None)
    async with store.writing() as session:
        await passwords.remove(session, ana.user_id)
    assert await stored(store, ana) is None
    kept = await stored(store, ben)
    assert kept is not None
    assert kept.hash == "bens"


async def test_every_one_of_many_failures_at_once_is_counted_and_one_of_them_locks(
    store: Store, ana: Actor, ben: Actor, clock: Clock
) -> None:
    async with store.writing() as session:
        await passwords.put(session, ana.user_id, "a")
        await passwords.put(session, ben.user_id, "b")
    locked = await asyncio.gather(*(fail(store, ana) for _ in range(FREE_FAILURES + 1)))
    assert sum(locked) == 1
    found = await stored(store, ana)
    assert found is not None
    lock = lock_after(FREE_FAILURES + 1)
    assert (found.failures, found.locked_until) == (FREE_FAILURES + 1, clock() + lock)
    assert await fail(store, ana) is False  # it was locked before
    other = await stored(store, ben)
    assert other is not None
    assert (other.failures, other.locked_until) == (0, None)
    clock.move(hours=1)
    assert await fail(store, ana) is True  # the lock was over, and begins anew


async def test_a_success_forgets_the_failures(store: Store, ana: Actor) -> None:
    async with store.writing() as session:
        await passwords.put(session, ana.user_id, "a")
    for _ in range(FREE_FAILURES + 1):
        await fail(store, ana)
    async with store.writing() as session:
        await passwords.record_success(session, ana.user_id)
    found = await stored(store, ana)
    assert found is not None
    assert (found.failures, found.locked_until) == (0, None)


async def test_who_has_none_fails_without_a_trace(store: Store, ana: Actor) -> None:
    assert await fail(store, ana) is False
    async with store.writing() as session:
        await passwords.record_success(session, ana.user_id)
    assert await stored(store, ana) is None


async def test_a_hash_is_made_anew_only_while_it_is_the_same_password(store: Store, ana: Actor, clock: Clock) -> None:
    async with store.writing() as session:
        await passwords.put(session, ana.user_id, "old parameters")
    before = await stored(store, ana)
    assert before is not None
    clock.move(hours=1)
    async with store.writing() as session:
        await passwords.rehash(session, before, "new parameters")
    after = await stored(store, ana)
    assert after == StoredPassword(ana.user_id, "new parameters", clock() - timedelta(hours=1), 0, None)
    async with store.writing() as session:
        await passwords.put(session, ana.user_id, "another password")
        await passwords.rehash(session, before, "new parameters")
    found = await stored(store, ana)
    assert found is not None
    assert found.hash == "another password"
