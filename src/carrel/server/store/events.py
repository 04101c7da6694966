"""Events of workspaces: appended under the row lock of their workspace, read from a number on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, insert, select, text, update

from carrel.core.access import Actor
from carrel.core.events import Event
from carrel.server.store.schema import events, workspaces
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.wakeups import WORKSPACES, of_workspace
from carrel.server.store.workspaces import visible

_ADVISORY_LOCK = 7_022_002
"""On PostgreSQL, makes positions grow in the order of commits, so that a reader of all events misses none."""


@dataclass(frozen=True)
class StoredEvent:
    """An event with its place among those of all workspaces."""

    position: int
    workspace_id: str
    event: Event


async def append(session: WriteSession, workspace_id: str, new: Sequence[Event]) -> None:
    """Number and store events. Comes last in a transaction: no other row is locked after it."""
    if not new:
        return
    counted = update(workspaces).where(workspaces.c.id == workspace_id)
    counted = counted.values(last_event=workspaces.c.last_event + len(new))
    last = await session.scalar(counted.returning(workspaces.c.last_event))
    if session.dialect == "postgresql":
        await session.one(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
    rows = [
        {
            "workspace_id": workspace_id,
            "number": last - len(new) + offset,
            "kind": event.kind,
            "data": event.data,
            "at": event.at or session.now,
        }
        for offset, event in enumerate(new, start=1)
    ]
    await session.run_many(insert(events), rows)
    session.wake(WORKSPACES, of_workspace(workspace_id))


async def of_one(session: ReadSession, workspace_id: str, after: int, limit: int) -> list[Event]:
    """Events of one workspace (of which the actor was checked) with a number above `after`, in order."""
    statement = (
        select(events)
        .where(events.c.workspace_id == workspace_id, events.c.number > after)
        .order_by(events.c.number)
        .limit(limit)
    )
    return [_event(row) for row in await session.all(statement)]


async def of_all(session: ReadSession, actor: Actor, after: int, limit: int) -> list[StoredEvent]:
    """Events of all workspaces that the actor may see, with a position above `after`, in order."""
    statement = (
        select(events)
        .join(workspaces, workspaces.c.id == events.c.workspace_id)
        .where(visible(actor), events.c.position > after)
        .order_by(events.c.position)
        .limit(limit)
    )
    return [StoredEvent(row.position, row.workspace_id, _event(row)) for row in await session.all(statement)]


async def newest_position(session: ReadSession) -> int:
    """The position after which everything is new."""
    return int(await session.scalar(select(func.max(events.c.position))) or 0)


async def newest_number(session: ReadSession, workspace_id: str) -> int:
    """The number of the last event of a workspace."""
    return int(await session.scalar(select(workspaces.c.last_event).where(workspaces.c.id == workspace_id)) or 0)


def _event(row: Row[Any]) -> Event:
    return Event(kind=row.kind, data=row.data, number=row.number, at=row.at)
