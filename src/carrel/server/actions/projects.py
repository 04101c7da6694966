"""Projects and their members: who works together, as what, in which domain."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from carrel.core.access import (
    EVERYWHERE,
    PROJECT_ROLES,
    ROLES,
    Action,
    Actor,
    Reach,
    Resource,
    Role,
    allows,
    demand,
    knows_project,
    reach,
)
from carrel.core.names import check_name
from carrel.core.problems import Problem
from carrel.core.project import DEFAULT_DOMAIN, DEFAULT_PROJECT, DOMAINS, Project
from carrel.server.settings import Settings
from carrel.server.store import audit, projects, users
from carrel.server.store.projects import Member
from carrel.server.store.sessions import ReadSession, WriteSession

MAX_DESCRIPTION = 500
MOST_NAMED = 10
"""Projects that a refusal names."""


def check_domain(domain: str) -> str:
    """`domain` if it is one of the three. Raises `bad_value`."""
    if domain in DOMAINS:
        return domain
    near = difflib.get_close_matches(domain.casefold(), DOMAINS, n=1, cutoff=0.4)
    hint = f"Did you mean {near[0]!r}?" if near else f"Leave it out for {DEFAULT_DOMAIN!r}."
    raise Problem("bad_value", f"There is no domain {domain[:80]!r}; there are {', '.join(DOMAINS)}.", hint)


async def usable(actor: Actor, session: WriteSession, settings: Settings, project: str, domain: str) -> str:
    """The project's name, if the actor may have workspaces in it; it stays until the end of the transaction.

    In local mode the owner uses any name: the project is made. Raises `not_found`, `not_allowed`, `bad_value`, `bad_name`.
    """
    check_domain(domain)
    name = check_name(project, what="project")
    if await projects.get(session, name) is None and not (settings.mode == "local" and actor.role is Role.OWNER):
        raise _unknown(name, await _usable_names(actor, session))
    resource = Resource(actor.user_id, name, domain=domain)
    if not allows(actor, Action.WORKSPACE_CREATE, resource):
        if not knows_project(actor, name) and name != DEFAULT_PROJECT:
            raise _unknown(name, await _usable_names(actor, session))
        asked = f"{actor.name} may not have workspaces in {name}, {domain}."
        raise Problem("not_allowed", asked, f"`carrel project member list {name}` names its maintainers.")
    await projects.ensure(session, name)
    await projects.lock(session, name, shared=True)
    return name


def demand_work(actor: Actor, project: str) -> None:
    """Raise unless the actor may have workspaces in a domain of the project. Raises `not_found`, `not_allowed`."""
    mine = [Resource(actor.user_id, project, domain=domain) for domain in ("", *DOMAINS)]
    if not any(allows(actor, Action.WORKSPACE_CREATE, one) for one in mine):
        demand(actor, Action.WORKSPACE_CREATE, mine[0])


async def keep(actor: Actor, session: WriteSession, settings: Settings, project: str) -> None:
    """The project in which something is to be stored stays until the end of the transaction.

    In local mode the owner uses any name: the project is made. Who may store there was asked before. Raises `not_found`.
    """
    is_his_machine = settings.mode == "local" and actor.role is Role.OWNER
    if is_his_machine or project == DEFAULT_PROJECT:
        await projects.ensure(session, project)
    elif await projects.get(session, project) is None:
        known = [one.name for one in await projects.all_projects(session) if knows_project(actor, one.name)]
        raise _unknown(project, known)
    await projects.lock(session, project, shared=True)


async def _usable_names(actor: Actor, session: ReadSession) -> list[str]:
    return [
        one.name
        for one in await projects.all_projects(session)
        if any(reach(actor, Action.WORKSPACE_CREATE, one.name, domain) is not Reach.NONE for domain in DOMAINS)
    ]


def _unknown(name: str, usable: Sequence[str]) -> Problem:
    near = difflib.get_close_matches(name, usable, n=len(usable) or 1, cutoff=0.0)
    shown = ", ".join(near[:MOST_NAMED]) + (", ..." if len(near) > MOST_NAMED else "")
    hint = f"You may use: {shown}." if near else "Ask an administrator to make you a member of a project."
    return Problem("not_found", f"There is no project {name[:80]!r}.", hint)


async def list_projects(actor: Actor, session: ReadSession) -> list[Project]:
    """Those that the actor knows of. Raises `not_allowed` for guests."""
    demand(actor, Action.PROJECT_READ, Resource(actor.user_id))
    return [one for one in await projects.all_projects(session) if knows_project(actor, one.name)]


async def get_project(actor: Actor, session: ReadSession, name: str) -> Project:
    """A project that the actor knows of. Raises `not_found` naming those that there are for him."""
    found = await projects.get(session, name)
    if found is None or not knows_project(actor, found.name):
        known = [one.name for one in await projects.all_projects(session) if knows_project(actor, one.name)]
        raise _unknown(name.casefold(), known)
    return found


async def create_project(actor: Actor, session: WriteSession, name: str, description: str = "") -> Project:
    """Make a project. Raises `not_allowed`, `bad_name`, `bad_value`, `name_taken`."""
    _demand_manage(actor)
    name = check_name(name, what="project")
    await projects.ensure(session, DEFAULT_PROJECT)
    made = await projects.insert_project(session, Project(name, _checked_description(description)))
    await audit.append(session, actor, "project.created", f"project:{name}", {"name": name})
    return made


async def change_project(actor: Actor, session: WriteSession, name: str, description: str | None) -> Project:
    """Give it another description (None: keep it). Raises `not_found`, `not_allowed`, `bad_value`."""
    project = await _managed(actor, session, name)
    if description is not None and _checked_description(description) != project.description:
        description = _checked_description(description)
        await projects.describe(session, project.name, description)
        await audit.append(session, actor, "project.changed", f"project:{project.name}", {"description": description})
    return await get_project(actor, session, project.name)


async def delete_project(actor: Actor, session: WriteSession, name: str) -> None:
    """Remove an empty project, with its memberships. Raises `not_found`, `not_allowed`, `wrong_state`."""
    project = await _managed(actor, session, name)
    if project.name == DEFAULT_PROJECT:
        raise Problem("wrong_state", "Everybody belongs to the default project.", "It stays.")
    await projects.lock(session, project.name)
    held = {what: number for what, number in (await projects.holds(session, project.name)).items() if number}
    if held:
        counted = " and ".join(f"{number} {what if number > 1 else what[:-1]}" for what, number in held.items())
        hint = f"Delete them first, also from the trash: `carrel ls --project {project.name}`."
        raise Problem("wrong_state", f"{project.name} is not empty: it has {counted}.", hint)
    await projects.remove(session, project.name)
    await audit.append(session, actor, "project.deleted", f"project:{project.name}")


def _demand_manage(actor: Actor) -> None:
    if not allows(actor, Action.PROJECT_MANAGE, Resource("")):
        raise Problem("not_allowed", f"{actor.name} does not manage projects.", "Ask an administrator.")


async def _managed(actor: Actor, session: WriteSession, name: str) -> Project:
    project = await get_project(actor, session, name)
    _demand_manage(actor)
    await projects.ensure(session, project.name)
    return project


def _checked_description(text: str) -> str:
    text = text.strip()
    if len(text) > MAX_DESCRIPTION or (text and not text.isprintable()):
        raise Problem("bad_value", f"description: one line of at most {MAX_DESCRIPTION} characters.")
    return text


# --- members ---------------------------------------------------------------------------------------------------------


async def list_members(actor: Actor, session: ReadSession, name: str) -> list[Member]:
    """Everybody who is a member. Raises `not_found`, `not_allowed`."""
    project = await get_project(actor, session, name)
    return await projects.members_of(session, project.name)


async def put_member(actor: Actor, session: WriteSession, name: str, user: str, role: Role, domain: str = "") -> Member:
    """Make somebody a member, or something else than he was, in one domain or (empty) in all.

    Raises:
        Problem: `not_found` (the project, the user), `not_allowed`, `bad_value` (a role that no member has).
    """
    project = await _looked_after(actor, session, name, domain)
    if role not in PROJECT_ROLES:
        hint = f"A member is one of {', '.join(PROJECT_ROLES)}; `carrel user role` gives roles of the installation."
        raise Problem("bad_value", f"{role.value} is no role of a project.", hint)
    found = await users.by_name(session, user) or await users.get(session, user)
    if found is None or found.disabled_at is not None:
        raise Problem("not_found", f"There is no user {user[:80]!r}.", "`carrel user list` shows who there is.")
    await projects.ensure(session, project.name)
    before = await projects.put_member(session, project.name, domain, found.id, role)
    if before is not None and ROLES[role][Action.WORKSPACE_SHARE] < ROLES[before][Action.WORKSPACE_SHARE]:
        await projects.close_what_he_opened(session, project.name, domain, found.id)
    detail = {"user": found.name, "domain": domain, "role": role, "before": before}
    await audit.append(session, actor, "member.put", f"project:{project.name}", detail)
    return next(
        one
        for one in await projects.members_of(session, project.name)
        if (one.user_id, one.domain) == (found.id, domain)
    )


async def remove_member(actor: Actor, session: WriteSession, name: str, user: str, domain: str = "") -> None:
    """End a membership; who is a member may end his own. His workspaces stay his, and closed to him.

    Raises:
        Problem: `not_found`, `not_allowed`, `bad_value`.
    """
    project = await get_project(actor, session, name)
    found = await users.by_name(session, user) or await users.get(session, user)
    if found is None or found.id != actor.user_id:
        await _looked_after(actor, session, name, domain)
    if found is None or not await projects.remove_member(session, project.name, domain, found.id):
        where = f"{project.name}, {domain}" if domain else project.name
        hint = f"`carrel project member list {project.name}` lists who is, and in which domain."
        raise Problem("not_found", f"{user[:80]!r} is no member of {where}.", hint)
    await projects.close_what_he_opened(session, project.name, domain, found.id)
    detail = {"user": found.name, "domain": domain}
    await audit.append(session, actor, "member.removed", f"project:{project.name}", detail)


async def _looked_after(actor: Actor, session: WriteSession, name: str, domain: str) -> Project:
    """A project in (a domain of) which the actor says who is a member."""
    project = await get_project(actor, session, name)
    if domain:
        check_domain(domain)
    if allows(actor, Action.MEMBER_MANAGE, Resource("", project.name, domain=domain)):
        return project
    hint = "A maintainer of one domain names it." if not domain and actor.role not in EVERYWHERE else ""
    raise Problem("not_allowed", f"{actor.name} does not manage the members of {project.name}.", hint)
