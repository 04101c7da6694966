"""Rows of workspaces: what people may see of them, and how they are found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, false, func, literal, or_, select, true, tuple_, update
from sqlalchemy.exc import IntegrityError

from carrel.core.access import Action, Actor, Reach, given, places, reach
from carrel.core.names import check_name
from carrel.core.problems import Problem
from carrel.core.spec import Egress
from carrel.core.template import TemplateStanding, Update
from carrel.core.urls import HASH_LENGTH, AppAddress, app_label, parse_label
from carrel.core.workspace import PREBUILD, Goal, Phase, Workspace
from carrel.server.store.columns import DatabaseNow, Instant
from carrel.server.store.schema import projects, template_versions, templates, users, workspaces
from carrel.server.store.sessions import ReadSession, WriteSession, batched
from carrel.server.store.wakeups import LOOP, WORKSPACES, intent_of, of_workspace

_FIELDS = tuple(f.name for f in fields(Workspace) if f.name not in {"owner", "policy", "template"})
"""Members of Workspace that are columns of their own."""
_ENUMS: dict[str, dict[str, Any]] = {
    "goal": {goal.value: goal for goal in Goal},
    "phase": {phase.value: phase for phase in Phase},
    "egress": {egress.value: egress for egress in Egress},
}
_COLUMNS = tuple(workspaces.c[name] for name in _FIELDS)
_NAMES = (*_FIELDS, "owner", "policy")
_STANDING = (
    templates.c.name,
    templates.c.project,
    templates.c.newest,
    templates.c.withdrawn_at,
    template_versions.c.update_when,
    template_versions.c.policy,
)
"""Of the template that a workspace was made from, after the columns of `_NAMES`."""


def selected() -> Select[Any]:
    """A SELECT of all that `from_row` needs."""
    # The policy comes with every row, so that an edit of it applies to whatever is read after it.
    standing = (column.label(f"template_{column.name}_now") for column in _STANDING)
    columns = (*_COLUMNS, users.c.name.label("owner"), projects.c.policy, *standing)
    joined = select(*columns).join(users, users.c.id == workspaces.c.owner_id)
    joined = joined.outerjoin(projects, projects.c.name == workspaces.c.project)
    number = and_(
        template_versions.c.template_id == workspaces.c.template_id,
        template_versions.c.number == workspaces.c.template_version,
    )
    return joined.outerjoin(templates, templates.c.id == workspaces.c.template_id).outerjoin(template_versions, number)


def from_row(row: Row[Any]) -> Workspace:
    """A row of `selected` as the core's record."""
    members = dict(zip(_NAMES, row, strict=False))
    if members["template_id"] is not None:
        members["template"] = _standing(*row[len(_NAMES) :])
    for name, values in _ENUMS.items():
        members[name] = values[members[name]]
    return Workspace(**members)


def _standing(*columns: Any) -> TemplateStanding | None:
    """The template as it stands now; None where it is gone."""
    name, project, newest, withdrawn_at, update_when, policy = columns
    if name is None or update_when is None:
        return None
    return TemplateStanding(name, project, newest, withdrawn_at is not None, Update(update_when), policy)


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Which rows the actor knows of: those that he may read, and those that he may only watch."""
    watched = sorted(given(actor, Action.WORKSPACE_WATCH))
    reads = visible(actor)
    return or_(reads, and_(workspaces.c.id.in_(watched), workspaces.c.goal != Goal.DELETE)) if watched else reads


def visible(actor: Actor) -> ColumnElement[bool]:
    """Which rows the actor may read: with their events and logs."""
    limit = reach(actor, Action.WORKSPACE_READ)
    if limit is Reach.ALL:
        return true()
    seen: list[ColumnElement[bool]] = []
    if limit is not Reach.NONE:
        seen.append(workspaces.c.owner_id == actor.user_id)
    for project, domain in sorted(places(actor, Action.WORKSPACE_READ)):
        whole = workspaces.c.project == project
        seen.append(and_(whole, workspaces.c.domain == domain) if domain else whole)
    if shared := given(actor, Action.WORKSPACE_READ):
        seen.append(and_(workspaces.c.id.in_(sorted(shared)), workspaces.c.goal != Goal.DELETE))
    return or_(*seen) if seen else false()


@dataclass(frozen=True)
class Filter:
    """Which of the visible workspaces a list has."""

    phases: tuple[Phase, ...] = ()
    project: str = ""
    owner: str = ""
    """The owner's user name."""
    text: str = ""
    """Part of the name or of the source's address."""
    deleted: bool = False
    """Those in the trash instead of the others."""
    shared: bool = False
    """Only those that others share with the actor."""
    archived: bool | None = None
    """Only those that are put aside, or (False) only the others."""
    domain: str = ""


async def get(session: ReadSession, actor: Actor, id_or_name: str, owner: str = "") -> Workspace:
    """The workspace of this id, or of this name of `owner` (empty: the actor's own), or `NAME--OWNER`.

    Raises:
        Problem: `not_found`, also for what the actor may not see.
    """
    if not owner and "--" in id_or_name:
        id_or_name, _, owner = id_or_name.partition("--")
    name = id_or_name.casefold()
    by_name = and_(workspaces.c.name == name, users.c.name == (owner or actor.name).casefold())
    statement = (
        selected()
        .where(seen_by(actor), workspaces.c.purged_at.is_(None))
        .where(or_(workspaces.c.id == ("" if owner else id_or_name), by_name))
        # An id before a name; a living one before those in the trash; the newest of those.
        .order_by(workspaces.c.id != id_or_name, workspaces.c.goal == Goal.DELETE, workspaces.c.goal_at.desc())
        .limit(1)
    )
    row = await session.one(statement)
    if row is None:
        if owner and owner.casefold() != actor.name.casefold():
            hint = "`carrel ls --shared` lists what others share with you."
            raise Problem("not_found", f"No workspace '{owner[:80]}/{id_or_name[:80]}' is shared with you.", hint)
        raise Problem("not_found", f"You have no workspace {id_or_name[:80]!r}.")
    return from_row(row)


async def list_page(
    session: ReadSession, actor: Actor, chosen: Filter, limit: int, after: tuple[datetime, str] | None = None
) -> list[Workspace]:
    """At most `limit` workspaces that the actor knows of, newest first, that come after the `(created_at, id)` of a last one."""
    statement = selected().where(seen_by(actor), workspaces.c.purged_at.is_(None), *_conditions(chosen))
    if chosen.shared:
        statement = statement.where(workspaces.c.id.in_(sorted(actor.shares)), workspaces.c.owner_id != actor.user_id)
    if after is not None:
        place = tuple_(literal(after[0], Instant), literal(after[1]))
        statement = statement.where(tuple_(workspaces.c.created_at, workspaces.c.id) < place)
    statement = statement.order_by(workspaces.c.created_at.desc(), workspaces.c.id.desc()).limit(limit)
    return [from_row(row) for row in await session.all(statement)]


def _conditions(chosen: Filter) -> list[ColumnElement[bool]]:
    deleted = workspaces.c.goal == Goal.DELETE
    conditions: list[ColumnElement[bool]] = [deleted if chosen.deleted else ~deleted]
    if chosen.phases:
        conditions.append(workspaces.c.phase.in_(chosen.phases))
    if chosen.project:
        conditions.append(workspaces.c.project == chosen.project)
    if chosen.domain:
        conditions.append(workspaces.c.domain == chosen.domain)
    if chosen.archived is not None:
        conditions.append(workspaces.c.archived.is_(chosen.archived))
    if chosen.owner:
        conditions.append(users.c.name == chosen.owner.casefold())
    if chosen.text:
        text = chosen.text.casefold()
        in_name = workspaces.c.name.contains(text, autoescape=True)
        conditions.append(or_(in_name, func.lower(workspaces.c.source).contains(text, autoescape=True)))
    return conditions


async def find(session: ReadSession, workspace_id: str) -> Workspace | None:
    """The workspace of this id, unscoped: for the loop and for the authority behind proxy and gateway."""
    row = await session.one(selected().where(workspaces.c.id == workspace_id, workspaces.c.purged_at.is_(None)))
    return None if row is None else from_row(row)


async def find_all(session: ReadSession, workspace_ids: Iterable[str]) -> dict[str, Workspace]:
    """Those of these ids that there are, unscoped."""
    found: dict[str, Workspace] = {}
    for some in batched(sorted(set(workspace_ids))):
        statement = selected().where(workspaces.c.id.in_(some), workspaces.c.purged_at.is_(None))
        found |= {row.id: from_row(row) for row in await session.all(statement)}
    return found


async def running(session: ReadSession) -> dict[str, tuple[object, ...]]:
    """What connections to each running workspace were let in to: name, owner, start and endpoint; unscoped.

    Read again at every change of any workspace, so only what is needed.
    """
    columns = (workspaces.c.id, workspaces.c.name, workspaces.c.owner_id, workspaces.c.remembered)
    statement = select(*columns).where(workspaces.c.phase == Phase.RUNNING, workspaces.c.purged_at.is_(None))
    return {
        row.id: (row.name, row.owner_id, row.remembered.started, row.remembered.endpoint)
        for row in await session.all(statement)
    }


async def toolboxes_in_use(session: ReadSession) -> frozenset[str]:
    """Toolboxes that workspaces were started with, unscoped: what the collection must keep."""
    rows = await session.all(select(workspaces.c.remembered).where(workspaces.c.purged_at.is_(None)))
    return frozenset(row.remembered.toolbox for row in rows if row.remembered.toolbox)


async def find_by_label(session: ReadSession, label: str) -> tuple[Workspace, str] | None:
    """The living workspace and the app that a host label names, unscoped; shortened labels (core.urls) too."""
    label = label.casefold()
    address = parse_label(label)
    app, _, rest = label.partition("--")
    living = selected().where(workspaces.c.purged_at.is_(None), workspaces.c.goal != Goal.DELETE)
    if address is not None:
        app = address.app
        exact = living.where(workspaces.c.name == address.workspace, users.c.name == address.owner)
        row = await session.one(exact)
        if row is not None:
            return from_row(row), app
    # A shortened label has the begin of name and owner; its hash tells which of the candidates it is.
    begin = rest[: -HASH_LENGTH - 1]
    similar = or_(workspaces.c.name.startswith(begin, autoescape=True), literal(begin).startswith(workspaces.c.name))
    for row in await session.all(living.where(similar)):
        workspace = from_row(row)
        if app_label(AppAddress(app, workspace.name, workspace.owner)) == label:
            return workspace, app
    return None


async def names_like(session: ReadSession, owner_id: str, name: str) -> frozenset[str]:
    """The owner's names in use that begin with this one."""
    statement = select(workspaces.c.name).where(
        workspaces.c.owner_id == owner_id,
        workspaces.c.goal != Goal.DELETE,
        workspaces.c.purged_at.is_(None),
        workspaces.c.name.startswith(name, autoescape=True),
    )
    return frozenset(row.name for row in await session.all(statement))


async def prebuilds(session: ReadSession, owner_id: str) -> list[Workspace]:
    """The owner's prebuilds, newest first."""
    statement = selected().where(
        workspaces.c.owner_id == owner_id,
        workspaces.c.goal != Goal.DELETE,
        workspaces.c.purged_at.is_(None),
        func.lower(workspaces.c.labels).contains(PREBUILD),
    )
    found = [from_row(row) for row in await session.all(statement.order_by(workspaces.c.created_at.desc()))]
    return [workspace for workspace in found if workspace.is_prebuild]


async def insert(session: WriteSession, workspace: Workspace) -> None:
    """Store a new workspace, due at once.

    Raises:
        Problem: `name_taken`.
    """
    values: dict[str, Any] = {name: getattr(workspace, name) for name in _FIELDS}
    values |= {"name": check_name(workspace.name), "last_event": 0, "created_at": session.now, "goal_at": session.now}
    try:
        await session.run(workspaces.insert().values(values | {"wake_at": DatabaseNow()}))
    except IntegrityError as error:
        raise taken(workspace.name) from error
    session.wake(LOOP, WORKSPACES)


async def lock(session: WriteSession, actor: Actor, id_or_name: str, owner: str = "") -> Workspace:
    """Like `get`, and nobody else changes this workspace until the end of the transaction."""
    workspace = await get(session, actor, id_or_name, owner)
    return await lock_id(session, workspace.id)


async def lock_id(session: WriteSession, workspace_id: str) -> Workspace:
    """The newest state of a workspace, held; `not_found` where it is gone."""
    statement = selected().where(workspaces.c.id == workspace_id, workspaces.c.purged_at.is_(None))
    row = await session.one(statement.with_for_update(of=workspaces))
    if row is None:
        raise Problem("not_found")
    return from_row(row)


async def change(session: WriteSession, workspace_id: str, values: Mapping[str, Any]) -> None:
    """Change columns of a locked workspace and make it due at once.

    Raises:
        Problem: `name_taken`, where it comes back from the trash and its name is in use.
    """
    statement = update(workspaces).where(workspaces.c.id == workspace_id)
    try:
        await session.run(statement.values({**values, "wake_at": DatabaseNow()}))
    except IntegrityError as error:
        raise taken(str(values.get("name", ""))) from error
    session.wake(LOOP, WORKSPACES, of_workspace(workspace_id), intent_of(workspace_id))


def taken(name: str) -> Problem:
    """The problem of a name in use."""
    return Problem("name_taken", f"You already have a workspace {name!r}." if name else "")


async def remove_tombstones(session: WriteSession, before: datetime) -> int:
    """Remove the last rows of workspaces that were purged before a time, with their events; how many."""
    return await session.run(delete(workspaces).where(workspaces.c.purged_at < before))
