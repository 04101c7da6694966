"""The audit: who did what, and what was refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime, timedelta
from typing import Any

from carrel.client.connection import Connection
from carrel.client.documents import Document

PAGE = 500
LATE = timedelta(seconds=15)
"""A row may be seen after one that is younger: that of a longer transaction, or of another server."""
LINES = "application/x-ndjson"


class AuditRow(Document):
    """One row."""

    id: int
    at: datetime
    actor: str
    actor_id: str
    action: str
    subject: str
    named: str
    project: str
    domain: str
    outcome: str
    address: str
    request_id: str
    detail: dict[str, Any]


class Audit:
    """The resource `/audit`. Every call raises `not_allowed` for who may not read it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def latest(self, wanted: Mapping[str, str], count: int) -> list[AuditRow]:
        """The newest rows that match, the newest first.

        Args:
            wanted: the filter, as docs/reference/api.md has its parameters.
            count: how many at most.
        """
        found: list[AuditRow] = []
        cursor: str | None = ""
        while cursor is not None and len(found) < count:
            limit = min(PAGE, count - len(found))
            page = await self._connection.get("/audit", **wanted, limit=limit, cursor=cursor or None)
            found += [AuditRow.model_validate(item) for item in page["items"]]
            cursor = page["next_cursor"]
        return found

    async def follow(
        self, wanted: Mapping[str, str], since: datetime, pause_seconds: float = 2
    ) -> AsyncGenerator[AuditRow, None]:
        """Rows as they come, each once; does not end."""
        seen: dict[int, datetime] = {}
        while True:
            rows = await self.latest({**wanted, "since": (since - LATE).isoformat()}, 10 * PAGE)
            for row in reversed(rows):
                if row.id not in seen and row.at >= since - LATE:
                    seen[row.id] = row.at
                    yield row
            since = max([since, *(row.at for row in rows)])
            seen = {row_id: at for row_id, at in seen.items() if at >= since - LATE}
            await asyncio.sleep(pause_seconds)

    async def export(self, wanted: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """Everything that matches as JSON lines, the oldest first, in pieces as they come."""
        async with self._connection.stream("/audit/export", {"Accept": LINES}, **wanted) as pieces:
            async for piece in pieces:
                yield piece
