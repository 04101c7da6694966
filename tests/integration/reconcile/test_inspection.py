"""A look at a repository before there is a workspace of it."""

from __future__ import annotations

import asyncio

import pytest
from tests.integration.reconcile.world import URL, NoCredentials, World

from carrel.core.problems import Problem
from carrel.core.spec import PROJECT_VOLUME, GitSource, VolumeSpec, WorkspaceRef
from carrel.core.workspace import ID_ALPHABET, Workspace
from carrel.runtimes.fake.runtime import FakeRuntime
from carrel.server.reconcile.default_image import DefaultImage
from carrel.server.reconcile.environments import Environments, Making
from carrel.server.reconcile.inspection import MARK, Inspections

WANTED = Workspace("", "u1", "ana", "inspection", GitSource(URL))
NEEDS = {"cpus": 4, "memory": "8gb", "gpu": "optional"}


@pytest.fixture
def runtime(world: World) -> FakeRuntime:
    return FakeRuntime(world.engine)


@pytest.fixture
def inspections(world: World, runtime: FakeRuntime) -> Inspections:
    return Inspections(Environments(world.store, NoCredentials(), Making(DefaultImage("default:1"))), runtime)


@pytest.mark.conformance("C370", "C413", "C415")
async def test_it_says_what_the_configuration_asks_for_and_leaves_nothing(
    world: World, runtime: FakeRuntime, inspections: Inspections
) -> None:
    world.write(
        ".devcontainer.json",
        {"image": "x", "name": "Blog", "secrets": {"A": {"description": "To sign in."}}, "hostRequirements": NEEDS},
    )
    await runtime.ensure_toolbox(lambda _: None)
    looks = await asyncio.gather(*(inspections.look(WANTED) for _ in range(4)))
    for found in looks:
        assert (found.configurations, found.config_path, found.name) == (
            (".devcontainer.json",),
            ".devcontainer.json",
            "Blog",
        )
        assert [(one.name, one.description) for one in found.secrets] == [("A", "To sign in.")]
        assert (found.requirements.cpus, found.requirements.memory_bytes) == (4, 8 * 2**30)
        assert found.requirements.gpu_optional
    assert await runtime.observe_all() == {}


async def test_what_cannot_be_fetched_or_read_is_a_problem_and_leaves_nothing(
    world: World, runtime: FakeRuntime, inspections: Inspections
) -> None:
    with pytest.raises(Problem) as caught:
        await inspections.look(WANTED)
    assert caught.value.kind == "unavailable"  # the toolbox is not there
    await runtime.ensure_toolbox(lambda _: None)
    world.write(".devcontainer.json", "{ broken")
    with pytest.raises(Problem) as caught:
        await inspections.look(WANTED)
    assert caught.value.kind == "bad_configuration"
    assert await runtime.observe_all() == {}


async def test_what_a_dead_server_left_is_removed_and_workspaces_stay(
    runtime: FakeRuntime, inspections: Inspections
) -> None:
    assert MARK not in ID_ALPHABET
    for name in (f"{MARK}aaaaaaaaaaa", "abbbbbbbbbbb"):
        await runtime.create_volumes(WorkspaceRef(name), [VolumeSpec(PROJECT_VOLUME)])
    await inspections.remove_left_over()
    assert set(await runtime.observe_all()) == {"abbbbbbbbbbb"}
