"""What goes wrong outside: each gives a clear problem, nothing is lost, nothing is left over."""

from __future__ import annotations

import pytest
from tests.integration.conftest import Clock
from tests.integration.reconcile.world import COMMIT, IMAGE, URL, World

from carrel.core.agent import HookStatus, Progress
from carrel.core.lifecycle import Step
from carrel.core.problems import Problem
from carrel.core.spec import GitSource
from carrel.core.workspace import Goal, Phase
from carrel.runtimes.fake.engine import Call, Moment
from carrel.server.reconcile.retry import A_FEW_TIMES, FOR_EVER
from carrel.server.store.leases import Leases


async def test_an_unreachable_repository_fails_after_a_few_tries_with_a_hint(world: World, clock: Clock) -> None:
    with world.engine.by_hand() as state:
        state.repositories[URL].unreachable = True
    workspace = await world.create()
    async with world.server():
        for attempt in (1, 2):
            now = await world.until(workspace, lambda w, n=attempt: w.failure is not None and w.failure.attempts == n)  # type: ignore[misc]
            assert now.phase is Phase.CLONING
            clock.move(seconds=60)
            await wake(world, now.id)
        now = await world.until_phase(workspace, Phase.FAILED)
    assert now.failure is not None
    assert (now.failure.kind, now.failure.retry_at) == ("source_unreachable", None)
    assert [e.kind for e in await world.events(workspace)].count("failed") == 1


async def test_a_missing_ref_fails_at_once_and_a_new_wish_tries_again(world: World) -> None:
    workspace = await world.create(source=GitSource(URL, "nowhere"))
    async with world.server():
        now = await world.until_phase(workspace, Phase.FAILED)
        assert now.failure is not None
        assert now.failure.kind == "ref_not_found"
        with world.engine.by_hand() as state:
            state.repositories[URL].refs["refs/heads/nowhere"] = COMMIT
        await world.ask(workspace, start=2)
        await world.until_phase(workspace, Phase.RUNNING)


async def test_a_lost_volume_fails_loudly_and_is_never_replaced(world: World) -> None:
    workspace = await world.create()
    async with world.server():
        await world.until_phase(workspace, Phase.RUNNING)
        await world.ask(workspace, goal=Goal.STOP)
        await world.until_phase(workspace, Phase.STOPPED)
        with world.engine.by_hand() as state:
            del state.volumes[next(key for key, v in state.volumes.items() if v.name == "home")]
        await world.ask(workspace, goal=Goal.RUN, start=2)
        now = await world.until(workspace, lambda w: w.failure is not None)
    assert (now.phase, now.failure and now.failure.kind) == (Phase.FAILED, "volume_missing")
    assert world.volumes(workspace) == {"project"}


async def test_a_container_that_was_removed_by_hand_is_made_again(world: World) -> None:
    workspace = await world.create()
    async with world.server():
        await world.until_phase(workspace, Phase.RUNNING)
        with world.engine.by_hand() as state:
            state.containers.clear()
        await wake(world, workspace.id)
        await world.until(workspace, lambda w: w.phase is not Phase.RUNNING)
        await world.until_phase(workspace, Phase.RUNNING)
    assert world.containers(workspace) == ["main"]


async def test_an_engine_that_restarts_is_waited_for(world: World, clock: Clock) -> None:
    workspace = await world.create()
    async with world.server():
        await world.until_phase(workspace, Phase.RUNNING)
        with world.engine.by_hand() as state:
            state.available = False
        await wake(world, workspace.id)
        now = await world.until(workspace, lambda w: w.failure is not None)
        assert (now.phase, now.failure and now.failure.kind) == (Phase.RUNNING, "no_engine")
        world.engine.restart()
        clock.move(seconds=60)
        await wake(world, workspace.id)
        now = await world.until(workspace, lambda w: w.failure is None and w.phase is Phase.RUNNING)
    assert "container_ended" in [e.kind for e in await world.events(workspace)]


async def test_a_service_that_ends_is_told_once_and_is_a_reason_to_look(world: World) -> None:
    world.write(".devcontainer.json", {"dockerComposeFile": "compose.yml", "service": "app", "workspaceFolder": "/w"})
    services = "".join(f"  {name}:\n    image: {IMAGE}\n" for name in ("app", "db", "quiet"))
    world.write("compose.yml", f"services:\n{services}")
    workspace = await world.create()
    async with world.server():
        now = await world.until_phase(workspace, Phase.RUNNING)
        assert now.degraded == ""
        world.engine.end_container(workspace.id, "db", exit_code=137, out_of_memory=True)
        await wake(world, workspace.id)
        now = await world.until(workspace, lambda w: bool(w.degraded))
        assert now.degraded == "The service db ended with status 137 (out of memory)."
        world.engine.end_container(workspace.id, "quiet", exit_code=0)
        await wake(world, workspace.id)
        again = await world.until(workspace, lambda w: len(w.remembered.services_told) == 2)
        assert (again.phase, again.degraded) == (Phase.RUNNING, now.degraded)
    ends = [e.data for e in await world.events(workspace) if e.kind == "service_ended"]
    assert [(e["container"], e["exit_code"], e["out_of_memory"], e["runs"]) for e in ends] == [
        ("db", 137, True, False),
        ("quiet", 0, False, False),
    ]


async def test_a_container_that_ends_again_and_again_fails_with_its_last_words(world: World) -> None:
    workspace = await world.create()
    async with world.server():
        for _ in range(4):
            await world.until(workspace, lambda w: w.phase is Phase.RUNNING)
            world.engine.end_container(workspace.id, "main", exit_code=3)
            await wake(world, workspace.id)
            now = await world.until(workspace, lambda w: w.phase is not Phase.RUNNING)
        now = await world.until_phase(workspace, Phase.FAILED)
    assert now.failure is not None
    assert now.failure.kind == "container_failed"
    assert "status 3" in now.failure.detail


@pytest.mark.parametrize(
    ("path", "content", "kind"),
    [
        (".devcontainer.json", '{"image": }', "bad_configuration"),
        (".devcontainer.json", '{"image": "registry.example/none:1"}', "image_missing"),
        ("Dockerfile", "FROM registry.example/base:1\nRUN false\n", "build_failed"),
        (".devcontainer.json", '{"image": "carrel-env/other:0123"}', "refused_by_policy"),
        ("Dockerfile", "FROM carrel-env/other:0123 AS theirs\nFROM registry.example/base:1\n", "refused_by_policy"),
    ],
)
async def test_an_environment_that_cannot_be_made_gives_a_recovery_workspace(
    world: World, path: str, content: str, kind: str
) -> None:
    world.write(".devcontainer.json", {"build": {"dockerfile": "Dockerfile"}})
    world.write(path, content)
    workspace = await world.create()
    async with world.server():
        now = await world.until_phase(workspace, Phase.RUNNING)
        assert now.degraded.startswith("Recovery workspace")
        recovery = [e for e in await world.events(workspace) if e.kind == "recovery"]
        assert [e.data["kind"] for e in recovery] == [kind]
        with world.engine.by_hand() as state:
            volume = next(v for v in state.volumes.values() if v.name == "project")
            volume.files |= {".devcontainer.json": b'{"image": "registry.example/base:1"}'}
        await world.ask(workspace, revision=2)
        now = await world.until(workspace, lambda w: w.remembered.resolved == 2 and w.phase is Phase.RUNNING)
    assert now.degraded == ""


async def test_several_configurations_ask_for_a_choice(world: World) -> None:
    del world.files[".devcontainer.json"]
    world.write(".devcontainer/a/devcontainer.json", {"image": "default:1"})
    world.write(".devcontainer/b/devcontainer.json", {"image": "default:1"})
    workspace = await world.create()
    async with world.server():
        now = await world.until_phase(workspace, Phase.FAILED)
        assert now.failure is not None
        assert now.failure.kind == "choose_configuration"
        assert ".devcontainer/b/devcontainer.json" in now.failure.detail
        await world.ask(workspace, devcontainer=".devcontainer/b/devcontainer.json", start=2)
        await world.until_phase(workspace, Phase.RUNNING)


async def test_a_step_that_breaks_is_a_problem_of_carrel_and_not_of_the_loop(world: World) -> None:
    workspace = await world.create()

    async def breaks(call: Call) -> None:
        if call.name == "create_volumes" and call.moment is Moment.BEFORE:
            raise RuntimeError

    world.on_call = breaks
    async with world.server():
        now = await world.until(workspace, lambda w: w.failure is not None)
    assert now.failure is not None
    assert (now.failure.step, now.failure.kind) == (Step.CREATE_VOLUMES, "internal")


async def test_a_full_disk_says_so(world: World) -> None:
    with world.engine.by_hand() as state:
        state.full = True
    workspace = await world.create()
    async with world.server():
        now = await world.until_phase(workspace, Phase.FAILED)
    assert now.failure is not None
    assert now.failure.kind == "no_space"


async def test_an_agent_that_never_answers_is_named(world: World, clock: Clock) -> None:
    world.agents.silent = True
    workspace = await world.create()
    async with world.server():
        now = await world.until(workspace, lambda w: w.failure is not None)
        assert now.failure is not None
        assert now.failure.kind == "agent_unreachable"
        world.agents.silent = False
        clock.move(seconds=60)
        await wake(world, workspace.id)
        await world.until_phase(workspace, Phase.RUNNING)


async def test_a_hook_that_failed_is_told_once(world: World) -> None:
    now = world.store.clock()
    world.agents.hooks = (
        HookStatus("postCreate", "devcontainer.json", "", Progress.FAILED, "h1", exit_code=7, began=now, ended=now),
    )
    workspace = await world.create()
    async with world.server():
        await world.until_phase(workspace, Phase.RUNNING)
        before = (await world.read(workspace)).last_activity_at
        await wake(world, workspace.id)
        assert before is not None
    failed = [e for e in await world.events(workspace) if e.kind == "hook_failed"]
    assert [e.data["exit_code"] for e in failed] == [7]


async def wake(world: World, workspace_id: str) -> None:
    await Leases(world.store).wake(workspace_id)


def test_problems_of_the_installation_are_of_the_catalogue() -> None:
    for kind in A_FEW_TIMES | FOR_EVER:
        assert Problem(kind).kind == kind
