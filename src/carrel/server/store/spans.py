"""Spans: the timed pieces of each start, for the timeline."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, insert, select

from carrel.core.events import Span
from carrel.server.store.schema import spans
from carrel.server.store.sessions import ReadSession, WriteSession


async def append(session: WriteSession, workspace_id: str, new: Sequence[Span]) -> None:
    """Store spans."""
    await session.run_many(
        insert(spans),
        [
            {
                "workspace_id": workspace_id,
                "start": span.start,
                "name": span.name,
                "began": span.began,
                "ended": span.ended,
                "detail": span.detail,
            }
            for span in new
        ],
    )


async def of_start(session: ReadSession, workspace_id: str, start: int | None = None) -> list[Span]:
    """Spans of one start (None: of the newest that has any), in the order of their begin."""
    if start is None:
        start = await session.scalar(select(func.max(spans.c.start)).where(spans.c.workspace_id == workspace_id))
    statement = (
        select(spans)
        .where(spans.c.workspace_id == workspace_id, spans.c.start == start)
        .order_by(spans.c.began, spans.c.id)
    )
    return [
        Span(name=row.name, began=row.began, ended=row.ended, start=row.start, detail=row.detail)
        for row in await session.all(statement)
    ]
