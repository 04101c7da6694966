"""Two servers on one database; one that was frozen; leases that run out."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from tests.integration.reconcile.world import World

from carrel.core.lifecycle import Step
from carrel.core.workspace import Phase
from carrel.runtimes.fake.engine import Call, Moment
from carrel.server.reconcile.steps import Perform


async def test_two_servers_perform_each_step_once(world: World) -> None:
    created = [await world.create() for _ in range(8)]
    async with world.server(), world.server():
        for workspace in created:
            await world.until_phase(workspace, Phase.RUNNING)
    counts = Counter(world.performed)
    assert counts.pop(Step.ENSURE_TOOLBOX) == 8
    assert set(counts.values()) <= {1, 8}
    for workspace in created:
        assert world.containers(workspace) == ["main"]
        kinds = Counter(event.kind for event in await world.events(workspace))
        assert kinds["ready"] == kinds["started"] == kinds["source_fetched"] == 1


async def test_a_server_that_was_frozen_changes_nothing_when_it_wakes_up(world: World) -> None:
    world.lease_seconds = 0.3
    workspace = await world.create()
    frozen, thawed = asyncio.Event(), asyncio.Event()

    def freeze(step: Step, perform: Perform) -> Perform:
        async def wrapped(context: object) -> object:
            if step is Step.CREATE_CONTAINERS and not frozen.is_set():
                frozen.set()
                time.sleep(2 * world.lease_seconds)  # noqa: ASYNC251  the whole process stands still, as under SIGSTOP
                await thawed.wait()
            return await perform(context)  # type: ignore[arg-type]

        return wrapped  # type: ignore[return-value]

    async with world.server(freeze):
        await frozen.wait()
        async with world.server():
            await world.until_phase(workspace, Phase.RUNNING)
            before = (await world.read(workspace), len(world.calls), await world.events(workspace))
            thawed.set()
            await asyncio.sleep(0)
            async with asyncio.timeout(30):
                await world.until_phase(workspace, Phase.RUNNING)
    after = await world.read(workspace)
    assert after.remembered == before[0].remembered
    assert await world.events(workspace) == before[2]
    assert Counter(call.name for call in world.calls)["create"] == 2  # one call: before and after


async def test_a_slow_step_keeps_its_lease(world: World) -> None:
    world.lease_seconds = 0.3
    workspace = await world.create()

    async def slow(call: Call) -> None:
        if call.name == "fetch_source" and call.moment is Moment.DURING:
            await asyncio.sleep(1)

    world.on_call = slow
    async with world.server(), world.server():
        await world.until_phase(workspace, Phase.RUNNING)
    assert Counter(world.performed)[Step.FETCH_SOURCE] == 1
