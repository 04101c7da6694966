"""Rows of shares: what of a workspace was given to another user, or to whoever has a guest link."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, insert, or_, select

from carrel.core.access import Level, Share
from carrel.core.workspace import new_id
from carrel.server.store.schema import shares, tokens, users
from carrel.server.store.sessions import ReadSession, WriteSession, batched
from carrel.server.store.wakeups import ACCESS, WORKSPACES, of_workspace

_makers = users.alias("makers")


@dataclass(frozen=True)
class StoredShare:
    """A share as it was made."""

    id: str
    workspace_id: str
    level: Level
    made_by: str
    """The id of who gave it."""
    created_at: datetime
    user_id: str = ""
    """To whom; empty: it is a guest link."""
    user: str = ""
    """The user's name."""
    ports: frozenset[int] = frozenset()
    title: str = ""
    """Of a guest link: for whom."""
    expires_at: datetime | None = None

    @property
    def is_guest_link(self) -> bool:
        """Whether it is for somebody without an account."""
        return not self.user_id

    @property
    def share(self) -> Share:
        """As the core has it."""
        return Share(self.level, self.ports)


@dataclass(frozen=True)
class NewShare:
    """What a share is to be."""

    workspace_id: str
    level: Level
    made_by: str
    user_id: str = ""
    ports: frozenset[int] = frozenset()
    title: str = ""
    expires_at: datetime | None = None


def alive(now: datetime) -> ColumnElement[bool]:
    """Which rows of `shares` count: not over; a guest link lives as long as whoever made it has an account."""
    makers = select(_makers.c.id).where(_makers.c.disabled_at.is_(None))
    lasting = or_(shares.c.expires_at.is_(None), shares.c.expires_at > now)
    return and_(lasting, or_(shares.c.user_id.is_not(None), shares.c.made_by.in_(makers)))


async def of_users(session: ReadSession, user_ids: Iterable[str]) -> dict[str, dict[str, Share]]:
    """What others gave to these users: by user, then by workspace."""
    found: dict[str, dict[str, Share]] = {}
    for some in batched(sorted(set(user_ids))):
        columns = (shares.c.user_id, shares.c.workspace_id, shares.c.level, shares.c.ports)
        for row in await session.all(select(*columns).where(shares.c.user_id.in_(some), alive(session.now))):
            found.setdefault(row.user_id, {})[row.workspace_id] = Share(Level(row.level), frozenset(row.ports))
    return found


async def guest_links(session: ReadSession, share_ids: Iterable[str]) -> dict[str, StoredShare]:
    """Those of these ids that are guest links which still count."""
    found: dict[str, StoredShare] = {}
    for some in batched(sorted(set(share_ids))):
        statement = _selected().where(shares.c.id.in_(some), shares.c.user_id.is_(None), alive(session.now))
        found |= {row.id: _from_row(row) for row in await session.all(statement)}
    return found


async def of_one(session: ReadSession, workspace_id: str) -> list[StoredShare]:
    """All shares of a workspace that count, in the order in which they were made."""
    statement = _selected().where(shares.c.workspace_id == workspace_id, alive(session.now))
    return [_from_row(row) for row in await session.all(statement.order_by(shares.c.created_at, shares.c.id))]


async def put(session: WriteSession, new: NewShare) -> StoredShare:
    """Store a share, in the place of an earlier one with the same user."""
    if new.user_id:
        await session.run(
            delete(shares).where(shares.c.workspace_id == new.workspace_id, shares.c.user_id == new.user_id)
        )
    share_id = new_id()
    values: dict[str, Any] = {
        "id": share_id,
        "workspace_id": new.workspace_id,
        "user_id": new.user_id or None,
        "level": new.level,
        "ports": sorted(new.ports),
        "title": new.title,
        "made_by": new.made_by,
        "created_at": session.now,
        "expires_at": new.expires_at,
    }
    await session.run(insert(shares).values(values))
    session.wake(ACCESS, WORKSPACES, of_workspace(new.workspace_id))  # what it replaces may have given more
    row = await session.one(_selected().where(shares.c.id == share_id))
    assert row is not None  # noqa: S101  it was just put there
    return _from_row(row)


async def get(session: ReadSession, workspace_id: str, share_id: str) -> StoredShare | None:
    """A share of this workspace that counts, or None."""
    row = await session.one(
        _selected().where(shares.c.id == share_id, shares.c.workspace_id == workspace_id, alive(session.now))
    )
    return None if row is None else _from_row(row)


async def remove(session: WriteSession, workspace_id: str, share_id: str | None = None) -> int:
    """Take a share away (None: all of the workspace), with every token that a guest link gave out; how many."""
    which = shares.c.workspace_id == workspace_id
    if share_id is not None:
        which = and_(which, shares.c.id == share_id)
    return await _remove(session, which, workspace_id)


async def remove_guest_links(session: WriteSession, workspace_id: str) -> int:
    """Take away the guest links of a workspace; how many."""
    return await _remove(session, and_(shares.c.workspace_id == workspace_id, shares.c.user_id.is_(None)), workspace_id)


async def remove_of_user(session: WriteSession, user_id: str) -> int:
    """Take away the guest links that a user made; how many."""
    return await _remove(session, and_(shares.c.made_by == user_id, shares.c.user_id.is_(None)))


async def remove_expired(session: WriteSession) -> int:
    """Remove what is over; how many."""
    return await _remove(session, shares.c.expires_at <= session.now)


async def _remove(session: WriteSession, which: ColumnElement[bool], workspace_id: str = "") -> int:
    links = select(shares.c.id).where(which)
    sessions = select(tokens.c.id).where(tokens.c.parent_id.in_(links))
    await session.run(delete(tokens).where(tokens.c.parent_id.in_(sessions)))
    await session.run(delete(tokens).where(tokens.c.parent_id.in_(links)))
    removed = await session.run(delete(shares).where(which))
    if removed:
        session.wake(ACCESS, WORKSPACES)
    if removed and workspace_id:
        session.wake(of_workspace(workspace_id))
    return removed


def _selected() -> Any:
    return select(shares, users.c.name.label("user")).join(users, users.c.id == shares.c.user_id, isouter=True)


def _from_row(row: Row[Any]) -> StoredShare:
    return StoredShare(
        id=row.id,
        workspace_id=row.workspace_id,
        level=Level(row.level),
        made_by=row.made_by,
        created_at=row.created_at,
        user_id=row.user_id or "",
        user=row.user or "",
        ports=frozenset(row.ports),
        title=row.title,
        expires_at=row.expires_at,
    )
