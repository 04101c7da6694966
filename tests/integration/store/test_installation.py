"""What an installation owns: its keys, the keys of its workspaces, what it tidies up."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from tests.integration.conftest import Clock, add_workspace

from carrel.core.access import Actor
from carrel.core.events import Event
from carrel.core.problems import Problem
from carrel.core.workspace import Goal
from carrel.links.authority import LinkAuthority
from carrel.server.actions.housekeeping import Tidied, tidy
from carrel.server.actions.installation import HostKeys, ensure_installation
from carrel.server.store import environments, events, idempotency, tokens
from carrel.server.store.engine import Store
from carrel.server.store.environments import StoredEnvironment
from carrel.server.store.keys import KeyRing
from carrel.server.store.leases import Leases, Outcome
from carrel.server.store.tokens import NewToken, TokenKind


async def test_the_installation_is_founded_once_also_by_servers_that_start_together(store: Store) -> None:
    found = await asyncio.gather(*(ensure_installation(store) for _ in range(4)))
    assert len({(keys.id, keys.authority.public) for keys in found}) == 1
    assert LinkAuthority(found[0].authority.private).public_key == found[0].authority.public.rsplit(" ", 1)[0] or (
        LinkAuthority(found[0].authority.private).public_key == found[0].authority.public
    )
    assert await ensure_installation(store) == found[0]


async def test_a_server_with_another_key_file_refuses_to_start(store: Store) -> None:
    await ensure_installation(store)
    store.keys = KeyRing({"other": b"k" * 32})
    with pytest.raises(Problem) as caught:
        await ensure_installation(store)
    assert caught.value.kind == "key_unknown"


async def test_a_workspace_keeps_its_host_key_and_no_secret_is_readable_in_the_database(
    store: Store, ana: Actor
) -> None:
    keys = await ensure_installation(store)
    made = await add_workspace(store, ana)
    pairs = await asyncio.gather(*(HostKeys(store).host_key(made.id) for _ in range(4)))
    assert len({pair.public for pair in pairs}) == 1
    assert pairs[0].public.startswith("ssh-ed25519 ")
    async with store.reading() as session:
        rows = await session.all(text("SELECT envelope FROM secrets"))
    for row in rows:
        assert b"OPENSSH" not in bytes(row.envelope)
    assert len(rows) == 2
    assert "OPENSSH" not in repr((keys, pairs))


async def test_a_forgotten_workspace_leaves_its_events_and_nothing_else(store: Store, ana: Actor) -> None:
    await ensure_installation(store)
    made = await add_workspace(store, ana, goal=Goal.DELETE)
    await HostKeys(store).host_key(made.id)
    async with store.writing() as session:
        await environments.put(session, StoredEnvironment(made.id, 1, "d", {"a": 1}))
        await events.append(session, made.id, [Event("created")])
    async with Leases(store) as leases:
        await leases.append_log(made.id, "build", "x\n")
        await leases.claim(1, "t", 30)
        await leases.record(made.id, "t", Outcome(forget=True, release=True))
    async with store.reading() as session:
        counts = {
            table: await session.scalar(text(f"SELECT count(*) FROM {table}"))
            for table in ("log_streams", "log_chunks", "environments", "spans", "secrets", "events")
        }
    assert counts == {"log_streams": 0, "log_chunks": 0, "environments": 0, "spans": 0, "secrets": 1, "events": 1}


async def test_only_the_newest_environments_are_kept(store: Store, ana: Actor) -> None:
    made = await add_workspace(store, ana)
    async with store.writing() as session:
        for revision in range(1, 6):
            await environments.put(session, StoredEnvironment(made.id, revision, f"d{revision}", {"n": revision}))
        await environments.put(session, StoredEnvironment(made.id, 5, "new", {"n": 5}, recovery=True, problem={"a": 1}))
    async with store.reading() as session:
        assert await environments.get(session, made.id, 2) is None
        third, fifth = [await environments.get(session, made.id, revision) for revision in (3, 5)]
        assert len(await environments.all_in_use(session)) == 3
    assert third is not None
    assert third.plan == {"n": 3}
    assert fifth is not None
    assert (fifth.digest, fifth.recovery, fifth.problem) == ("new", True, {"a": 1})


async def test_what_has_expired_is_tidied_up(store: Store, ana: Actor, clock: Clock) -> None:
    gone = await add_workspace(store, ana, goal=Goal.DELETE)
    alive = await add_workspace(store, ana)
    async with store.writing() as session:
        await tokens.make(session, NewToken(ana.user_id, TokenKind.LOGIN, life=timedelta(minutes=5)))
        await tokens.make(session, NewToken(ana.user_id, TokenKind.PERSONAL))
        await idempotency.begin(session, ana.user_id, "k", "h")
        await events.append(session, gone.id, [Event("created")])
    async with Leases(store) as leases:
        await leases.claim(2, "t", 30)
        await leases.record(gone.id, "t", Outcome(forget=True, release=True))
    assert await tidy(store) == Tidied(0, 0, 0)
    clock.move(days=31)
    assert await tidy(store) == Tidied(1, 1, 1)
    async with store.reading() as session:
        assert await events.of_one(session, gone.id, 0, 10) == []
        assert await session.scalar(text("SELECT count(*) FROM workspaces")) == 1
        assert len(await tokens.of_user(session, ana.user_id, TokenKind.PERSONAL)) == 1
    assert alive.id != gone.id
