"""The audit for who may read it: all of it, or that of the projects which one looks after."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from carrel.core.access import Action, Actor, Reach, Role, places, reach
from carrel.core.problems import Problem
from carrel.server.actions import login
from carrel.server.store import audit, audit_search
from carrel.server.store.audit import AuditRow
from carrel.server.store.audit_search import Place, Search
from carrel.server.store.engine import Store
from carrel.server.store.sessions import ReadSession, WriteSession

PAGE = 1000
"""Rows of an export that are in memory at a time."""
REMOVED = "audit.removed"
SERVER = Actor("", "carrel", Role.OWNER)
"""Who does what the settings ask for; no user is called so (core.names)."""
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


def readable(actor: Actor, wanted: Search) -> Search:
    """`wanted`, as far as the actor may read it. Raises `not_allowed` where that is nothing."""
    if reach(actor, Action.AUDIT_READ) is Reach.ALL:
        return wanted
    within = places(actor, Action.AUDIT_READ)
    if not within:
        hint = "Auditors and administrators read all of it, maintainers that of their projects."
        raise Problem("not_allowed", f"{actor.name} may not read the audit.", hint)
    return replace(wanted, within=within)


async def of_workspace(session: ReadSession, wanted: Search, workspace: str) -> Search:
    """`wanted` of one workspace: its id, `NAME` or `OWNER/NAME`; also of one that is gone."""
    owner, _, name = workspace.rpartition("/")
    subjects = await audit_search.workspaces_called(session, owner, name)
    if not owner:
        subjects |= {f"workspace:{workspace}"}
    return replace(wanted, subjects=subjects) if subjects else replace(wanted, named=workspace.casefold())


async def read(
    actor: Actor, session: ReadSession, wanted: Search, limit: int, before: Place | None = None
) -> Sequence[AuditRow]:
    """A page of rows, the newest first. Raises `not_allowed`."""
    return await audit_search.find(session, readable(actor, wanted), limit, before)


async def begin_export(actor: Actor, session: WriteSession, wanted: Search) -> Search:
    """What is to be exported, up to now, and the row that says so. Raises `not_allowed`."""
    now = session.now + timedelta(microseconds=1)  # what is of this moment is in it
    bounded = readable(actor, wanted if wanted.until is not None else replace(wanted, until=now))
    await audit.append(session, actor, "audit.exported", f"user:{actor.user_id}", {"filter": _shown(wanted)})
    return bounded


def _shown(wanted: Search) -> dict[str, Any]:
    values = {name: value for name, value in asdict(wanted).items() if value and name != "within"}
    return {name: sorted(v) if isinstance(v, frozenset) else str(v) for name, v in values.items()}


async def export(actor: Actor, store: Store, wanted: Search) -> AsyncIterator[Sequence[AuditRow]]:
    """All rows, the oldest first, in pieces; it ends where the actor is not any more what he was."""
    place: Place | None = None
    while True:
        async with store.reading() as session:
            if not await login.still_valid(session, actor):
                return
            rows = await audit_search.find(session, wanted, PAGE, after=place or Place(_BEGIN, 0))
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        place = Place(rows[-1].at, rows[-1].id)


async def trim(store: Store, days: int) -> int:
    """Remove rows that are older than so many days (0: none ever), and record that; how many there were."""
    if days == 0:
        return 0
    async with store.writing() as session:
        horizon = session.now - timedelta(days=days)
        removed = await audit.remove_before(session, horizon)
        if removed:
            detail = {"rows": removed, "before": horizon.isoformat(), "audit_days": days}
            await audit.append(session, SERVER, REMOVED, "audit", detail)
    return removed
