"""Figures of the whole installation, unscoped: for metrics."""

from __future__ import annotations

from sqlalchemy import func, select

from carrel.core.workspace import Phase
from carrel.server.store.columns import DatabaseNow
from carrel.server.store.schema import workspaces
from carrel.server.store.sessions import ReadSession


async def count_by_phase(session: ReadSession) -> dict[Phase, int]:
    """How many workspaces are in each phase, those in the trash included."""
    counted = select(workspaces.c.phase, func.count().label("number")).where(workspaces.c.purged_at.is_(None))
    rows = await session.all(counted.group_by(workspaces.c.phase))
    return {Phase(row.phase): row.number for row in rows}


async def overdue_seconds(session: ReadSession) -> float:
    """How long the longest waiting workspace is due without being worked on; 0: none is."""
    waiting = select(DatabaseNow() - func.min(workspaces.c.wake_at)).where(workspaces.c.lease_until.is_(None))
    microseconds = await session.scalar(waiting)
    return max(0.0, (microseconds or 0) / 1_000_000)
