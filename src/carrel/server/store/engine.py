"""The store: opens the database, brings it to the newest schema, hands out sessions."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.store.keys import KeyRing
from carrel.server.store.migrate import migrate
from carrel.server.store.notify import Listener, notify
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.wakeups import Wakeups

Clock = Callable[[], datetime]

READERS = 8
"""Connections for reading; on SQLite a single further one writes."""
_OUT_OF_REACH = ("08", "28", "3D", "40", "53", "57")
"""Classes of PostgreSQL's states that say nothing of a statement: connection, authorisation, no such database, a deadlock
that was resolved, no resources, the server restarts."""


def utc_now() -> datetime:
    """The server's clock."""
    return datetime.now(UTC)


class Store:
    """One installation's database, open. Make it with `Store.open`, end it with `close`."""

    def __init__(self, engines: tuple[AsyncEngine, AsyncEngine], keys: KeyRing, clock: Clock) -> None:
        self._reader, self._writer = engines
        self._lock: IO[str] | None = None
        self._listener: Listener | None = None
        self.keys = keys
        self.clock = clock
        self.wakeups = Wakeups()

    @classmethod
    async def open(cls, database_url: Secret, keys: KeyRing, clock: Clock = utc_now, *, alone: bool = True) -> Store:
        """Open the database, made or migrated where needed.

        Args:
            database_url: its address.
            keys: for the secrets in it.
            clock: the server's.
            alone: False: a server uses the same SQLite file; nothing is locked and nothing migrated.

        Raises:
            Problem: `server_running` (another server on the same SQLite file), `unavailable` (the database cannot be
                reached), `bad_value` (its address).
        """
        url = _parse(database_url)
        lock = _lock_file(url) if alone and url.get_backend_name() == "sqlite" else None
        store = cls(_engines(url), keys, clock)
        store._lock = lock
        try:
            if alone:
                await migrate(store._writer)
            if url.get_backend_name() != "sqlite":
                store._listener = await Listener.start(url, store.wakeups)
        except (OSError, DBAPIError) as error:
            await store.close()
            shown = url.render_as_string(hide_password=True)
            raise Problem("unavailable", f"The database {shown} cannot be used: {_cause(error)}.") from error
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """Release every connection and the lock file."""
        if self._listener is not None:
            await self._listener.close()
        await self._reader.dispose()
        await self._writer.dispose()
        if self._lock is not None:
            self._lock.close()

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._writer.dialect.name

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """A session that cannot change anything; the database itself refuses. Raises `unavailable`, `no_space`."""
        with _as_problems():
            async with self._reader.connect() as connection, connection.begin():
                yield ReadSession(connection, self.clock())

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[WriteSession]:
        """A transaction: committed once when the block ends, rolled back when it raises; then wake-ups are rung.

        Raises:
            Problem: `unavailable`, `no_space`; nothing was changed then.
        """
        with _as_problems():
            async with self._writer.connect() as connection, connection.begin():
                session = WriteSession(connection, self.clock())
                yield session
                if self._listener is not None and session.topics:
                    await notify(connection, session.topics)
        self.wakeups.ring(session.topics)


@contextmanager
def _as_problems() -> Iterator[None]:
    """A database that does not answer, or has no room, is a problem; what is wrong with a statement is our mistake."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError) as error:
        if any(words in str(error) for words in ("disk is full", "No space left")):
            raise Problem("no_space", "The database's disk is full.") from error
        if "readonly database" in str(error):
            raise
        raise Problem("unavailable", f"The database does not answer: {_cause(error)}.") from error
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        if not error.connection_invalidated and not state.startswith(_OUT_OF_REACH):
            raise
        raise Problem("unavailable", f"The database could not do this now: {_cause(error)}.") from error
    except (ConnectionError, FileNotFoundError, TimeoutError) as error:  # the connection could not even be made
        raise Problem("unavailable", "The database cannot be reached.") from error


_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


def _parse(database_url: Secret) -> URL:
    detail = "The setting database_url is not the address of a SQLite file or a PostgreSQL database."
    hint = "Use sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME."
    try:
        url = make_url(database_url.reveal())
        driver = _DRIVERS[url.drivername.partition("+")[0]]
    except (ArgumentError, KeyError, ValueError) as error:
        raise Problem("bad_value", detail, hint=hint) from error
    if driver == _DRIVERS["sqlite"] and url.database in {None, "", ":memory:"}:
        raise Problem("bad_value", detail, hint=hint)
    return url.set(drivername=driver)


def _cause(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0].rstrip(".")


def _engines(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    """The engines for reading and for writing."""
    if url.get_backend_name() == "postgresql":
        engine = create_async_engine(url, pool_size=READERS, max_overflow=READERS, pool_pre_ping=True)
        return engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ"), engine
    _make_private(Path(url.database or ""))
    how = {"factory": _Connection}
    reader = create_async_engine(url, pool_size=READERS, max_overflow=0, connect_args=how)
    # One connection: writers of this process queue in the pool, not in SQLite's busy handler.
    writer = create_async_engine(url, pool_size=1, max_overflow=0, connect_args=how)
    _prepare(reader, begin="BEGIN", pragmas=("query_only = ON",))
    _prepare(writer, begin="BEGIN IMMEDIATE", pragmas=("journal_mode = WAL", "synchronous = NORMAL"))
    return reader, writer


class _Connection(sqlite3.Connection):
    """Ends its transaction when it is closed.

    A task that is cancelled within a statement has its connection closed while a cursor still holds the statement. SQLite
    then keeps connection, transaction and write lock until the cursor is collected; every other writer waits in vain.
    """

    def close(self) -> None:
        """Roll back what is open, then close; a second time nothing."""
        try:
            if self.in_transaction:
                self.rollback()
        except sqlite3.ProgrammingError:  # it is closed: the driver closes one again that it gave up
            return
        finally:
            super().close()


def _make_private(file: Path) -> None:
    """Make the database file where it is not there, readable by its owner only; SQLite's own files take that over."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))


def _prepare(engine: AsyncEngine, begin: str, pragmas: tuple[str, ...]) -> None:
    """Set each new SQLite connection up, and begin transactions ourselves: Python's module begins too late."""

    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("busy_timeout = 10000", "foreign_keys = ON", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", on_connect)
    event.listen(engine.sync_engine, "begin", on_begin)


def _lock_file(url: URL) -> IO[str]:
    """The lock beside the database, held as long as the file is open: the system releases it when a server dies."""
    path = Path(url.database or "")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = path.with_name(path.name + ".lock").open("a+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.seek(0)
        holder = file.read(20).strip() or "unknown"
        file.close()
        raise Problem("server_running", f"The server with process id {holder} uses {path}.") from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


async def ping(store: Store) -> None:
    """Raises when the database does not answer within two seconds."""
    async with asyncio.timeout(2), store.reading() as session:
        await session.scalar(text("SELECT 1"))
