"""Rows of projects, and of who is a member of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from carrel.core.access import Role
from carrel.core.problems import Problem
from carrel.core.project import DEFAULT_PROJECT, Project, ProjectLimits, ProjectPolicy
from carrel.server.store import template_repositories, templates
from carrel.server.store.schema import members, openings, projects, secrets, shares, tokens, users, workspaces
from carrel.server.store.sessions import ReadSession, WriteSession, batched
from carrel.server.store.wakeups import ACCESS, WORKSPACES

PROJECT_SCOPES = ("project", "domain")
"""Scopes of secrets whose owner begins with a project's name."""


@dataclass(frozen=True)
class Member:
    """Who is what in a project."""

    user_id: str
    user: str
    """The user's name."""
    project: str
    domain: str
    """Empty: in all of them."""
    role: Role
    created_at: datetime


async def insert_project(session: WriteSession, project: Project) -> Project:
    """Store a new project. Raises `name_taken`."""
    values = {"description": project.description, "created_at": session.now}
    try:
        await session.run(insert(projects).values(name=project.name, **values))
    except IntegrityError as error:
        hint = "Choose another name; letter case makes no difference."
        raise Problem("name_taken", f"There is a project {project.name!r} already.", hint) from error
    return await _there(session, project.name)


async def ensure(session: WriteSession, name: str) -> None:
    """Make the project where there is none, without a word: the default one, and those of a local-mode server."""
    made = (postgresql if session.dialect == "postgresql" else sqlite).insert(projects)
    values = {"name": name, "description": "", "created_at": session.now}
    await session.run(made.values(values).on_conflict_do_nothing())


async def get(session: ReadSession, name: str) -> Project | None:
    """The project of this name in any letter case, or None; the default one is there before its row."""
    if not name.isprintable():  # PostgreSQL takes no NUL, not even in a question
        return None
    row = await session.one(select(projects).where(projects.c.name == name.casefold()))
    if row is None:
        return Project(DEFAULT_PROJECT) if name.casefold() == DEFAULT_PROJECT else None
    return _from_row(row)


async def all_projects(session: ReadSession) -> list[Project]:
    """All of them, in the order of names."""
    found = [_from_row(row) for row in await session.all(select(projects))]
    if all(one.name != DEFAULT_PROJECT for one in found):
        found.append(Project(DEFAULT_PROJECT))
    return sorted(found, key=lambda one: one.name)


async def describe(session: WriteSession, name: str, description: str) -> None:
    """Store another description."""
    await session.run(update(projects).where(projects.c.name == name).values(description=description))


async def lock(session: WriteSession, name: str, *, shared: bool = False) -> None:
    """Let nobody else use the project until the end of the transaction; `shared`: let nobody delete it."""
    await session.one(
        select(projects.c.name).where(projects.c.name == name).with_for_update(read=shared, key_share=shared)
    )


async def holds(session: ReadSession, name: str) -> dict[str, int]:
    """What is in the project: how many `workspaces` (trash included) and `secrets`."""
    living = and_(workspaces.c.project == name, workspaces.c.purged_at.is_(None))
    owned = or_(secrets.c.owner == name, secrets.c.owner.startswith(f"{name}/", autoescape=True))
    stored = and_(secrets.c.scope.in_(PROJECT_SCOPES), owned)
    return {
        "workspaces": int(await session.scalar(select(func.count()).select_from(workspaces).where(living))),
        "secrets": int(await session.scalar(select(func.count()).select_from(secrets).where(stored))),
    }


async def remove(session: WriteSession, name: str) -> None:
    """Remove a project, its memberships and its templates."""
    await templates.remove_of_project(session, name)
    await template_repositories.remove_of_project(session, name)
    await session.run(delete(members).where(members.c.project == name))
    await session.run(delete(projects).where(projects.c.name == name))
    session.wake(ACCESS)


# --- members ---------------------------------------------------------------------------------------------------------


async def memberships(session: ReadSession, user_ids: Iterable[str]) -> dict[str, dict[tuple[str, str], Role]]:
    """What these users are, by user, then by project and domain: with one query for many."""
    found: dict[str, dict[tuple[str, str], Role]] = {}
    for some in batched(sorted(set(user_ids))):
        columns = (members.c.user_id, members.c.project, members.c.domain, members.c.role)
        for row in await session.all(select(*columns).where(members.c.user_id.in_(some))):
            found.setdefault(row.user_id, {})[row.project, row.domain] = Role(row.role)
    return found


async def members_of(session: ReadSession, project: str) -> list[Member]:
    """Everybody who is a member, in the order of names and domains."""
    statement = select(members, users.c.name.label("user")).join(users, users.c.id == members.c.user_id)
    statement = statement.where(members.c.project == project).order_by(users.c.name, members.c.domain)
    return [
        Member(row.user_id, row.user, row.project, row.domain, Role(row.role), row.created_at)
        for row in await session.all(statement)
    ]


async def put_member(session: WriteSession, project: str, domain: str, user_id: str, role: Role) -> Role | None:
    """Make somebody a member, or something else than he was; what he was before."""
    which = _membership(project, domain, user_id)
    before = await session.scalar(select(members.c.role).where(which))
    if before is None:
        values = {"project": project, "domain": domain, "user_id": user_id, "role": role, "created_at": session.now}
        await session.run(insert(members).values(values))
    else:
        await session.run(update(members).where(which).values(role=role))
    session.wake(ACCESS, WORKSPACES)
    return None if before is None else Role(before)


async def remove_member(session: WriteSession, project: str, domain: str, user_id: str) -> bool:
    """End a membership; whether there was one. What is open by it ends within seconds."""
    session.wake(ACCESS, WORKSPACES)
    return await session.run(delete(members).where(_membership(project, domain, user_id))) > 0


def _membership(project: str, domain: str, user_id: str) -> Any:
    return and_(members.c.project == project, members.c.domain == domain, members.c.user_id == user_id)


async def close_what_he_opened(session: WriteSession, project: str, domain: str, user_id: str) -> None:
    """End a user's guest links to workspaces of a project (and domain, where one is given), and close his ports."""
    inside = workspaces.c.project == project
    theirs = select(workspaces.c.id).where(and_(inside, workspaces.c.domain == domain) if domain else inside)
    which = and_(shares.c.made_by == user_id, shares.c.user_id.is_(None), shares.c.workspace_id.in_(theirs))
    links = select(shares.c.id).where(which)
    sessions = select(tokens.c.id).where(tokens.c.parent_id.in_(links))
    await session.run(delete(tokens).where(tokens.c.parent_id.in_(sessions)))
    await session.run(delete(tokens).where(tokens.c.parent_id.in_(links)))
    await session.run(delete(shares).where(which))
    await session.run(delete(openings).where(openings.c.made_by == user_id, openings.c.workspace_id.in_(theirs)))
    session.wake(ACCESS, WORKSPACES)


async def _there(session: ReadSession, name: str) -> Project:
    found = await get(session, name)
    assert found is not None  # noqa: S101  it was just put there
    return found


def _from_row(row: Row[Any]) -> Project:
    return Project(
        row.name, row.description, row.created_at, row.policy or ProjectPolicy(), row.limits or ProjectLimits()
    )
