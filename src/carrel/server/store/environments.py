"""Resolved environments, one for each wanted revision of a workspace."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select

from carrel.server.store.schema import environments
from carrel.server.store.sessions import ReadSession, WriteSession


@dataclass(frozen=True)
class StoredEnvironment:
    """What devcontainer/plan.py made of a configuration, as plain JSON values."""

    workspace_id: str
    revision: int
    digest: str
    plan: dict[str, Any]
    recovery: bool = False
    problem: dict[str, Any] | None = field(default=None)
    """Why it is a recovery environment, as a problem document."""
    created_at: datetime | None = None


KEPT = 3
"""Newest revisions that are kept."""


async def put(session: WriteSession, environment: StoredEnvironment) -> None:
    """Store the environment of a revision, in the place of an earlier one of the same revision."""
    of_it = environments.c.workspace_id == environment.workspace_id
    same = environments.c.revision == environment.revision
    old = environments.c.revision <= environment.revision - KEPT
    await session.run(delete(environments).where(of_it, same | old))
    await session.run(
        insert(environments).values(
            workspace_id=environment.workspace_id,
            revision=environment.revision,
            digest=environment.digest,
            plan=environment.plan,
            problem=environment.problem,
            recovery=environment.recovery,
            created_at=session.now,
        )
    )


async def get(session: ReadSession, workspace_id: str, revision: int) -> StoredEnvironment | None:
    """The environment of a revision, or None."""
    statement = select(environments).where(
        environments.c.workspace_id == workspace_id, environments.c.revision == revision
    )
    row = await session.one(statement)
    return None if row is None else _from_row(row)


async def all_in_use(session: ReadSession) -> list[StoredEnvironment]:
    """Every stored environment, unscoped: what the collection of images must keep."""
    return [_from_row(row) for row in await session.all(select(environments))]


def _from_row(row: Row[Any]) -> StoredEnvironment:
    return StoredEnvironment(
        workspace_id=row.workspace_id,
        revision=row.revision,
        digest=row.digest,
        plan=row.plan,
        recovery=row.recovery,
        problem=row.problem,
        created_at=row.created_at,
    )
