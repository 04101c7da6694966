from __future__ import annotations

import asyncio

from tests.contract.workbench import VOLUMES, Workbench, new_ref, up, workspace

from carrel.core.spec import HOME_VOLUME, PROJECT_VOLUME
from carrel.runtimes.contract import RuntimeFacts


async def test_a_workspace_that_nobody_made_has_no_facts(bench: Workbench) -> None:
    assert await bench.runtime.observe(new_ref()) == RuntimeFacts()


async def test_observe_all_agrees_with_observe(bench: Workbench) -> None:
    running, made, gone = workspace(bench, new_ref()), new_ref(), new_ref()
    await up(bench, running)
    await bench.runtime.create_volumes(made, VOLUMES)
    everything = await bench.runtime.observe_all()
    assert everything[running.ref.id] == await bench.runtime.observe(running.ref)
    assert everything[made.id].volumes == {PROJECT_VOLUME, HOME_VOLUME}
    assert gone.id not in everything


async def test_watch_wakes_when_a_container_changes(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await up(bench, spec)
    watch = bench.runtime.watch()
    woken = asyncio.ensure_future(anext(watch))
    await asyncio.sleep(0.05)  # the watch tells nothing of what was before it, and there is no sign that it has begun
    await bench.end_container(spec.ref, "main")
    async with asyncio.timeout(60):
        assert await woken == spec.ref.id


async def test_probe_says_what_the_engine_is(bench: Workbench) -> None:
    info = await bench.runtime.probe()
    assert info.name == bench.runtime.name
    assert info.version
    assert info.architecture in {"amd64", "arm64"}
    assert info.capacity.cpus >= 1
    assert info.capacity.memory_bytes > 1 << 28
    assert info.builder in {"buildkit", "classic"}


async def test_the_toolbox_is_built_once_and_has_a_name(bench: Workbench) -> None:
    assert await bench.runtime.ensure_toolbox(lambda _: None) == bench.toolbox
    assert await bench.again().has_toolbox() == bench.toolbox
