"""Opening, sessions, wake-ups between servers, on both databases."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, delete, text
from sqlalchemy.exc import DBAPIError
from tests.integration.conftest import add_workspace

from carrel.core.access import Actor, Role
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.store import users
from carrel.server.store.engine import Store, ping
from carrel.server.store.keys import KeyRing
from carrel.server.store.schema import METADATA
from carrel.server.store.schema import users as user_table
from carrel.server.store.sessions import WriteSession
from carrel.server.store.wakeups import LOOP


async def test_migrations_make_what_the_tables_say(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))

    async with store._writer.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_missing_sqlite_file_is_made_with_its_folder(tmp_path: Path, keys: KeyRing) -> None:
    file = tmp_path / "deep" / "er" / "carrel.sqlite"
    store = await Store.open(Secret(f"sqlite:///{file}"), keys)
    await ping(store)
    assert {stat.S_IMODE(f.stat().st_mode) & 0o066 for f in (file, file.with_name("carrel.sqlite-wal"))} == {0}
    await store.close()


async def test_a_database_is_opened_again_with_what_it_holds(database_url: Secret, keys: KeyRing) -> None:
    store = await Store.open(database_url, keys)
    async with store.writing() as session:
        made = await users.insert(session, "Ana", Role.OWNER)
    await store.close()
    store = await Store.open(database_url, keys)
    async with store.reading() as session:
        assert await users.by_name(session, "ANA") == made
    await store.close()


async def test_a_reading_session_cannot_write(store: Store, ana: Actor) -> None:
    with pytest.raises(DBAPIError):
        async with store.reading() as session:
            await WriteSession.run(session, delete(user_table))  # type: ignore[arg-type]
    async with store.reading() as session:
        assert await users.by_name(session, "ana") is not None


async def test_what_raises_is_rolled_back_and_rings_nothing(store: Store) -> None:
    async def fail() -> None:
        async with store.writing() as session:
            await users.insert(session, "ben", Role.DEVELOPER)
            session.wake(LOOP)
            raise ZeroDivisionError

    async with store.wakeups.listen(LOOP) as bell:
        with pytest.raises(ZeroDivisionError):
            await fail()
        assert not bell.rung
    async with store.reading() as session:
        assert await users.by_name(session, "ben") is None


async def test_many_writers_and_readers_at_once(store: Store, ana: Actor) -> None:
    await asyncio.gather(*(add_workspace(store, ana) for _ in range(40)), *(ping(store) for _ in range(40)))
    async with store.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM workspaces")) == 40


async def test_a_second_server_on_one_sqlite_file_refuses_to_start(sqlite_url: Secret, keys: KeyRing) -> None:
    url = sqlite_url
    first = await Store.open(url, keys)
    with pytest.raises(Problem, match="Another server uses this database") as caught:
        await Store.open(url, keys)
    assert caught.value.kind == "server_running"
    await first.close()
    await (await Store.open(url, keys)).close()


async def test_two_servers_share_one_postgresql_and_wake_each_other(postgresql_url: Secret, keys: KeyRing) -> None:
    one, other = await asyncio.gather(Store.open(postgresql_url, keys), Store.open(postgresql_url, keys))
    async with other.wakeups.listen(LOOP) as bell:
        async with one.writing() as session:
            await users.insert(session, "ana", Role.OWNER)
            session.wake(LOOP)
        async with asyncio.timeout(60):
            assert await bell.wait()
    await one.close()
    await other.close()


async def test_a_database_that_cannot_be_reached_is_a_problem(tmp_path: Path, keys: KeyRing) -> None:
    with pytest.raises(Problem, match="cannot be used") as caught:
        await Store.open(Secret(f"postgresql://carrel:hunter2@/none?host={tmp_path}"), keys)
    assert caught.value.kind == "unavailable"
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("address", ["", "nonsense", "mysql://host/name", "sqlite://", "sqlite:///:memory:"])
async def test_a_strange_address_is_a_problem(address: str, keys: KeyRing) -> None:
    with pytest.raises(Problem, match="SQLite file or a PostgreSQL"):
        await Store.open(Secret(address), keys)
