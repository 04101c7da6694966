"""Rotation of the key that seals secrets, with servers running, and interrupted at every boundary."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.integration.conftest import Clock

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.actions import key_rotation
from carrel.server.actions.installation import AUTHORITY, ensure_installation
from carrel.server.actions.key_rotation import drop_old_keys, prepare_key, rotate_keys
from carrel.server.store import installation, secrets
from carrel.server.store.engine import Store
from carrel.server.store.keys import add_key, keep_key, load_keys
from carrel.server.store.secrets import SecretName, SecretScope

MANY = 7


def named(number: int) -> SecretName:
    return SecretName(SecretScope.DOMAIN, "web/staging", f"S{number}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
async def sealed(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A founded installation with secrets, of which a transaction of the rotation takes two."""
    monkeypatch.setattr(key_rotation, "PIECE", 2)
    await ensure_installation(store)
    async with store.writing() as session:
        for number in range(MANY):
            await secrets.put(session, store.keys, named(number), Secret(f"value {number}"), {"sources": []})
    return store


@pytest.fixture
async def other(sealed: Store, database_url: Secret, path: Path, clock: Clock) -> AsyncIterator[Store]:
    """What another server has: its own connections, and the keys as they were when it started."""
    store = await Store.open(database_url, load_keys(path), clock, alone=False)
    yield store
    await store.close()


async def all_open(store: Store) -> bool:
    async with store.reading() as session:
        found = [await secrets.reveal(session, store.keys, named(number)) for number in range(MANY)]
        authority = await secrets.reveal(session, store.keys, AUTHORITY)
    values = [None if one is None else one[0].reveal() for one in found]
    return authority is not None and values == [f"value {number}" for number in range(MANY)]


async def used(store: Store) -> dict[str, int]:
    async with store.reading() as session:
        return await secrets.used_keys(session)


async def test_everything_is_sealed_anew_and_a_server_that_runs_goes_on(
    sealed: Store, other: Store, path: Path
) -> None:
    [old] = sealed.keys.keys
    before = await stored(sealed)
    rotation = await rotate_keys(sealed, path)
    assert (rotation.sealed, rotation.went_on, rotation.old) == (MANY + 1, False, (old,))
    assert await used(sealed) == {rotation.key_id: MANY + 1}
    after = await stored(sealed)
    assert {name for name, (envelope, _) in after.items() if envelope == before[name][0]} == set()
    assert all(after[name][1] == before[name][1] for name in before)  # nobody changed them
    assert await all_open(other)
    async with other.writing() as session:
        await secrets.put(session, other.keys, named(0), Secret("value 0"))
    assert await drop_old_keys(sealed, path) == (old,)
    assert old not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(load_keys(path).keys) == [rotation.key_id]
    sealed.keys = load_keys(path)
    assert await all_open(sealed)
    assert (await ensure_installation(sealed)).id
    again = await rotate_keys(sealed, path)
    assert (again.went_on, again.sealed) == (False, MANY + 1)


async def stored(store: Store) -> dict[str, tuple[bytes, object]]:
    async with store.reading() as session:
        rows = await session.all(text("SELECT name, envelope, updated_at FROM secrets"))
    return {row.name: (bytes(row.envelope), row.updated_at) for row in rows}


async def test_a_server_that_knows_only_the_old_key_seals_with_the_new_one(
    sealed: Store, other: Store, path: Path
) -> None:
    new = add_key(path).first
    async with sealed.writing() as session:
        await installation.seal_with(session, new)
    assert new not in other.keys.keys
    async with other.writing() as session:
        await secrets.put(session, other.keys, named(99), Secret("late"))
    assert (await used(other))[new] == 1


async def test_what_is_stored_while_keys_rotate_is_never_lost(sealed: Store, other: Store, path: Path) -> None:
    async def store_all() -> None:
        for number in range(20):
            async with other.writing() as session:
                await secrets.put(session, other.keys, named(100 + number), Secret("late"))

    rotation, _ = await asyncio.gather(rotate_keys(sealed, path), store_all())
    left = await used(sealed)
    if set(left) != {rotation.key_id}:  # sealed by a transaction that began before: another turn finds it
        assert (await rotate_keys(sealed, path)).went_on
    await drop_old_keys(sealed, path)
    sealed.keys = load_keys(path)
    async with sealed.reading() as session:
        assert await secrets.reveal(session, sealed.keys, named(119)) is not None
    assert await all_open(sealed)


BOUNDARIES = ("key in the file", "database knows of it", "first piece", "second piece", "all sealed")


@pytest.mark.parametrize("boundary", BOUNDARIES)
async def test_a_rotation_that_ends_at_any_point_loses_nothing_and_goes_on(
    sealed: Store, path: Path, boundary: str
) -> None:
    [old] = sealed.keys.keys
    new = add_key(path).first
    done = BOUNDARIES.index(boundary)
    if done >= 1:
        async with sealed.writing() as session:
            await installation.seal_with(session, new)
    for _ in range({2: 1, 3: 2, 4: MANY}.get(done, 0)):
        async with sealed.writing() as session:
            await secrets.seal_again(session, sealed.keys, new, 2)
    sealed.keys = load_keys(path)  # as a server that starts now
    assert (await ensure_installation(sealed)).id
    assert await all_open(sealed)
    if done < 4:
        with pytest.raises(Problem) as caught:
            await drop_old_keys(sealed, path)
        assert caught.value.kind == "wrong_state"
        assert old in load_keys(path).keys
        rotation = await rotate_keys(sealed, path)
        assert (rotation.key_id, rotation.went_on) == (new, True)
    assert await drop_old_keys(sealed, path) == (old,)
    sealed.keys = load_keys(path)
    assert await all_open(sealed)


async def test_a_key_can_be_brought_to_all_machines_before_it_is_used(sealed: Store, path: Path) -> None:
    new = prepare_key(path)
    assert new not in await used(sealed)
    assert (await rotate_keys(sealed, path)).key_id == new


async def test_without_the_new_key_a_server_says_so_and_nothing_is_sealed_with_an_old_one(
    sealed: Store, tmp_path: Path, path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text(path.read_text())
    elsewhere.chmod(0o600)
    await rotate_keys(sealed, path)
    sealed.keys = load_keys(elsewhere)
    for attempt in (ensure_installation(sealed), put_one(sealed)):
        with pytest.raises(Problem) as caught:
            await attempt
        assert caught.value.kind == "key_unknown"


async def put_one(store: Store) -> None:
    async with store.writing() as session:
        await secrets.put(session, store.keys, named(0), Secret("x"))


def test_the_file_keeps_what_it_is_told_to_keep(path: Path) -> None:
    [old] = load_keys(path).keys
    new = add_key(path).first
    assert list(load_keys(path).keys) == [new, old]
    with pytest.raises(Problem):
        keep_key(path, "other")
    assert keep_key(path, old) == (new,)
    assert keep_key(path, old) == ()
    assert [one.name for one in path.parent.iterdir() if one.name.startswith(".keys")] == []
