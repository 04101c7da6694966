"""A registry as the build cache: what was built once is pulled elsewhere; without the registry it is built."""

from __future__ import annotations

import pytest
from tests.integration.reconcile.world import IMAGE, World

from carrel.core.events import Event
from carrel.core.workspace import Phase, Workspace

PREFIX = "cache.example/team"


async def events_of(world: World, workspace: Workspace, kind: str) -> list[Event]:
    return [event for event in await world.events(workspace) if event.kind == kind]


async def run_one(world: World, name: str) -> Workspace:
    workspace = await world.create(name=name)
    async with world.server():
        await world.until_phase(workspace, Phase.RUNNING)
    return workspace


def built(world: World) -> set[str]:
    with world.engine.reading() as state:
        return {name for name in state.images if name.startswith("carrel-env/")}


async def test_another_engine_pulls_what_was_built(world: World) -> None:
    world.cache_prefix = PREFIX
    world.write(".devcontainer.json", {"build": {"dockerfile": "Dockerfile"}})
    world.write("Dockerfile", f"FROM {IMAGE}\nENV A=1\n")
    first = await run_one(world, "first")
    (tag,) = built(world)
    with world.engine.by_hand() as state:
        assert f"{PREFIX}/{tag.removeprefix('carrel-env/')}" in state.registry
        del state.images[tag]
    second = await run_one(world, "second")
    assert built(world) == {tag}
    (ready,) = await events_of(world, first, "image_ready")
    assert (ready.data["built"], ready.data["fetched"]) == (True, False)
    (ready,) = await events_of(world, second, "image_ready")
    assert (ready.data["built"], ready.data["fetched"]) == (False, True)


async def test_a_cache_that_refuses_is_told_and_fails_no_start(world: World) -> None:
    world.cache_prefix = PREFIX
    world.write(".devcontainer.json", {"build": {"dockerfile": "Dockerfile"}})
    world.write("Dockerfile", f"FROM {IMAGE}\nENV A=1\n")
    with world.engine.by_hand() as state:
        state.registry_passwords["cache.example"] = "secret"
    workspace = await run_one(world, "alone")
    told = await events_of(world, workspace, "build_cache")
    assert len(told) == 2, "the pull before the build, and the push after it"
    assert all("refuses access" in event.data["detail"] for event in told)
    (ready,) = await events_of(world, workspace, "image_ready")
    assert ready.data["built"]


@pytest.mark.conformance("C250")
async def test_two_workspaces_of_the_same_environment_build_once(world: World) -> None:
    world.write(".devcontainer.json", {"build": {"dockerfile": "Dockerfile"}})
    world.write("Dockerfile", f"FROM {IMAGE}\nENV A=1\n")
    first, second = await world.create(name="first"), await world.create(name="second")
    async with world.server():
        for workspace in (first, second):
            await world.until_phase(workspace, Phase.RUNNING)
    (tag,) = built(world)
    assert len({call.workspace for call in world.calls if call.name == "create"}) == 2
    with world.engine.reading() as state:
        assert {container.image for container in state.containers.values()} == {tag}
        assert sum(count for job, count in state.jobs.items() if job.endswith("/build_image")) == 1
