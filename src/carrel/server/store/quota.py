"""What counts against limits, and the locks under which it is counted and added to.

Whoever counts and then starts holds the rows of the tiers in one order, installation, project, user, and only then the
row of a workspace: two who wait for each other would both have to hold what the other wants (ADR 0035).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select, true, update

from carrel.core.accelerators import Machine
from carrel.core.access import Actor
from carrel.core.quota import Amounts, Ceilings, Holder, Measure, Tier
from carrel.core.spec import Limits
from carrel.core.workspace import Goal
from carrel.server.store.projects import ensure
from carrel.server.store.schema import installation, projects, users, workspaces
from carrel.server.store.sessions import ReadSession, WriteSession
from carrel.server.store.wakeups import of_workspace
from carrel.server.store.workspaces import visible

MOST_HOLDERS = 50


@dataclass(frozen=True)
class Own:
    """What was said of one user and one project, in the place of the settings."""

    user: Ceilings = field(default_factory=Ceilings)
    project: Ceilings = field(default_factory=Ceilings)
    user_name: str = ""


async def lock_installation(session: WriteSession) -> None:
    """Let nobody else count in the whole installation until the end of the transaction."""
    await session.one(select(installation.c.row).with_for_update(key_share=True))


async def lock_project(session: WriteSession, project: str) -> None:
    """Let nobody else count in this project until the end of the transaction; it is made where it has no row yet."""
    held = select(projects.c.name).where(projects.c.name == project).with_for_update(key_share=True)
    if await session.one(held) is None:
        await ensure(session, project)
        await session.one(held)


async def own_limits(session: ReadSession, user_id: str, project: str) -> Own:
    """What was said of this user and this project."""
    user = await session.one(select(users.c.name, users.c.limits).where(users.c.id == user_id))
    of_project = await session.scalar(select(projects.c.limits).where(projects.c.name == project))
    of_user = user.limits if user is not None else None
    return Own(of_user or Ceilings(), of_project or Ceilings(), user.name if user is not None else "")


async def set_user_limits(session: WriteSession, user_id: str, limits: Ceilings) -> None:
    """Store what this user may have; what says nothing is as the settings say."""
    await session.run(update(users).where(users.c.id == user_id).values(limits=limits or None))


async def set_project_limits(session: WriteSession, project: str, limits: Ceilings) -> bool:
    """Store what this project may have in all; whether there is such a project."""
    changed = update(projects).where(projects.c.name == project)
    return await session.run(changed.values(limits=limits or None)) > 0


async def machine(session: ReadSession) -> Machine | None:
    """What the runtime has of accelerators; None: it was not asked yet."""
    found: Machine | None = await session.scalar(select(installation.c.machine))
    return found


async def set_machine(session: WriteSession, found: Machine) -> None:
    """Store it, for every way to start on every server."""
    await session.run(update(installation).values(machine=found))


async def set_disk(session: WriteSession, found: Mapping[str, int]) -> None:
    """Store what the volumes of each workspace take; one that is not in `found` has none."""
    living = workspaces.c.purged_at.is_(None)
    for row in await session.all(select(workspaces.c.id, workspaces.c.disk_bytes).where(living)):
        size = found.get(row.id, 0)
        if size != row.disk_bytes:
            await session.run(update(workspaces).where(workspaces.c.id == row.id).values(disk_bytes=size))
            session.wake(of_workspace(row.id))
    await session.run(update(workspaces).where(living).values(disk_measured_at=session.now))


def _within(tier: Tier, user_id: str, project: str) -> ColumnElement[bool]:
    match tier:
        case Tier.USER:
            return workspaces.c.owner_id == user_id
        case Tier.PROJECT:
            return workspaces.c.project == project
        case _:
            return true()


async def used(session: ReadSession, tier: Tier, user_id: str, project: str, but: str = "") -> Amounts:
    """What counts in a tier, without the workspace of the id `but`."""
    runs = workspaces.c.goal == Goal.RUN
    there = and_(_within(tier, user_id, project), workspaces.c.purged_at.is_(None), workspaces.c.id != but)
    # There are few sizes, however many workspaces: the database counts those of each.
    sizes = case((runs, workspaces.c.limits), else_=None)
    trashed = workspaces.c.goal == Goal.DELETE
    statement = (
        select(
            sizes.label("size"),
            trashed.label("is_trashed"),
            func.count().label("number"),
            func.coalesce(func.sum(workspaces.c.disk_bytes), 0).label("disk"),
        )
        .where(there)
        .group_by("size", "is_trashed")
    )
    total = Amounts()
    for row in await session.all(statement):
        limits: Limits | None = row.size
        running = row.number if limits is not None else 0
        size = limits or Limits()
        total = Amounts(
            workspaces=total.workspaces + (0 if row.is_trashed else row.number),
            running=total.running + running,
            cpus=total.cpus + running * (size.cpus or 0),
            memory_bytes=total.memory_bytes + running * (size.memory_bytes or 0),
            gpus=total.gpus + running * size.gpus,
            disk_bytes=total.disk_bytes + int(row.disk),
        )
    return total


async def gpus_in_use(session: ReadSession, but: str = "") -> int:
    """How many GPUs running workspaces have, without that of the id `but`."""
    return (await used(session, Tier.INSTALLATION, "", "", but)).gpus


async def holders(
    session: ReadSession, actor: Actor, tier: Tier, measure: Measure, place: tuple[str, str], but: str = ""
) -> tuple[list[Holder], int]:
    """What counts of one measure: what the actor may read, the biggest first; how many others there are.

    Args:
        session: a view of the database.
        actor: who is told.
        tier: whose limit it is.
        measure: what is limited.
        place: the user's id and the project's name.
        but: the id of a workspace that is left out.
    """
    living = and_(_within(tier, *place), workspaces.c.purged_at.is_(None), workspaces.c.id != but)
    counts = {
        Measure.WORKSPACES: workspaces.c.goal != Goal.DELETE,
        Measure.DISK: workspaces.c.disk_bytes > 0,
    }.get(measure, workspaces.c.goal == Goal.RUN)
    read = visible(actor)
    columns = (
        workspaces.c.name,
        workspaces.c.owner_id,
        workspaces.c.goal,
        workspaces.c.limits,
        workspaces.c.disk_bytes,
    )
    statement = select(*columns, users.c.name.label("owner")).join(users, users.c.id == workspaces.c.owner_id)
    rows = await session.all(statement.where(living, counts, read).order_by(workspaces.c.goal_at))
    found = [
        Holder(
            row.name if row.owner_id == actor.user_id else f"{row.owner}/{row.name}",
            _amount(measure, row),
            row.goal == Goal.DELETE,
        )
        for row in rows
    ]
    found = sorted((one for one in found if one.amount), key=lambda one: -one.amount)
    everything = await session.scalar(select(func.count()).select_from(workspaces).where(living, counts))
    return found[:MOST_HOLDERS], int(everything) - len(rows) + len(found[MOST_HOLDERS:])


_SIZES: Mapping[Measure, str] = {Measure.CPUS: "cpus", Measure.MEMORY: "memory_bytes", Measure.GPUS: "gpus"}


def _amount(measure: Measure, row: Any) -> float:
    if measure is Measure.DISK:
        return float(row.disk_bytes)
    return float(getattr(row.limits, _SIZES[measure]) or 0) if measure in _SIZES else 1.0
