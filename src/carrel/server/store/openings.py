"""Rows of openings: ports and apps that more people may open than those who may use the workspace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, insert, or_, select

from carrel.core.access import Visibility
from carrel.server.store.schema import openings, users
from carrel.server.store.sessions import ReadSession, WriteSession, batched
from carrel.server.store.wakeups import ACCESS, WORKSPACES, of_workspace


@dataclass(frozen=True)
class Opening:
    """How far a port or an app is opened."""

    workspace_id: str
    app: str
    """A port's number, or an app's name."""
    visibility: Visibility
    made_by: str
    created_at: datetime
    expires_at: datetime | None = None


def _counts(now: datetime) -> ColumnElement[bool]:
    """Not over, and whoever opened it still has an account."""
    makers = select(users.c.id).where(users.c.disabled_at.is_(None))
    lasting = or_(openings.c.expires_at.is_(None), openings.c.expires_at > now)
    return and_(lasting, openings.c.made_by.in_(makers))


async def of_workspaces(session: ReadSession, workspace_ids: Iterable[str]) -> dict[tuple[str, str], Opening]:
    """What is opened of these workspaces, by workspace and app."""
    found: dict[tuple[str, str], Opening] = {}
    for some in batched(sorted(set(workspace_ids))):
        statement = select(openings).where(openings.c.workspace_id.in_(some), _counts(session.now))
        for row in await session.all(statement):
            found[row.workspace_id, row.app] = _from_row(row)
    return found


async def public(session: ReadSession, app: str) -> list[Opening]:
    """Where this port or app is public, of all workspaces: a few rows, whatever anybody asks for."""
    statement = select(openings).where(
        openings.c.app == app, openings.c.visibility == Visibility.PUBLIC, _counts(session.now)
    )
    return [_from_row(row) for row in await session.all(statement)]


async def put(session: WriteSession, wanted: Opening) -> None:
    """Open a port or an app, or close it (private), in the place of what was."""
    which = and_(openings.c.workspace_id == wanted.workspace_id, openings.c.app == wanted.app)
    await session.run(delete(openings).where(which))
    if wanted.visibility is not Visibility.PRIVATE:
        await session.run(insert(openings).values(asdict(wanted)))
    session.wake(ACCESS, WORKSPACES, of_workspace(wanted.workspace_id))


async def remove_of_workspace(session: WriteSession, workspace_id: str) -> None:
    """Close everything of a workspace."""
    if await session.run(delete(openings).where(openings.c.workspace_id == workspace_id)):
        session.wake(ACCESS)


async def remove_of_user(session: WriteSession, user_id: str) -> None:
    """Close what a user opened."""
    if await session.run(delete(openings).where(openings.c.made_by == user_id)):
        session.wake(ACCESS, WORKSPACES)


async def remove_expired(session: WriteSession) -> int:
    """Remove what is over; how many."""
    removed = await session.run(delete(openings).where(openings.c.expires_at <= session.now))
    if removed:
        session.wake(ACCESS, WORKSPACES)
    return removed


def _from_row(row: Row[Any]) -> Opening:
    return Opening(row.workspace_id, row.app, Visibility(row.visibility), row.made_by, row.created_at, row.expires_at)
