"""The catalog of templates: who sees which, how a version comes in, how one goes (ADR 0037)."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from carrel.core.access import Action, Actor, Reach, Resource, allows, reach
from carrel.core.names import check_name
from carrel.core.problems import Problem
from carrel.core.project import DOMAINS
from carrel.core.template import Template
from carrel.devcontainer.policy import project_grants
from carrel.server.actions.projects import get_project
from carrel.server.settings import Settings
from carrel.server.store import audit, projects, templates
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.templates import CatalogTemplate, NewVersion, TemplateVersion
from carrel.templates.folder import TemplateFolder, read_template_folder
from carrel.templates.packing import check_files, digest_of
from carrel.templates.use import policy_of

EVERYBODY = ""
"""The project of templates that are everybody's."""
MOST_TEMPLATES = 500
"""Of a project."""


@dataclass(frozen=True)
class RepositoryUse:
    """Where in which repository a template lies."""

    id: str
    folder: str
    commit: str


@dataclass(frozen=True)
class Published:
    """What became of a template's files."""

    template: CatalogTemplate
    version: TemplateVersion
    is_new: bool
    """False: its newest version has the same files."""


@dataclass(frozen=True)
class Listed:
    """An entry of the catalog, as the actor sees it."""

    template: CatalogTemplate
    version: TemplateVersion
    """The newest, or the one that was asked for."""
    workspaces: int
    """Made from it, of those that the actor may read."""
    may: tuple[str, ...]
    """`use`, `manage`."""


# --- who may what ----------------------------------------------------------------------------------------------------


def may_read(actor: Actor, project: str) -> bool:
    """Whether the actor sees the templates of a project: by a role in any of its domains; all who have an account everybody's."""
    if not project:
        return reach(actor, Action.TEMPLATE_READ) is not Reach.NONE
    if reach(actor, Action.TEMPLATE_READ, project) is not Reach.NONE:
        return True
    domains = {domain for name, domain in actor.projects if name == project}
    return any(reach(actor, Action.TEMPLATE_READ, project, domain) >= Reach.PROJECT for domain in domains)


def may_use(actor: Actor, project: str) -> bool:
    """Whether the actor may make workspaces of the templates of a project."""
    places = [(project, domain) for domain in DOMAINS] if project else [("default", ""), *actor.projects]
    return any(reach(actor, Action.WORKSPACE_CREATE, *place) is not Reach.NONE for place in places)


def may_manage(actor: Actor, project: str) -> bool:
    """Whether the actor looks after the templates of a project; after everybody's only who reaches all."""
    return allows(actor, Action.TEMPLATE_MANAGE, Resource("", project))


def reaches_all(actor: Actor) -> bool:
    """Whether the templates that the actor publishes may grant whatever there is."""
    return reach(actor, Action.TEMPLATE_MANAGE) is Reach.ALL


def rights(actor: Actor, project: str) -> tuple[str, ...]:
    """`use`, `manage`."""
    return tuple(
        word for word, may in (("use", may_use(actor, project)), ("manage", may_manage(actor, project))) if may
    )


async def managed_place(actor: Actor, session: WriteSession, project: str) -> str:
    """A project's name (empty: everybody's) in whose catalog the actor puts things; it stays until the end of the transaction.

    Raises:
        Problem: `not_found`, `not_allowed`.
    """
    name = (await get_project(actor, session, project)).name if project else EVERYBODY
    if not may_manage(actor, name):
        whose = f"of {name}" if name else "that are everybody's"
        hint = "Ask one of its maintainers." if name else "Ask an administrator, or push it into a project of yours."
        raise Problem("not_allowed", f"{actor.name} does not look after the templates {whose}.", hint)
    if name:
        await projects.ensure(session, name)
        await projects.lock(session, name, shared=True)
    return name


# --- look ------------------------------------------------------------------------------------------------------------


async def list_templates(actor: Actor, session: ReadSession, project: str | None) -> list[Listed]:
    """The templates that the actor sees: of a project and everybody's (None: of all projects). Raises `not_found`."""
    if project:
        project = (await get_project(actor, session, project)).name
    wanted = None if project is None else {project, EVERYBODY}
    found = [row for row in await templates.of_projects(session, wanted) if may_read(actor, row[0].project)]
    counted = await templates.uses(session, actor, [entry.id for entry, _ in found])
    known: dict[str, tuple[str, ...]] = {}
    for entry, _ in found:
        if entry.project not in known:
            known[entry.project] = rights(actor, entry.project)
    return [Listed(entry, version, counted.get(entry.id, 0), known[entry.project]) for entry, version in found]


async def find_template(actor: Actor, session: ReadSession, project: str, name: str) -> CatalogTemplate:
    """The template of a name in a project, else among everybody's. Raises `not_found` naming those there are, `bad_name`."""
    name = check_name(name, what="template")
    if project:
        project = (await get_project(actor, session, project)).name
    for place in dict.fromkeys((project, EVERYBODY)):
        if may_read(actor, place):
            found = await templates.find(session, place, name)
            if found is not None and found.newest:
                return found
    there = [
        one.template.name for one in await list_templates(actor, session, project) if not one.template.withdrawn_at
    ]
    near = difflib.get_close_matches(name, there, n=5, cutoff=0.0)
    hint = f"There are: {', '.join(near)}." if near else "There are none yet: `carrel template push FOLDER` makes one."
    raise Problem(
        "not_found", f"There is no template {name!r}{f' for the project {project}' if project else ''}.", hint
    )


async def find_version(session: ReadSession, template: CatalogTemplate, version: str = "") -> TemplateVersion:
    """A version of a template by its number, the newest where none is given. Raises `not_found`."""
    number = template.newest if not version else int(version) if version.isascii() and version.isdecimal() else 0
    found = await templates.version(session, template.id, number) if number < 2**31 else None
    if found is None:
        hint = f"Its versions are 1 to {template.newest}." if template.newest > 1 else "Its only version is 1."
        raise Problem("not_found", f"The template {template.name} has no version {version[:40]!r}.", hint)
    return found


async def get_template(
    actor: Actor, session: ReadSession, project: str, name: str, version: str = ""
) -> tuple[Listed, TemplateFolder]:
    """A template in one version (empty: the newest), with what its folder says. Raises `not_found`, `bad_name`."""
    found = await find_template(actor, session, project, name)
    row = await find_version(session, found, version)
    counted = await templates.uses(session, actor, [found.id])
    listed = Listed(found, row, counted.get(found.id, 0), rights(actor, found.project))
    return listed, await folder_of(session, found.id, row.number)


async def folder_of(session: ReadSession, template_id: str, number: int) -> TemplateFolder:
    """What a stored version says. Raises `not_found` where it is gone."""
    files = await templates.files(session, template_id, number)
    if files is None:
        raise Problem("not_found", f"There is no version {number} of that template any more.")
    return _read(tuple(sorted(files.items())))


@lru_cache(maxsize=64)
def _read(files: tuple[tuple[str, bytes], ...]) -> TemplateFolder:
    """What the files of a version say: they never change, and an author can make reading them take seconds."""
    return read_template_folder(dict(files))


# --- change ----------------------------------------------------------------------------------------------------------


async def push(
    actor: Actor, session: WriteSession, settings: Settings, project: str, name: str, files: Mapping[str, bytes]
) -> Published:
    """Put a template that a person sends into the catalog; `name` is the one of its template.yaml.

    Raises:
        Problem: `not_found`, `not_allowed`, `bad_value`, `bad_name`, `name_taken` (it comes from a repository).
    """
    place = await managed_place(actor, session, project)
    check_files(files)
    said = read_template_folder(files).template.name
    if check_name(name, what="template") != said:
        raise Problem("bad_value", f"The template.yaml is of the template {said!r}, not of {name[:80]!r}.")
    return await publish(actor, session, settings, place, files, may_grant=reaches_all(actor))


async def publish(  # noqa: PLR0913  who, where, what, and by what right
    actor: Actor,
    session: WriteSession,
    settings: Settings,
    project: str,
    files: Mapping[str, bytes],
    *,
    repository: RepositoryUse | None = None,
    may_grant: bool,
) -> Published:
    """Put a template into the catalog, as a new version where its files are others than the newest one's.

    Whether the actor may was asked before (`managed_place`).

    Args:
        actor: who is named as its author.
        session: of the transaction.
        settings: which say what projects may grant.
        project: empty: everybody's.
        files: of the folder, by path.
        repository: where it comes from; None: it was pushed.
        may_grant: its `grants` may be any; else only those that the project has by the settings.

    Raises:
        Problem: `bad_value` with line and column, `not_allowed` naming grants, `name_taken` (it comes from elsewhere).
    """
    check_files(files)
    folder = read_template_folder(files)
    template = folder.template
    if not may_grant:
        _check_grants(settings, project, template)
    held = await templates.hold(session, project, template.name)
    _check_origin(held, repository)
    digest = digest_of(files)
    newest = await templates.version(session, held.id, held.newest)
    is_new = newest is None or newest.digest != digest
    values: dict[str, object] = {"withdrawn_at": None, "problem": ""}
    values |= {
        "repository_id": repository.id if repository else None,
        "folder": repository.folder if repository else "",
    }
    if any(getattr(held, member) != value for member, value in values.items()):
        await templates.change(session, held.id, values)
    if is_new:
        if held.newest == 0:
            await _check_number(session, project)
        new = NewVersion(
            digest=digest,
            title=template.title,
            description=template.description,
            icon=template.icon,
            update=template.update,
            policy=policy_of(template),
            files=files,
            commit=repository.commit if repository else "",
            notices=folder.notices,
        )
        number = await templates.add_version(session, held, new, actor.name)
        detail = {"name": template.name, "version": number, "project": project, "grants": list(template.grants)}
        detail |= {"repository": repository.id, "commit": repository.commit} if repository else {}
        await audit.append(session, actor, "template.published", f"template:{held.id}", detail)
    elif held.withdrawn_at is not None:
        detail = {"name": held.name, "version": held.newest, "project": project, "again": True}
        await audit.append(session, actor, "template.published", f"template:{held.id}", detail)
    entry = await templates.find(session, project, template.name)
    assert entry is not None  # noqa: S101  it is held
    return Published(entry, await find_version(session, entry), is_new)


def _check_grants(settings: Settings, project: str, template: Template) -> None:
    """Raise `not_allowed` for grants that the project does not have already."""
    given = project_grants(settings.project_grants)
    has = given.get("*", frozenset()) | given.get(project, frozenset())
    beyond = [grant for grant in template.grants if grant not in has and grant.partition(":")[0] not in has]
    if beyond:
        detail = f"The template grants {', '.join(beyond)}, which {project or 'no project'} does not have."
        hint = "Take them out, have an administrator publish it, or have the setting `project_grants` give them."
        raise Problem("not_allowed", detail, hint)


def _check_origin(held: CatalogTemplate, repository: RepositoryUse | None) -> None:
    """Raise `name_taken` where the template comes from elsewhere. One that is left of a repository that is gone is anybody's."""
    mine = repository.id if repository else None
    is_left_over = held.repository_id is None and held.withdrawn_at is not None
    if held.newest == 0 or held.repository_id == mine or is_left_over:
        return
    where = "comes from a repository" if held.repository_id else "was pushed"
    if held.repository_id and repository:
        where = "comes from another repository"
    hint = f"Give it another name, or delete the other one: `carrel template delete {held.name}`."
    raise Problem("name_taken", f"There is a template {held.name!r} already, which {where}.", hint)


async def _check_number(session: WriteSession, project: str) -> None:
    if len(await templates.of_projects(session, {project})) >= MOST_TEMPLATES:
        raise Problem("bad_value", f"There are {MOST_TEMPLATES} templates already.", "Delete some that nobody uses.")


async def withdraw(actor: Actor, session: WriteSession, template: CatalogTemplate) -> bool:
    """No workspace is made from it any more; those that there are go on. Whether that is new."""
    held = await templates.lock(session, template.project, template.name)
    if held is None or held.id != template.id or held.withdrawn_at is not None:
        return False
    await templates.change(session, held.id, {"withdrawn_at": session.now})
    await audit.append(
        session, actor, "template.withdrawn", f"template:{held.id}", {"name": held.name, "project": held.project}
    )
    return True


async def delete(actor: Actor, session: WriteSession, project: str, name: str) -> None:
    """Remove a template with all versions; workspaces of it go on with what they have.

    Raises:
        Problem: `not_found`, `not_allowed`; `wrong_state` while a repository still has it.
    """
    place = await managed_place(actor, session, project)
    held = await templates.lock(session, place, check_name(name, what="template"))
    if held is None:
        raise Problem(
            "not_found", f"There is no template {name[:80]!r}.", "`carrel template list` shows those there are."
        )
    if held.repository_id is not None and held.withdrawn_at is None:
        hint = "Remove its folder from the repository, or the repository from the catalog."
        raise Problem("wrong_state", f"{held.name} comes from a repository, which would bring it back.", hint)
    await audit.append(session, actor, "template.deleted", f"template:{held.id}", {"name": held.name, "project": place})
    await templates.remove(session, held.id)
