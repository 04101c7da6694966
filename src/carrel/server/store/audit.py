"""The audit: who did what to what, when, from where, and whether it was refused. Rows are only ever added (ADR 0034)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    tuple_,
    union_all,
    update,
)

from carrel.core.access import Actor
from carrel.server.store.schema import audit, audit_horizon, template_repositories, templates, users, workspaces
from carrel.server.store.sessions import ReadSession, WriteSession

_REFUSED = text("outcome = 'refused'")
"""In these words, not as a parameter: the partial index is for them."""


_MOST_SUBJECTS = 100


class Outcome(StrEnum):
    """How it ended."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True)
class AuditRow:
    """One row of the audit."""

    id: int
    at: datetime
    actor_id: str
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]
    request_id: str
    address: str
    outcome: str = Outcome.DONE
    project: str = ""
    domain: str = ""
    named: str = ""
    """Of a workspace: `OWNER/NAME` at that time."""


class Place(NamedTuple):
    """A row's place in the order of the audit."""

    at: datetime
    id: int


@dataclass(frozen=True)
class Search:
    """Which rows; empty: any."""

    actor: str = ""
    """The name."""
    action: str = ""
    """`workspace.created`, or a beginning that ends with a dot: `workspace.`."""
    subject: str = ""
    subjects: frozenset[str] = frozenset()
    """One of these."""
    named: str = ""
    project: str = ""
    domain: str = ""
    outcome: Outcome | None = None
    since: datetime | None = None
    """From then on."""
    until: datetime | None = None
    """Before then."""
    within: frozenset[tuple[str, str]] | None = None
        case "template":
            chosen = select(templates.c.project, templates.c.name).where(templates.c.id == rest)
            row = await session.one(chosen)
            if row is not None:
                return {"project": row.project, "named": row.name}
        case "template_repository":
            found = await session.scalar(
                select(template_repositories.c.project).where(template_repositories.c.id == rest)
            )
            return {"project": found or ""}
    """The projects and domains (empty: all) that the reader may see; None: everything."""


async def append(
    session: WriteSession,
    actor: Actor,
    action: str,
    subject: str,
    detail: dict[str, Any] | None = None,
    outcome: Outcome = Outcome.DONE,
) -> None:
    """Record what the actor did, or was refused.

    Args:
        session: the transaction of the change itself; of a refusal its own.
        actor: who.
        action: `workspace.created`, `token.revoked` ...
        subject: on what, as `workspace:<id>`; the row keeps what that is called and where it is.
        detail: particulars; never a secret.
        outcome: how it ended.
    """
    values: dict[str, Any] = {
        "at": session.now,
        "actor_id": actor.user_id,
        "actor": actor.name[:40],
        "action": action[:40],
        "subject": subject[:80],
        "detail": detail or {},
        "request_id": actor.request_id,
        "address": actor.address,
        "outcome": outcome,
    }
    await session.run(insert(audit).values(values | await _whereabouts(session, subject)))


async def _whereabouts(session: ReadSession, subject: str) -> dict[str, str]:
    """Project, domain and name of a subject, as far as it has them."""
    kind, _, rest = subject.removeprefix("secret:").partition(":")
    match kind:
        case "workspace" | "variable":
            statement = (
                select(workspaces.c.project, workspaces.c.domain, users.c.name, workspaces.c.name.label("own"))
                .join(users, users.c.id == workspaces.c.owner_id)
                .where(workspaces.c.id == rest.partition(":")[0])
            )
            row = await session.one(statement)
            if row is not None:
                return {"project": row.project, "domain": row.domain, "named": f"{row.name}/{row.own}"}
        case "project" | "domain":
            project, _, domain = rest.partition(":")[0].partition("/")
            return {"project": project, "domain": domain}
        case _:
            pass
    return {}


async def newest(session: ReadSession, subject: str = "", limit: int = 100) -> list[AuditRow]:
    """The newest rows, of one subject or of all; who may read them is asked before."""
    return await find(session, Search(subject=subject), limit)


async def find(
    session: ReadSession, wanted: Search, limit: int, before: Place | None = None, after: Place | None = None
) -> list[AuditRow]:
    """Rows, the newest first; those after a place the oldest first. Who may read them is asked before.

    Args:
        session: one view of the database.
        wanted: which.
        limit: how many at most.
        before: only what is older than this.
        after: only what is newer than this.
    """
    if wanted.action.endswith("."):
        actions = [one for one in await _actions(session) if one.startswith(wanted.action)]
    else:
        actions = [wanted.action]
    pieces = [_piece(replace(wanted, action=one), limit, before, after) for one in actions]
    if len(pieces) > 1:  # each is read from the index of its action, in order: the whole table never is
        together = union_all(*(select(piece.subquery()) for piece in pieces)).subquery()
        pieces = [select(together).order_by(*_order(together.c, newest_first=after is None)).limit(limit)]
    found = await session.all(pieces[0]) if pieces else []
    return [AuditRow(**row._mapping) for row in found]  # noqa: SLF001  public in SQLAlchemy


def _piece(wanted: Search, limit: int, before: Place | None, after: Place | None) -> Select[Any]:
    statement = _matching(wanted).order_by(*_order(audit.c, newest_first=after is None)).limit(limit)
    place = tuple_(audit.c.at, audit.c.id)
    if before is not None:
        statement = statement.where(place < _bound(before))
    if after is not None:
        statement = statement.where(place > _bound(after))
    return statement


def _order(columns: Any, *, newest_first: bool) -> tuple[Any, Any]:
    if newest_first:
        return columns.at.desc(), columns.id.desc()
    return columns.at, columns.id


async def _actions(session: ReadSession) -> list[str]:
    """Every action that there is: one step in the index for each."""
    first = select(func.min(audit.c.action).label("action")).cte("actions", recursive=True)
    above = select(func.min(audit.c.action)).where(audit.c.action > first.c.action).scalar_subquery()
    chain = first.union_all(select(above).where(first.c.action.is_not(None)))
    return [row.action for row in await session.all(select(chain.c.action)) if row.action is not None]


def _bound(place: Place) -> Any:
    return tuple_(literal(place.at, audit.c.at.type), literal(place.id, audit.c.id.type))


def _matching(wanted: Search) -> Select[Any]:
    exact = {name: getattr(wanted, name) for name in ("actor", "subject", "named", "project", "domain")}
    conditions: list[ColumnElement[bool]] = [audit.c[name] == value for name, value in exact.items() if value]
    if wanted.subjects:
        conditions.append(audit.c.subject.in_(sorted(wanted.subjects)))
    if wanted.action:
        conditions.append(audit.c.action == wanted.action)
    if wanted.since is not None:
        conditions.append(audit.c.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(audit.c.at < wanted.until)
    if wanted.within is not None:
        conditions.append(or_(false(), *(_inside(project, domain) for project, domain in sorted(wanted.within))))
    statement = select(audit).where(*conditions)
    match wanted.outcome:
        case Outcome.REFUSED:
            return statement.where(_REFUSED)
        case Outcome.DONE:
            return statement.where(audit.c.outcome == Outcome.DONE)
        case None:
            return statement


def _inside(project: str, domain: str) -> ColumnElement[bool]:
    whole = audit.c.project == project
    return and_(whole, audit.c.domain == domain) if domain else whole


async def workspaces_called(session: ReadSession, owner: str, name: str) -> frozenset[str]:
    """The subjects of all workspaces of this name and owner (empty: anybody) whose rows are still there."""
    statement = select(workspaces.c.id).where(workspaces.c.name == name.casefold()).limit(_MOST_SUBJECTS)
    if owner:
        statement = statement.join(users, users.c.id == workspaces.c.owner_id).where(users.c.name == owner.casefold())
    return frozenset(f"workspace:{row.id}" for row in await session.all(statement))


async def remove_before(session: WriteSession, horizon: datetime) -> int:
    """Remove what is older than the horizon, which is moved there and never back; how many rows.

    It is the one way past the triggers: they let go of what is older than the row of `audit_horizon`, and of that only.
    """
    moved = update(audit_horizon).where(audit_horizon.c.before < horizon).values(before=horizon)
    await session.run(moved)
    return await session.run(delete(audit).where(audit.c.at < horizon))
