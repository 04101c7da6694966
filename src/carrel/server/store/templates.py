"""Rows of the catalog: templates, and their versions with the files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from carrel.core.access import Actor
from carrel.core.project import ProjectPolicy
from carrel.core.template import Update
from carrel.core.workspace import Goal, new_id
from carrel.server.store.schema import template_repositories, template_versions, templates, workspaces
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.wakeups import WORKSPACES
from carrel.server.store.workspaces import visible
from carrel.templates.packing import pack, unpack


@dataclass(frozen=True)
class CatalogTemplate:
    """An entry of the catalog."""

    id: str
    project: str
    """Empty: everybody's."""
    name: str
    newest: int
    """Number of its newest version; 0: it has none yet."""
    withdrawn_at: datetime | None
    """Since when no workspace is made from it; None: they are."""
    repository_id: str | None
    """None: it was pushed."""
    folder: str
    """In the repository."""
    problem: str
    """Why its folder could not be read when it was last synchronised; empty: it could."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class TemplateVersion:
    """A version of a template, without its files."""

    number: int
    digest: str
    """Of its files."""
    title: str
    description: str
    icon: str
    update: Update
    policy: ProjectPolicy | None
    commit: str
    """Of the repository; empty: it was pushed."""
    notices: tuple[str, ...]
    created_at: datetime
    created_by: str
    """The name."""


@dataclass(frozen=True)
class NewVersion:
    """A version to be added."""

    digest: str
    title: str
    description: str
    icon: str
    update: Update
    policy: ProjectPolicy | None
    files: Mapping[str, bytes]
    commit: str = ""
    notices: tuple[str, ...] = ()


KEPT_VERSIONS = 100
"""Of a template; older ones are kept as long as a workspace has them."""
_VERSION = tuple(column for column in template_versions.c if column.name not in {"template_id", "files"})
_OF_ENTRY = len(templates.c)


def _entry(columns: Sequence[Any]) -> CatalogTemplate:
    return CatalogTemplate(*columns)


def _version(columns: Sequence[Any]) -> TemplateVersion:
    number, digest, title, description, icon, when, policy, commit, notices, at, by = columns
    return TemplateVersion(
        number, digest, title, description, icon, Update(when), policy, commit, tuple(notices), at, by
    )


async def find(session: ReadSession, project: str, name: str) -> CatalogTemplate | None:
    """The template of this name (case-folded) in this project, empty: among everybody's."""
    row = await session.one(select(templates).where(templates.c.project == project, templates.c.name == name))
    return None if row is None else _entry(row)


async def find_id(session: ReadSession, template_id: str) -> CatalogTemplate | None:
    """The template of this id."""
    row = await session.one(select(templates).where(templates.c.id == template_id))
    return None if row is None else _entry(row)


async def of_projects(
    session: ReadSession, projects: Collection[str] | None
) -> list[tuple[CatalogTemplate, TemplateVersion]]:
    """The templates of these projects (None: of all), each with its newest version, by name and project."""
    is_newest = and_(
        template_versions.c.template_id == templates.c.id, template_versions.c.number == templates.c.newest
    )
    statement = select(*templates.c, *_VERSION).join(template_versions, is_newest)
    if projects is not None:
        statement = statement.where(templates.c.project.in_(sorted(projects)))
    rows = await session.all(statement.order_by(templates.c.name, templates.c.project))
    return [(_entry(row[:_OF_ENTRY]), _version(row[_OF_ENTRY:])) for row in rows]


async def of_repository(session: ReadSession, repository_id: str) -> list[CatalogTemplate]:
    """The templates that come from a repository, by folder."""
    statement = select(templates).where(templates.c.repository_id == repository_id)
    return [_entry(row) for row in await session.all(statement.order_by(templates.c.folder, templates.c.name))]


async def version(session: ReadSession, template_id: str, number: int) -> TemplateVersion | None:
    """One version."""
    which = and_(template_versions.c.template_id == template_id, template_versions.c.number == number)
    row = await session.one(select(*_VERSION).where(which))
    return None if row is None else _version(row)


async def versions(session: ReadSession, template_id: str) -> list[TemplateVersion]:
    """All versions, the newest first."""
    statement = select(*_VERSION).where(template_versions.c.template_id == template_id)
    return [_version(row) for row in await session.all(statement.order_by(template_versions.c.number.desc()))]


async def files(session: ReadSession, template_id: str, number: int) -> dict[str, bytes] | None:
    """The files of a version by path, template.yaml among them; None: there is no such version."""
    which = and_(template_versions.c.template_id == template_id, template_versions.c.number == number)
    packed = await session.scalar(select(template_versions.c.files).where(which))
    return None if packed is None else unpack(packed)


async def uses(session: ReadSession, actor: Actor, template_ids: Collection[str]) -> dict[str, int]:
    """How many workspaces that the actor may read were made from each of these templates, the trash excluded."""
    living = and_(workspaces.c.goal != Goal.DELETE, workspaces.c.purged_at.is_(None), visible(actor))
    of_these = workspaces.c.template_id.in_(sorted(template_ids))
    statement = select(workspaces.c.template_id, func.count().label("number")).where(of_these, living)
    return {row.template_id: row.number for row in await session.all(statement.group_by(workspaces.c.template_id))}


# --- change ----------------------------------------------------------------------------------------------------------


async def hold(session: WriteSession, project: str, name: str) -> CatalogTemplate:
    """The template of this name, made without a version where there is none; nobody else changes it meanwhile."""
    made = (postgresql if session.dialect == "postgresql" else sqlite).insert(templates)
    values = {"id": new_id(), "project": project, "name": name, "newest": 0, "folder": "", "problem": ""}
    at = {"created_at": session.now, "updated_at": session.now}
    await session.run(made.values(values | at).on_conflict_do_nothing())
    found = await lock(session, project, name)
    assert found is not None  # noqa: S101  it was just put there
    return found


async def lock(session: WriteSession, project: str, name: str) -> CatalogTemplate | None:
    """The template of this name; nobody else changes it until the end of the transaction."""
    which = and_(templates.c.project == project, templates.c.name == name)
    row = await session.one(select(templates).where(which).with_for_update())
    return None if row is None else _entry(row)


async def change(session: WriteSession, template_id: str, values: Mapping[str, Any]) -> None:
    """Change columns of a template that is held."""
    await session.run(update(templates).where(templates.c.id == template_id).values(dict(values)))
    session.wake(WORKSPACES)


async def add_version(session: WriteSession, template: CatalogTemplate, new: NewVersion, by: str) -> int:
    """Store the next version of a template that is held; its number."""
    number = template.newest + 1
    values = {
        "template_id": template.id,
        "number": number,
        "digest": new.digest,
        "title": new.title,
        "description": new.description,
        "icon": new.icon,
        "update_when": new.update,
        "policy": new.policy,
        "files": pack(new.files),
        "commit": new.commit,
        "notices": list(new.notices),
        "created_at": session.now,
        "created_by": by[:40],
    }
    await session.run(insert(template_versions).values(values))
    await change(session, template.id, {"newest": number, "updated_at": session.now})
    await _remove_old(session, template.id, number)
    return number


async def _remove_old(session: WriteSession, template_id: str, newest: int) -> None:
    """Remove versions that are far behind the newest and that no workspace has."""
    used = select(workspaces.c.template_version).where(
        workspaces.c.template_id == template_id,
        workspaces.c.purged_at.is_(None),
        workspaces.c.template_version.is_not(None),
    )
    old = and_(template_versions.c.template_id == template_id, template_versions.c.number <= newest - KEPT_VERSIONS)
    await session.run(delete(template_versions).where(old, template_versions.c.number.not_in(used)))


async def remove(session: WriteSession, template_id: str) -> None:
    """Remove a template with its versions; workspaces of it keep what they have."""
    await session.run(delete(template_versions).where(template_versions.c.template_id == template_id))
    await session.run(delete(templates).where(templates.c.id == template_id))
    session.wake(WORKSPACES)


async def remove_of_project(session: WriteSession, project: str) -> None:
    """Remove the templates of a project that goes, and the repositories that they come from."""
    theirs = select(templates.c.id).where(templates.c.project == project)
    await session.run(delete(template_versions).where(template_versions.c.template_id.in_(theirs)))
    await session.run(delete(templates).where(templates.c.project == project))
    await session.run(delete(template_repositories).where(template_repositories.c.project == project))
