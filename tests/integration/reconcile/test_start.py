"""From a wish to a running workspace and back, through the whole ladder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.reconcile.world import URL, World, is_at_rest

from carrel.core.agent import AppStatus, Progress
from carrel.core.lifecycle import Step
from carrel.core.spec import GitSource
from carrel.core.workspace import Goal, Phase
from carrel.server.reconcile.collection import collect
from carrel.server.store.spans import of_start


async def test_a_workspace_climbs_the_ladder_and_runs(world: World) -> None:
    workspace = await world.create()
    async with world.server():
        now = await world.until_phase(workspace, Phase.RUNNING)
    assert world.performed == [
        Step.ENSURE_TOOLBOX,
        Step.CREATE_VOLUMES,
        Step.FETCH_SOURCE,
        Step.RESOLVE_ENVIRONMENT,
        Step.CREATE_CONTAINERS,
        Step.START_CONTAINERS,
        Step.AWAIT_AGENT,
    ]
    assert now.remembered.commit == "c" * 40
    assert now.running_since is not None
    assert now.stops_at is not None
    kinds = [event.kind for event in await world.events(workspace)]
    assert [k for k in kinds if k != "phase_changed"] == [
        "source_fetched",
        "environment_resolved",
        "started",
        "ready",
    ]


async def test_stop_keeps_volumes_and_containers_and_a_start_finds_them(world: World) -> None:
    workspace = await world.create()
    async with world.server():
        await world.until_phase(workspace, Phase.RUNNING)
        await world.ask(workspace, goal=Goal.STOP, stop_reason="ana asked")
        await world.until_phase(workspace, Phase.STOPPED)
        before = (world.containers(workspace), world.volumes(workspace))
        world.performed.clear()
        await world.ask(workspace, goal=Goal.RUN, start=2)
        await world.until_phase(workspace, Phase.RUNNING)
    assert before == (["main"], {"project", "home"})
    assert (world.containers(workspace), world.volumes(workspace)) == before
    assert Step.RESOLVE_ENVIRONMENT not in world.performed
    assert Step.PREPARE_IMAGE not in world.performed


async def test_a_restart_ends_the_running_containers_first(world: World) -> None:
    workspace = await world.create()
    async with world.server():
        await world.until_phase(workspace, Phase.RUNNING)
        world.performed.clear()
        await world.ask(workspace, start=2)
        await world.until(workspace, lambda w: w.remembered.started == 2 and w.phase is Phase.RUNNING)
    assert world.performed[0] is Step.STOP_CONTAINERS
    assert Step.START_CONTAINERS in world.performed


async def test_a_rebuild_reads_the_configuration_in_the_volume(world: World) -> None:
    workspace = await world.create()
    async with world.server():
        await world.until_phase(workspace, Phase.RUNNING)
        with world.engine.by_hand() as state:
            volume = next(v for v in state.volumes.values() if v.name == "project")
            volume.files[".devcontainer.json"] = b'{"image": "default:1"}'
        await world.ask(workspace, revision=2)
        await world.until(workspace, lambda w: w.remembered.resolved == 2 and w.phase is Phase.RUNNING)
    with world.engine.reading() as state:
        assert [c.image for c in state.containers.values()] == ["default:1"]
    assert Step.SEED_HOME in world.performed


async def test_delete_keeps_the_volumes_until_their_date(world: World) -> None:
    workspace = await world.create()
    async with world.server():
        await world.until_phase(workspace, Phase.RUNNING)
        date = world.store.clock() + timedelta(days=7)
        await world.ask(workspace, goal=Goal.DELETE, purge_after=date)
        await world.until_phase(workspace, Phase.DELETED)
        assert (world.containers(workspace), world.volumes(workspace)) == ([], {"project", "home"})
        await world.ask(workspace, purge_after=world.store.clock())
        async with world.store.wakeups.listen("workspaces") as bell:
            while "purged" not in [e.kind for e in await world.events(workspace)]:
                assert await bell.wait(5)
    assert world.volumes(workspace) == set()


async def test_a_workspace_without_a_configuration_gets_the_default_image(world: World) -> None:
    del world.files[".devcontainer.json"]
    world.write("README.md", "hello")
    workspace = await world.create()
    async with world.server():
        await world.until_phase(workspace, Phase.RUNNING)
    with world.engine.reading() as state:
        assert [c.image for c in state.containers.values()] == ["default:1"]


async def test_where_the_default_image_cannot_be_had_one_is_built(world: World) -> None:
    del world.files[".devcontainer.json"]
    world.write("README.md", "hello")
    with world.engine.by_hand() as state:
        state.registry["debian:12"] = state.registry.pop("default:1")
    workspace = await world.create()
    async with world.server():
        await world.until_phase(workspace, Phase.RUNNING)
    with world.engine.reading() as state:
        assert [c.image.partition(":")[0] for c in state.containers.values()] == ["carrel/default"]


async def test_the_same_environment_of_a_second_workspace_builds_nothing(world: World) -> None:
    world.write(".devcontainer.json", {"build": {"dockerfile": "Dockerfile"}})
    world.write("Dockerfile", "FROM registry.example/base:1\nENV A=1\n")
    first = await world.create()
    async with world.server():
        await world.until_phase(first, Phase.RUNNING)
        assert Step.PREPARE_IMAGE in world.performed
        world.performed.clear()
        second = await world.create()
        await world.until_phase(second, Phase.RUNNING)
    assert Step.PREPARE_IMAGE not in world.performed


@pytest.mark.parametrize("goal", [Goal.STOP, Goal.DELETE])
async def test_a_workspace_that_is_unwanted_before_it_began_does_nothing(world: World, goal: Goal) -> None:
    workspace = await world.create(source=GitSource(URL), goal=goal)
    async with world.server():
        await world.until(workspace, is_at_rest)
    assert world.performed == []


@pytest.mark.conformance("C081")
async def test_a_rebuild_of_an_unchanged_environment_builds_nothing_and_makes_the_containers_anew(world: World) -> None:
    world.write(".devcontainer.json", {"build": {"dockerfile": "Dockerfile"}})
    world.write("Dockerfile", "FROM registry.example/base:1\n")
    workspace = await world.create()
    async with world.server():
        await world.until_phase(workspace, Phase.RUNNING)
        with world.engine.by_hand() as state:
            before = [(c.image, c.creation) for c in state.containers.values()]
            volumes = {name: volume.files for name, volume in state.volumes.items()}
        await world.ask(workspace, revision=2, start=2)
        await world.until(workspace, lambda w: w.remembered.started == 2 and w.phase is Phase.RUNNING)
    with world.engine.reading() as state:
        [(image, creation)] = [(c.image, c.creation) for c in state.containers.values()]
        assert [image] == [kept for kept, _ in before]
        assert creation not in [gone for _, gone in before]
        assert {name: volume.files for name, volume in state.volumes.items()} == volumes
        assert [count for job, count in state.jobs.items() if job.endswith("build_image")] == [1]
    assert world.performed.count(Step.FETCH_SOURCE) == 1
    assert Step.SEED_HOME not in world.performed


async def test_a_rebuild_without_cache_builds_although_the_image_is_there(world: World) -> None:
    world.write(".devcontainer.json", {"build": {"dockerfile": "Dockerfile"}})
    world.write("Dockerfile", "FROM registry.example/base:1\n")
    workspace = await world.create()
    async with world.server():
        await world.until_phase(workspace, Phase.RUNNING)
        await world.ask(workspace, revision=2, no_cache=True)
        await world.until(workspace, lambda w: w.remembered.resolved == 2 and w.phase is Phase.RUNNING)
    with world.engine.reading() as state:
        assert [count for job, count in state.jobs.items() if job.endswith("build_image")] == [2]


async def test_the_first_start_of_an_app_is_in_the_timeline_once(world: World) -> None:
    began = datetime(2026, 1, 1, tzinfo=UTC)
    world.agents.apps = (AppStatus("code", Progress.RUNNING, 4000, began=began),)
    workspace = await world.create()
    async with world.server():
        now = await world.until_phase(workspace, Phase.RUNNING)
        assert now.remembered.apps_told == ()
        answered = began + timedelta(seconds=2)
        world.agents.apps = (AppStatus("code", Progress.DONE, 4000, began=began, answered=answered),)
        for labels in ({"look": "again"}, {"look": "and again"}):
            await world.ask(workspace, labels=labels)
            await world.until(workspace, lambda w: w.remembered.apps_told == ("code",) and is_at_rest(w))
    async with world.store.reading() as session:
        spans = await of_start(session, workspace.id)
    assert [(s.detail, s.began, s.ended) for s in spans if s.name == "app"] == [("code", began, answered)]


async def test_what_no_workspace_refers_to_is_collected(world: World) -> None:
    world.write(".devcontainer.json", {"build": {"dockerfile": "Dockerfile"}})
    world.write("Dockerfile", "FROM registry.example/base:1\nENV A=1\n")
    workspace = await world.create()
    async with world.server() as runtime:
        now = await world.until_phase(workspace, Phase.RUNNING)
        assert await collect(world.store, runtime) == []
        await world.ask(now, goal=Goal.DELETE, purge=True)
        async with world.store.wakeups.listen("workspaces") as bell:
            while "purged" not in [e.kind for e in await world.events(workspace)]:
                assert await bell.wait(5)
        assert any(name.startswith("carrel-env/") for name in await collect(world.store, runtime))


async def test_containers_keep_their_toolbox_until_a_rebuild(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = await world.create()
    async with world.server():
        before = await world.until_phase(workspace, Phase.RUNNING)
        await world.ask(workspace, goal=Goal.STOP)
        await world.until_phase(workspace, Phase.STOPPED)
    monkeypatch.setattr("carrel.runtimes.fake.runtime.TOOLBOX", "carrel-toolbox-newer")
    async with world.server():
        await world.ask(workspace, goal=Goal.RUN, start=2)
        now = await world.until(workspace, lambda w: w.phase is Phase.RUNNING)
        assert now.remembered.toolbox == before.remembered.toolbox
        assert Step.REMOVE_CONTAINERS not in world.performed
        await world.ask(workspace, revision=2)
        now = await world.until(workspace, lambda w: w.remembered.resolved == 2 and w.phase is Phase.RUNNING)
    assert now.remembered.toolbox == "carrel-toolbox-newer"
