"""Read and write sessions: different types, so that a signature says whether it may change anything.

Nobody but the edge (`Store.reading`, `Store.writing`) begins or commits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Row
from sqlalchemy.ext.asyncio import AsyncConnection

MOST_PARAMETERS = 500
"""Of one `IN (...)`."""


def batched(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """Pieces of `values` for one statement each."""
    for begin in range(0, len(values), MOST_PARAMETERS):
        yield values[begin : begin + MOST_PARAMETERS]


class ReadSession:
    """One consistent view of the database.

    `now` is the time of its begin by the server's clock, the same for all that is read or written in it.
    """

    def __init__(self, connection: AsyncConnection, now: datetime) -> None:
        self._connection = connection
        self.now = now

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._connection.dialect.name

    async def one(self, statement: Executable) -> Row[Any] | None:
        """The first row, or None."""
        return (await self._connection.execute(statement)).first()

    async def all(self, statement: Executable) -> Sequence[Row[Any]]:
        """All rows."""
        return (await self._connection.execute(statement)).all()

    async def scalar(self, statement: Executable) -> Any:
        """The first column of the first row, or None."""
        return (await self._connection.execute(statement)).scalar()


class WriteSession(ReadSession):
    """A transaction that changes something; it is committed once, by the edge."""

    def __init__(self, connection: AsyncConnection, now: datetime) -> None:
        super().__init__(connection, now)
        self.topics: set[str] = set()

    async def run(self, statement: Executable) -> int:
        """Execute a statement that returns nothing; the number of rows it changed."""
        return (await self._connection.execute(statement)).rowcount

    async def run_many(self, statement: Executable, rows: Sequence[dict[str, Any]]) -> None:
        """Execute an INSERT for each of the rows; none is fine."""
        if rows:
            await self._connection.execute(statement, rows)

    def wake(self, *topics: str) -> None:
        """Ring these topics when the transaction is committed (wakeups.py)."""
        self.topics.update(topics)
