"""The audit: who did what to what, when, from where, and whether it was refused. Rows are only ever added (ADR 0034)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select, update

from carrel.core.access import Actor
from carrel.server.store.schema import audit, audit_horizon, template_repositories, templates, users, workspaces
from carrel.server.store.sessions import ReadSession, WriteSession


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
        case _:
            pass
    return {}


async def newest(session: ReadSession, subject: str = "", limit: int = 100) -> list[AuditRow]:
    """The newest rows, of one subject or of all; who may read them is asked before."""
    statement = select(audit).order_by(audit.c.at.desc(), audit.c.id.desc()).limit(limit)
    found = await session.all(statement.where(audit.c.subject == subject) if subject else statement)
    return [AuditRow(**row._mapping) for row in found]  # noqa: SLF001  public in SQLAlchemy


async def remove_before(session: WriteSession, horizon: datetime) -> int:
    """Remove what is older than the horizon, which is moved there and never back; how many rows.

    It is the one way past the triggers: they let go of what is older than the row of `audit_horizon`, and of that only.
    """
    moved = update(audit_horizon).where(audit_horizon.c.before < horizon).values(before=horizon)
    await session.run(moved)
    return await session.run(delete(audit).where(audit.c.at < horizon))
