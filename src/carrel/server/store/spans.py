"""Spans: the timed pieces of each start, for the timeline."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, func, insert, literal, select

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


async def append_first(session: WriteSession, workspace_id: str, span: Span) -> bool:
    """Store a span unless the start has one of this name and detail; whether it was stored."""
    present = select(spans.c.id).where(
        spans.c.workspace_id == workspace_id,
        spans.c.start == span.start,
        spans.c.name == span.name,
        spans.c.detail == span.detail,
    )
    values = {
        spans.c.workspace_id: workspace_id,
        spans.c.start: span.start,
        spans.c.name: span.name,
        spans.c.began: span.began,
        spans.c.ended: span.ended,
        spans.c.detail: span.detail,
    }
    row = select(*(literal(value, column.type) for column, value in values.items())).where(~exists(present))
    return bool(await session.run(insert(spans).from_select(list(values), row)))


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
