"""Which running workspaces get the secrets of an owner, so that they hear of a change."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, select, update

from carrel.core.workspace import Goal
from carrel.server.store.columns import DatabaseNow
from carrel.server.store.schema import workspaces
from carrel.server.store.secrets import SecretScope
from carrel.server.store.sessions import WriteSession, batched
from carrel.server.store.wakeups import LOOP


async def wake_users(session: WriteSession, scope: SecretScope, owner: str) -> None:
    """Have the loop look at every workspace that runs and may get secrets of this owner."""
    runs = and_(workspaces.c.goal == Goal.RUN, workspaces.c.purged_at.is_(None), _of(scope, owner))
    found = await session.all(select(workspaces.c.id).where(runs).order_by(workspaces.c.id).with_for_update())
    for ids in batched([row.id for row in found]):
        await session.run(update(workspaces).where(workspaces.c.id.in_(ids)).values(wake_at=DatabaseNow()))
    session.wake(LOOP)


def _of(scope: SecretScope, owner: str) -> ColumnElement[bool]:
    match scope:
        case SecretScope.USER:
            return workspaces.c.owner_id == owner
        case SecretScope.PROJECT:
            return workspaces.c.project == owner
        case SecretScope.DOMAIN:
            project, _, domain = owner.partition("/")
            return and_(workspaces.c.project == project, workspaces.c.domain == domain)
        case SecretScope.VARIABLE:
            return workspaces.c.id == owner
        case _:
            return false()
