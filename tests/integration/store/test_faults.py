"""A database that goes away, comes back, or has no room."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.integration.conftest import add_user, add_workspace, administering

from carrel.core.access import Actor
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.store import notify
from carrel.server.store.engine import Store, ping
from carrel.server.store.keys import KeyRing
from carrel.server.store.wakeups import LOOP


async def cut_connections(folder: str) -> None:
    """What a restart of PostgreSQL does to those who are connected."""
    async with administering(folder) as connection:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname LIKE 'carrel%'"
        )


async def test_a_store_whose_connections_were_cut_works_on(
    postgresql_url: Secret, postgresql_socket: str, keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "CHECK_SECONDS", 0.05)
    monkeypatch.setattr(notify, "RECONNECT_SECONDS", 0.05)
    store = await Store.open(postgresql_url, keys)
    async with store.wakeups.listen(LOOP) as bell:
        await cut_connections(postgresql_socket)
        async with asyncio.timeout(60):
            await bell.wait()  # nobody knows what was missed, so everybody is woken
    await ping(store)
    other = await Store.open(postgresql_url, keys)
    async with store.wakeups.listen(LOOP) as bell:
        async with other.writing() as session:
            session.wake(LOOP)
        async with asyncio.timeout(60):
            assert await bell.wait()
    await other.close()
    await store.close()


async def test_a_transaction_that_is_cut_is_a_problem_and_changes_nothing(
    postgresql_url: Secret, postgresql_socket: str, keys: KeyRing
) -> None:
    store = await Store.open(postgresql_url, keys)

    async def interrupted() -> None:
        async with store.writing() as session:
            await session.run(text("INSERT INTO users VALUES ('u', 'ana', 'owner', 0, NULL)"))
            await cut_connections(postgresql_socket)
            await session.scalar(text("SELECT 1"))

    with pytest.raises(Problem) as caught:
        await interrupted()
    assert caught.value.kind == "unavailable"
    async with store.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM users")) == 0
    await store.close()


async def test_a_database_that_is_gone_is_a_problem(
    postgresql_url: Secret, postgresql_socket: str, keys: KeyRing
) -> None:
    store = await Store.open(postgresql_url, keys)
    name = postgresql_url.reveal().split("@/")[1].split("?")[0]
    async with administering(postgresql_socket) as connection:
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        with pytest.raises(Problem) as caught:
            await ping(store)
        assert caught.value.kind == "unavailable"
        await store.close()
        await connection.execute(f"CREATE DATABASE {name}")


async def test_a_full_disk_is_a_problem_and_passes(sqlite_url: Secret, keys: KeyRing) -> None:
    store = await Store.open(sqlite_url, keys)
    ana = await add_user(store, "ana")
    async with store.writing() as session:
        pages = await session.scalar(text("PRAGMA page_count"))
        await session.scalar(text(f"PRAGMA max_page_count = {pages + 1}"))
    with pytest.raises(Problem) as caught:
        await fill(store, ana)
    assert caught.value.kind == "no_space"
    await ping(store)
    async with store.writing() as session:
        await session.scalar(text("PRAGMA max_page_count = 100000"))
    await add_workspace(store, ana)
    await store.close()


async def fill(store: Store, ana: Actor) -> None:
    for _ in range(100):
        await add_workspace(store, ana, stop_reason="x" * 4000)


async def test_a_file_that_is_no_database_is_a_problem(tmp_path: Path, keys: KeyRing) -> None:
    file = tmp_path / "carrel.sqlite"
    file.write_text("this is not a database, but long enough to look like one " * 100, encoding="utf-8")
    with pytest.raises(Problem) as caught:
        await Store.open(Secret(f"sqlite:///{file}"), keys)
    assert caught.value.kind == "unavailable"
    assert "is not a database" in caught.value.detail


async def test_a_write_that_is_cancelled_within_a_statement_holds_no_lock(store: Store) -> None:
    """What a client does that leaves in the middle of its request."""
    slow = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT i FROM n ORDER BY -i",
        "postgresql": "SELECT pg_sleep(0.3)",
    }[store.dialect]

    async def write(then: str) -> None:
        async with store.writing() as session:
            await session.run(text("UPDATE users SET name = 'bo'"))
            await session.scalar(text(then))

    gc.disable()
    try:
        cancelled = asyncio.create_task(write(slow))
        await asyncio.sleep(0.1)
        cancelled.cancel()
        kept = await asyncio.gather(cancelled, return_exceptions=True)  # with its frames, and so the cursor
        async with asyncio.timeout(60):
            await write("SELECT 1")
    finally:
        gc.enable()
    assert isinstance(kept[0], asyncio.CancelledError)
