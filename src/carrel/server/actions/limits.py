"""What administrators allow one project and one user in the place of the settings, and how somebody stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from carrel.core import quota
from carrel.core.accelerators import Machine
from carrel.core.access import Action, Actor, Resource, allows, demand
from carrel.core.problems import Problem
from carrel.core.quota import Ceilings, Measure, Standing, Tier
from carrel.server.actions import quota as quotas
from carrel.server.actions.projects import check_domain, get_project
from carrel.server.actions.quota import Place
from carrel.server.settings import Settings
from carrel.server.store import audit, projects, users
from carrel.server.store import quota as rows
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.users import User

LEAST: quota.Asked = {Measure.RUNNING: 1, Measure.CPUS: 0.01, Measure.MEMORY: 16 * 2**20, Measure.DISK: 0}
"""What the smallest workspace asks for."""
_SIZES = (Measure.CPUS, Measure.MEMORY, Measure.GPUS)


@dataclass(frozen=True)
class View:
    """How somebody stands in a project, before he asks for anything."""

    standings: Sequence[Standing]
    """Of the user, the project and the installation."""
    one: Ceilings
    """The most of one workspace."""
    most: Ceilings
    """What one more workspace that runs may ask for now."""
    workspaces_left: int | None
    running_left: int | None
    create: Problem | None
    """Why none can be made; None: one can."""
    start: Problem | None
    """Why none can be started, however small."""
    machine: Machine | None
    gpus_used: int


async def view(actor: Actor, session: ReadSession, settings: Settings, project: str, domain: str) -> View:
    """How the actor stands. Raises `not_found`, `not_allowed` where he cannot have workspaces; `bad_value`."""
    check_domain(domain)
    name = project.casefold()
    demand(actor, Action.WORKSPACE_CREATE, Resource(actor.user_id, name, domain=domain))
    place = Place(actor.user_id, name)
    found = await quotas.standings(session, settings, place, everything=True)
    one = quotas.of_workspace(settings)
    machine = await rows.machine(session)
    gpus_used = await rows.gpus_in_use(session) if machine is not None else 0
    left = {measure: quota.room(measure, found) for measure in Measure}
    if machine is not None and machine.is_counted:
        left[Measure.GPUS] = _least(left[Measure.GPUS], max(0, machine.gpus - gpus_used))
    cpus, memory, gpus = (_least(left[measure], one.of(measure)) for measure in _SIZES)
    return View(
        standings=found,
        one=one,
        most=Ceilings(cpus=cpus, memory_bytes=_whole(memory), gpus=_whole(gpus)),
        workspaces_left=_whole(left[Measure.WORKSPACES]),
        running_left=_whole(left[Measure.RUNNING]),
        create=await _problem(actor, session, place, {Measure.WORKSPACES: 1}, found),
        start=await _problem(actor, session, place, LEAST, found),
        machine=machine,
        gpus_used=gpus_used,
    )


async def _problem(
    actor: Actor, session: ReadSession, place: Place, asked: quota.Asked, found: Sequence[Standing]
) -> Problem | None:
    excess = quota.find_excess(asked, found)
    return None if excess is None else await quotas.refused(actor, session, place, excess)


def _least(one: float | None, other: float | None) -> float | None:
    return min((value for value in (one, other) if value is not None), default=None)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


# --- what one project and one user may have ----------------------------------------------------------------------------


async def project_limits(
    actor: Actor, session: ReadSession, settings: Settings, name: str
) -> tuple[Ceilings, Standing]:
    """What is said of a project that the actor knows of, and how it stands. Raises `not_found`, `not_allowed`."""
    project = await get_project(actor, session, name)
    own = (await rows.own_limits(session, "", project.name)).project
    most = own.over(quotas.of_tier(settings, Tier.PROJECT))
    used = await rows.used(session, Tier.PROJECT, "", project.name)
    return own, Standing(Tier.PROJECT, project.name, most, used)


async def set_project_limits(actor: Actor, session: WriteSession, name: str, limits: Ceilings) -> None:
    """Say what a project may have in all; what runs goes on running. Raises `not_found`, `not_allowed`."""
    project = await get_project(actor, session, name)
    if not allows(actor, Action.PROJECT_MANAGE, Resource("", project.name)):
        raise Problem("not_allowed", f"{actor.name} does not manage projects.", "Ask an administrator.")
    await projects.ensure(session, project.name)
    await rows.set_project_limits(session, project.name, limits)
    await audit.append(session, actor, "project.limited", f"project:{project.name}", _said(limits))


async def user_limits(actor: Actor, session: ReadSession, settings: Settings, user: str) -> tuple[Ceilings, Standing]:
    """What is said of a user, and how he stands: one's own, or anybody's for who manages people.

    Raises:
        Problem: `not_found`.
    """
    found = await _user(actor, session, user)
    own = (await rows.own_limits(session, found.id, "")).user
    most = own.over(quotas.of_tier(settings, Tier.USER))
    return own, Standing(Tier.USER, found.name, most, await rows.used(session, Tier.USER, found.id, ""))


async def set_user_limits(actor: Actor, session: WriteSession, user: str, limits: Ceilings) -> None:
    """Say what a user may have; what runs goes on running. Raises `not_found`, `not_allowed`."""
    if not allows(actor, Action.USER_MANAGE, Resource("")):
        raise Problem("not_allowed", f"{actor.name} does not manage people.", "Ask an administrator.")
    found = await _user(actor, session, user)
    await rows.set_user_limits(session, found.id, limits)
    await audit.append(session, actor, "user.limited", f"user:{found.id}", {"name": found.name, **_said(limits)})


async def _user(actor: Actor, session: ReadSession, id_or_name: str) -> User:
    demand(actor, Action.TOKEN_MANAGE, Resource(actor.user_id))  # guests have no limits of their own
    found = await users.get(session, id_or_name) or await users.by_name(session, id_or_name)
    manages = allows(actor, Action.USER_MANAGE, Resource(""))
    if found is None or not (manages or found.id == actor.user_id):
        raise Problem("not_found", f"There is no user {id_or_name[:80]!r}.", "`carrel user list` lists them.")
    return found


def _said(limits: Ceilings) -> dict[str, float]:
    return {name: value for name, value in asdict(limits).items() if value is not None}
