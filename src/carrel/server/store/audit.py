"""The audit: who did what to what, when and from where. Rows are only ever added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from carrel.core.access import Actor
from carrel.server.store.schema import audit
from carrel.server.store.sessions import ReadSession, WriteSession


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


async def append(
    session: WriteSession, actor: Actor, action: str, subject: str, detail: dict[str, Any] | None = None
) -> None:
    """Record what the actor did.

    Args:
        session: the transaction of the change itself.
        actor: who.
        action: `workspace.created`, `token.revoked` ...
        subject: on what, as `workspace:<id>`.
        detail: particulars; never a secret.
    """
    values = {
        "at": session.now,
        "actor_id": actor.user_id,
        "actor": actor.name,
        "action": action,
        "subject": subject,
        "detail": detail or {},
        "request_id": actor.request_id,
        "address": actor.address,
    }
    await session.run(insert(audit).values(values))


async def newest(session: ReadSession, subject: str = "", limit: int = 100) -> list[AuditRow]:
    """The newest rows, of one subject or of all; who may read them is asked before."""
    statement = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if subject:
        statement = statement.where(audit.c.subject == subject)
    return [AuditRow(**row._mapping) for row in await session.all(statement)]  # noqa: SLF001  public in SQLAlchemy
