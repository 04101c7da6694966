"""The death of a server at every boundary: each step before and after, each call to the runtime before, during and after.

The boundaries are not listed by hand: steps come from the code's own table, calls from a run without a crash.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from tests.integration.reconcile.world import World, is_at_rest

from carrel.core.access import Actor
from carrel.core.lifecycle import Step
from carrel.core.workspace import Goal, Phase, Workspace
from carrel.runtimes.fake.engine import Call, Moment
from carrel.server.reconcile.steps import STEPS, Perform
from carrel.server.store import workspaces
from carrel.server.store.engine import Store
from carrel.server.store.schema import workspaces as table

LEASE_SECONDS = 0.25
Boundary = tuple[str, str, int]
"""Name of a step or call, moment, and which occurrence."""
DOCKERFILE = "FROM registry.example/base:1\nENV A=1\n"


class Death:
    """Stops a server for ever at one boundary."""

    def __init__(self, boundary: Boundary | None) -> None:
        self.boundary = boundary
        self.reached: list[Boundary] = []
        self.dead = asyncio.Event()

    async def pass_by(self, name: str, moment: str) -> None:
        if self.dead.is_set():
            return
        count = sum(1 for seen in self.reached if seen[:2] == (name, moment))
        self.reached.append((name, moment, count))
        if self.boundary == (name, moment, count):
            self.dead.set()
            await asyncio.Event().wait()

    async def on_call(self, call: Call) -> None:
        await self.pass_by(call.name, call.moment)

    def wrap(self, step: Step, perform: Perform) -> Perform:
        async def wrapped(context: Any) -> Any:
            await self.pass_by(step, "before step")
            result = await perform(context)
            await self.pass_by(step, "after step")
            return result

        return wrapped


async def create(world: World) -> Workspace:
    world.write(".devcontainer.json", {"build": {"dockerfile": "Dockerfile"}})
    world.write("Dockerfile", DOCKERFILE)
    with world.engine.by_hand() as state:
        state.images.clear()
        state.toolboxes.clear()
    return await world.create()


async def running(world: World) -> Workspace:
    workspace = await create(world)
    async with world.server():
        return await world.until_phase(workspace, Phase.RUNNING)


async def start(world: World) -> Workspace:
    workspace = await running(world)
    async with world.server():
        await world.ask(workspace, goal=Goal.STOP)
        await world.until_phase(workspace, Phase.STOPPED)
    await world.ask(workspace, goal=Goal.RUN, start=2)
    return workspace


async def stop(world: World) -> Workspace:
    workspace = await running(world)
    await world.ask(workspace, goal=Goal.STOP)
    return workspace


async def rebuild(world: World) -> Workspace:
    workspace = await running(world)
    with world.engine.by_hand() as state:
        volume = next(v for v in state.volumes.values() if (v.workspace, v.name) == (workspace.id, "project"))
        volume.files["Dockerfile"] = DOCKERFILE.replace("A=1", "A=2").encode()
    await world.ask(workspace, revision=2)
    return workspace


async def purge(world: World) -> Workspace:
    workspace = await running(world)
    await world.ask(workspace, goal=Goal.DELETE, purge=True)
    return workspace


STORIES: dict[str, Callable[[World], Awaitable[Workspace]]] = {
    "create": create,
    "start": start,
    "stop": stop,
    "rebuild": rebuild,
    "purge": purge,
}


async def converged(world: World, workspace: Workspace) -> Workspace | None:
    """The workspace at rest; None when nothing is left of it."""
    async with world.store.wakeups.listen("workspaces") as bell, asyncio.timeout(60):
        while True:
            async with world.store.reading() as session:
                now = await workspaces.find(session, workspace.id)
            if now is None or (is_at_rest(now) and now.remembered.started in {0, now.start} and not pending(now)):
                return now
            await bell.wait(0.1)


def pending(workspace: Workspace) -> bool:
    return workspace.goal is Goal.RUN and workspace.remembered.resolved != workspace.revision


async def live_through(world: World, workspace: Workspace, boundary: Boundary | None) -> Death:
    """Run a server until it dies at the boundary or is done; after a death, run another one to the end."""
    death = Death(boundary)
    world.on_call = death.on_call
    async with world.server(death.wrap):
        done = asyncio.create_task(converged(world, workspace))
        died = asyncio.create_task(death.dead.wait())
        await asyncio.wait({done, died}, return_when=asyncio.FIRST_COMPLETED)
        died.cancel()
        if not death.dead.is_set():
            await done
        done.cancel()
    world.on_call = None
    if death.dead.is_set():
        async with world.server():
            await converged(world, workspace)
    return death


async def check(world: World, workspace: Workspace, story: str) -> None:
    """Exactly one set of containers and volumes, or nothing at all."""
    if story == "purge":
        assert (world.containers(workspace), world.volumes(workspace)) == ([], set())
        with world.engine.reading() as state:
            assert not [key for key in state.networks if workspace.id in key]
        return
    memory = (await world.read(workspace)).remembered
    assert memory.seeded_image
    assert memory.endpoint is not None
    assert world.containers(workspace) == ["main"]
    assert world.volumes(workspace) == {"project", "home"}
    with world.engine.reading() as state:
        networks = [key for key in state.networks if workspace.id in key]
    assert len(networks) == (0 if story == "stop" else 1)


@pytest.mark.parametrize("story", STORIES)
async def test_a_server_may_die_anywhere(sqlite_store: Store, owner: Actor, story: str) -> None:
    quiet = World(sqlite_store, owner, lease_seconds=LEASE_SECONDS)
    first = await STORIES[story](quiet)
    boundaries = (await live_through(quiet, first, None)).reached
    await check(quiet, first, story)
    await bury(quiet, first)
    assert len(boundaries) >= 8
    for boundary in boundaries:
        world = World(sqlite_store, owner, lease_seconds=LEASE_SECONDS)
        workspace = await STORIES[story](world)
        death = await live_through(world, workspace, boundary)
        assert death.dead.is_set(), f"{boundary} was not reached"
        await check(world, workspace, story)
        if boundary[1] == Moment.DURING:
            assert jobs_begun(world, workspace, boundary[0]) == jobs_begun(quiet, first, boundary[0]), boundary
        await bury(world, workspace)


def jobs_begun(world: World, workspace: Workspace, name: str) -> int:
    """How often the engine began a long step: one that runs is found again, not begun again."""
    with world.engine.reading() as state:
        return sum(count for job, count in state.jobs.items() if job.endswith(f"{workspace.id}/{name}"))


async def bury(world: World, workspace: Workspace) -> None:
    """Take it out of the database, so that later worlds do not find it."""
    async with world.store.writing() as session:
        await session.run(delete(table).where(table.c.id == workspace.id))


async def test_every_step_is_a_boundary_of_some_story(sqlite_store: Store, owner: Actor) -> None:
    seen: set[str] = set()
    for story, tell in STORIES.items():
        world = World(sqlite_store, owner, lease_seconds=LEASE_SECONDS)
        workspace = await tell(world)
        if story == "rebuild":
            with world.engine.by_hand() as state:
                state.images[""] = next(iter(state.images.values()))
        seen |= {name for name, moment, _ in (await live_through(world, workspace, None)).reached if "step" in moment}
        await bury(world, workspace)
    assert seen == {str(step) for step in STEPS}
    assert {Moment.BEFORE, Moment.DURING, Moment.AFTER} == set(Moment)


async def test_a_delete_during_a_long_build_is_served_at_once(world: World) -> None:
    workspace = await create(world)
    building = asyncio.Event()

    async def hang(call: Call) -> None:
        if call.name == "build_image" and call.moment is Moment.DURING:
            building.set()
            await asyncio.Event().wait()

    world.on_call = hang
    async with world.server():
        await building.wait()
        began = world.store.clock()
        await world.ask(workspace, goal=Goal.DELETE, purge_after=began + timedelta(days=7))
        async with asyncio.timeout(30):
            await world.until_phase(workspace, Phase.DELETED)
    assert world.containers(workspace) == []
