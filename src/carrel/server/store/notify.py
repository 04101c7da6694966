"""Wake-ups between servers on one PostgreSQL: LISTEN and NOTIFY on one channel, the topic as payload."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import asyncpg
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from carrel.server.store.wakeups import Wakeups, cancelled

CHANNEL = "carrel"
RECONNECT_SECONDS = 1.0
CHECK_SECONDS = 15.0
"""How often an idle connection is asked whether it still lives."""


async def notify(connection: AsyncConnection, topics: Iterable[str]) -> None:
    """Tell the other servers when this transaction is committed."""
    for topic in sorted(topics):
        await connection.execute(text("SELECT pg_notify(:channel, :topic)"), {"channel": CHANNEL, "topic": topic})


class Listener:
    """A connection that listens; when it is lost it is made anew, and then everybody is woken."""

    def __init__(self, dsn: str, wakeups: Wakeups) -> None:
        self._dsn = dsn
        self._wakeups = wakeups
        self._task: asyncio.Task[None] | None = None
        self._connection: asyncpg.Connection | None = None

    @classmethod
    async def start(cls, url: URL, wakeups: Wakeups) -> Listener:
        """Listen; returns when the first connection is made. Raises OSError when there is none to be made."""
        listener = cls(url.set(drivername="postgresql").render_as_string(hide_password=False), wakeups)
        await listener._connect()
        listener._task = asyncio.create_task(listener._stay(), name="store-listener")
        return listener

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            await cancelled(self._task)
        self._let_go()

    async def _connect(self) -> asyncpg.Connection:
        connection = await asyncpg.connect(self._dsn, timeout=10)
        self._connection = connection
        await connection.add_listener(CHANNEL, lambda *received: self._wakeups.ring((received[3],)))
        return connection

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None

    async def _stay(self) -> None:
        while True:
            try:
                connection = self._connection
                if connection is None:
                    connection = await self._connect()
                    self._wakeups.ring_all()
                await asyncio.sleep(CHECK_SECONDS)
                await connection.execute("SELECT 1", timeout=CHECK_SECONDS)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                self._let_go()
                await asyncio.sleep(RECONNECT_SECONDS)
