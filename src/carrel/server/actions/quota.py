"""Whether something may be made or started: every way to it counts under the same locks and asks the same function."""

from __future__ import annotations

from dataclasses import dataclass, replace

from carrel.core import quota
from carrel.core.accelerators import Accelerator, check_accelerator, check_machine, read_accelerators
from carrel.core.access import Actor, Role
from carrel.core.problems import Problem
from carrel.core.quota import Asked, Ceilings, Measure, Standing, Tier
from carrel.core.spec import Limits
from carrel.core.workspace import Workspace
from carrel.server.settings import Settings
from carrel.server.store import quota as rows
from carrel.server.store import users
from carrel.server.store.sessions import ReadSession, WriteSession

_RUNS = (Measure.RUNNING, Measure.CPUS, Measure.MEMORY, Measure.GPUS, Measure.DISK)


@dataclass(frozen=True)
class Place:
    """For whom and where something is to run."""

    owner_id: str
    project: str

    @classmethod
    def of(cls, workspace: Workspace) -> Place:
        """Of a workspace."""
        return cls(workspace.owner_id, workspace.project)


def of_workspace(settings: Settings) -> Ceilings:
    """The most that one workspace may have."""
    return Ceilings(
        cpus=settings.max_cpus or None, memory_bytes=settings.max_memory_bytes or None, gpus=settings.max_gpus
    )


def of_tier(settings: Settings, tier: Tier) -> Ceilings:
    """The most that the settings allow each user, each project, or the installation."""

    def most(member: str) -> float | None:
        old = {"workspaces": settings.max_workspaces, "running": settings.max_running}
        is_old = tier is Tier.USER and member in old
        value: float = old[member] if is_old else getattr(settings, f"{tier.value}_{member}")
        return value or None

    return Ceilings(**{member: most(member) for member in quota.MEMBER.values()})  # type: ignore[arg-type]


async def hold(session: WriteSession, settings: Settings, place: Place) -> None:
    """Let nobody else count for this place until the end of the transaction; before any row of a workspace is locked.

    A tier without a limit is not held: its users do not wait for each other.
    """
    own = await rows.own_limits(session, place.owner_id, place.project)
    if of_tier(settings, Tier.INSTALLATION) or settings.max_gpus:
        await rows.lock_installation(session)
    if own.project or of_tier(settings, Tier.PROJECT):
        await rows.lock_project(session, place.project)
    await users.lock(session, place.owner_id)


async def standings(
    session: ReadSession, settings: Settings, place: Place, but: str = "", *, everything: bool = False
) -> list[Standing]:
    """How the tiers of a place stand that have a limit, or all of them, without the workspace of the id `but`."""
    own = await rows.own_limits(session, place.owner_id, place.project)
    tiers = (
        (Tier.USER, own.user_name, own.user.over(of_tier(settings, Tier.USER))),
        (Tier.PROJECT, place.project, own.project.over(of_tier(settings, Tier.PROJECT))),
        (Tier.INSTALLATION, "", of_tier(settings, Tier.INSTALLATION)),
    )
    return [
        Standing(tier, name, most, await rows.used(session, tier, place.owner_id, place.project, but))
        for tier, name, most in tiers
        if most or everything
    ]


async def check_create(actor: Actor, session: WriteSession, settings: Settings, place: Place) -> None:
    """Raise `over_quota` where one more workspace is one too many. Call `hold` first."""
    await _check(actor, session, settings, place, {Measure.WORKSPACES: 1})


async def check_start(actor: Actor, session: WriteSession, settings: Settings, workspace: Workspace) -> None:
    """Raise `over_quota` or `no_accelerator` unless this workspace may begin to run. Call `hold` first.

    Args:
        actor: who is told what counts.
        session: of the transaction that gives it the goal `run`.
        settings: with the limits.
        workspace: with the size, the project and the owner that it is to run with; it is not counted itself.
    """
    asked = quota.asked_by_start(workspace.limits, workspace.disk_bytes or 0)
    await _check(actor, session, settings, Place.of(workspace), asked, workspace.id)
    await check_there(session, workspace)


async def check_resize(
    actor: Actor, session: WriteSession, settings: Settings, before: Workspace, after: Workspace
) -> None:
    """Raise `over_quota` or `no_accelerator` unless what runs may have another size or accelerator. Call `hold` first."""
    asked = quota.asked_by_resize(before.limits, after.limits)
    await _check(actor, session, settings, Place.of(before), asked, before.id)
    if after.limits.gpus > before.limits.gpus or accelerator_of(after) != accelerator_of(before):
        await check_there(session, after)


async def _check(
    actor: Actor, session: ReadSession, settings: Settings, place: Place, asked: Asked, but: str = ""
) -> None:
    excess = quota.find_excess(asked, await standings(session, settings, place, but)) if asked else None
    if excess is not None:
        raise await refused(actor, session, place, excess, but)


async def refused(actor: Actor, session: ReadSession, place: Place, excess: quota.Excess, but: str = "") -> Problem:
    """The problem that names what counts, as far as the actor may see it."""
    if await users.get(session, actor.user_id) is None:
        # A policy asks: what it is told is written down where the owner reads it.
        actor = Actor(place.owner_id, "", Role.DEVELOPER)
    where = (place.owner_id, place.project)
    found, others = await rows.holders(session, actor, excess.standing.tier, excess.measure, where, but)
    return quota.refusal(excess, found, others)


# --- accelerators ----------------------------------------------------------------------------------------------------


async def check_there(session: ReadSession, workspace: Workspace) -> None:
    """Raise `no_accelerator` where the machine does not have, or has not free, what the workspace asks for."""
    if workspace.limits.gpus:
        used = await rows.gpus_in_use(session, workspace.id)
        check_machine(await rows.machine(session), accelerator_of(workspace), workspace.limits.gpus, used)


def accelerator_of(workspace: Workspace) -> str:
    """The accelerator that it names; empty: any."""
    return workspace.definition.accelerator if workspace.definition else ""


def known_accelerator(settings: Settings, name: str) -> Accelerator | None:
    """What a name means here; None for the empty one. Raises `bad_value` naming the nearest known one."""
    return check_accelerator(name, read_accelerators(settings.accelerators))


def with_accelerator(limits: Limits, accelerator: str) -> Limits:
    """The size of a workspace that names an accelerator: one of it, where no number is said."""
    if not accelerator or limits.gpus:
        return limits
    return replace(limits, gpus=1)
