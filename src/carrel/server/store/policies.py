"""What projects chose of policy, and the workspaces that it is about."""

from __future__ import annotations

from sqlalchemy import and_, select, update

from carrel.core.project import ProjectPolicy
from carrel.server.store.columns import DatabaseNow
from carrel.server.store.schema import projects, workspaces
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.wakeups import LOOP, WORKSPACES


async def of_project(session: ReadSession, project: str) -> ProjectPolicy:
    """What a project chose; nothing where there is no such project."""
    found: ProjectPolicy | None = await session.scalar(select(projects.c.policy).where(projects.c.name == project))
    return found or ProjectPolicy()


async def put(session: WriteSession, project: str, policy: ProjectPolicy) -> None:
    """Store what a project that is there chose; all its workspaces are due at once."""
    await session.run(update(projects).where(projects.c.name == project).values(policy=policy))
    living = and_(workspaces.c.project == project, workspaces.c.purged_at.is_(None))
    await session.run(update(workspaces).where(living).values(wake_at=DatabaseNow()))
    session.wake(LOOP, WORKSPACES)
