"""A workspace that says which image it runs: a reference, or a specification that is built."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.integration.reconcile.world import IMAGE, NoCredentials, World

from carrel.core.definition import Definition, ImageSpec
from carrel.core.problems import Problem
from carrel.core.workspace import Goal, Phase, Workspace
from carrel.runtimes.contract import ImageFact
from carrel.runtimes.fake.engine import Call, FakeImage, Moment
from carrel.runtimes.fake.runtime import FakeRuntime
from carrel.server.reconcile.collection import collect
from carrel.server.reconcile.default_image import DefaultImage
from carrel.server.reconcile.environments import Environments, Making
from carrel.server.reconcile.image_builds import OF_ONE_USER, Build, ImageBuilds
from carrel.server.reconcile.workspace_images import BASE, PLAIN, WorkspaceImages

SPEC = ImageSpec("ml", packages=("six",), env={"MODE": "test"}, base_image=IMAGE)
APPS = ({"name": "docs", "command": "serve {port}"}, {"name": "code", "title": "Editor"})
STARTUP = Definition(on_startup=("make up", "echo ready"), env={"MODE": "dev", "A": "1"}, apps=APPS)


def builds(world: World) -> int:
    return sum(call.name == "build_image" and call.moment is Moment.DURING for call in world.calls)


def image_of(world: World, workspace: Workspace) -> str:
    with world.engine.reading() as state:
        (image,) = {one.image for one in state.containers.values() if one.workspace == workspace.id}
    return image


async def test_a_reference_takes_the_place_of_the_repositorys_own_environment(world: World) -> None:
    with world.engine.by_hand() as state:
        state.registry["python:3"] = FakeImage(ImageFact("sha256:p", user="dev", architecture="amd64"))
    world.write(".devcontainer.json", {"image": IMAGE, "postCreateCommand": "make"})
    async with world.server():
        workspace = await world.create(definition=Definition(image="python:3"))
        await world.until_phase(workspace, Phase.RUNNING)
    plan = world.agents.plans[workspace.id]
    assert (plan.remote_user, plan.hooks) == ("dev", ())
    assert image_of(world, workspace) == "python:3"
    with world.engine.reading() as state:
        assert any(volume.name == "project" and volume.files for volume in state.volumes.values())


async def test_a_specification_is_built_once_and_again_where_it_was_pruned(world: World) -> None:
    async with world.server():
        workspace = await world.create(definition=Definition(image_spec=SPEC))
        await world.until_phase(workspace, Phase.RUNNING)
        image = image_of(world, workspace)
        with world.engine.reading() as state:
            assert state.images[image].fact.env["MODE"] == "test"
        assert image.startswith("carrel-env/default:")
        second = await world.create(definition=Definition(image_spec=replace(SPEC, name="other")))
        await world.until_phase(second, Phase.RUNNING)
        assert (image_of(world, second), builds(world)) == (image, 1)
        await world.ask(workspace, goal=Goal.STOP)
        await world.until_phase(workspace, Phase.STOPPED)
        with world.engine.by_hand() as state:
            del state.images[image]
            for key in [key for key, one in state.containers.items() if one.workspace == workspace.id]:
                del state.containers[key]
        await world.ask(workspace, goal=Goal.RUN, start=2)
        await world.until_phase(workspace, Phase.RUNNING)
        assert (image_of(world, workspace), builds(world)) == (image, 2)
        assert [event.kind for event in await world.events(workspace)].count("image_ready") == 2


@pytest.mark.parametrize(
    ("definition", "kind"),
    [
        (Definition(image="python:3.99"), "image_missing"),
        (Definition(image="carrel/workspace-base:py3.12"), "image_missing"),
        (Definition(image="carrel-env/default:0123"), "refused_by_policy"),
        (Definition(image_spec=replace(SPEC, base_image="debain:12")), "image_missing"),
        (Definition(image_spec=replace(SPEC, env={"A": "1\n2"})), "bad_value"),
    ],
    ids=["typo", "own", "of somebody else", "base", "variable"],
)
async def test_an_image_that_cannot_be_had_gives_a_recovery_workspace_that_names_it(
    world: World, definition: Definition, kind: str
) -> None:
    async with world.server():
        workspace = await world.create(definition=definition)
        now = await world.until_phase(workspace, Phase.RUNNING)
    (event,) = [event for event in await world.events(workspace) if event.kind == "recovery"]
    assert event.data["kind"] == kind
    name = definition.image or (
        definition.image_spec.base_image if definition.image_spec and kind != "bad_value" else ""
    )
    assert name in event.data["detail"]
    assert now.degraded.startswith("Recovery workspace")
    assert image_of(world, workspace) == "default:1"


async def test_carrels_own_image_is_built_by_the_first_workspace_that_wants_it(world: World) -> None:
    with world.engine.by_hand() as state:
        state.images["debian:12"] = FakeImage(ImageFact("sha256:debian", architecture="amd64"))
    world.write(".devcontainer.json", {"image": PLAIN})
    async with world.server():
        of_definition = await world.create(definition=Definition(image=PLAIN))
        of_repository = await world.create()
        await world.until_phase(of_definition, Phase.RUNNING)
        await world.until_phase(of_repository, Phase.RUNNING)
    assert image_of(world, of_definition).startswith(f"{PLAIN}-")
    assert image_of(world, of_repository) == PLAIN
    with world.engine.reading() as state:
        assert state.images[PLAIN].fact.id == state.images[image_of(world, of_definition)].fact.id


async def test_variables_commands_and_apps_of_the_definition_reach_the_workspace(world: World) -> None:
    config = {
        "image": IMAGE,
        "remoteEnv": {"MODE": "repository", "B": "2"},
        "postStartCommand": "s",
        "postAttachCommand": "a",
    }
    world.write(".devcontainer.json", config)
    async with world.server():
        workspace = await world.create(definition=STARTUP)
        await world.until_phase(workspace, Phase.RUNNING)
    plan = world.agents.plans[workspace.id]
    assert dict(plan.remote_env) == {"MODE": "dev", "B": "2", "A": "1"}
    assert [(hook.stage, hook.origin, dict(hook.commands)) for hook in plan.hooks] == [
        ("postStart", "devcontainer.json", {"": "s"}),
        ("postStart", "workspace.yaml", {"on_startup 1": "make up"}),
        ("postStart", "workspace.yaml", {"on_startup 2": "echo ready"}),
        ("postAttach", "devcontainer.json", {"": "a"}),
    ]
    assert {app.name: app.title for app in plan.apps} == {"code": "Editor", "jupyter": "JupyterLab", "docs": "docs"}


# --- before there is a workspace -------------------------------------------------------------------------------------


def wanted(definition: Definition) -> Workspace:
    return Workspace("", "u1", "ana", "image", definition=definition)


async def log_of(build: Build) -> list[str]:
    return [line async for line in build.follow(30)]


def image_builds(world: World, runtime: FakeRuntime) -> ImageBuilds:
    return ImageBuilds(Environments(world.store, NoCredentials(), Making(DefaultImage("default:1"))), runtime)


async def test_who_asks_for_an_image_that_is_being_built_joins_and_who_goes_away_ends_nothing(world: World) -> None:
    go = asyncio.Event()

    async def slow(call: Call) -> None:
        world.calls.append(call)
        if (call.name, call.moment) == ("build_image", Moment.DURING):
            await go.wait()

    async with image_builds(world, FakeRuntime(world.engine, slow)) as making:
        first = making.begin(wanted(Definition(image_spec=SPEC)))
        leaving = asyncio.create_task(log_of(first))
        assert making.begin(wanted(Definition(image_spec=SPEC))) is first
        assert making.begin(wanted(Definition(image_spec=replace(SPEC, packages=("rich",))))) is not first
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        go.set()
        log = await log_of(first)
        assert "Building: the image ml" in log
        assert first.result().built
        again = making.begin(wanted(Definition(image_spec=SPEC)))
        await log_of(again)
        assert again.result() == replace(first.result(), built=False)
        assert first.result().image in making.kept()
        await collect(world.store, making.runtime, making.kept())
        with world.engine.reading() as state:
            assert first.result().image in state.images


async def test_an_image_goes_to_the_registry_that_it_names_and_a_refusal_says_so(world: World) -> None:
    with world.engine.by_hand() as state:
        state.registry_passwords["closed.example:5000"] = "secret"
    async with image_builds(world, FakeRuntime(world.engine)) as making:
        open_one = making.begin(wanted(Definition(image_spec=replace(SPEC, registry="r.example:5000/team"))))
        await log_of(open_one)
        made = open_one.result()
        assert made.pushed == f"r.example:5000/team/ml:{made.image.rpartition(':')[2]}"
        with world.engine.reading() as state:
            assert made.pushed in state.registry
        closed = making.begin(wanted(Definition(image_spec=replace(SPEC, registry="closed.example:5000"))))
        await log_of(closed)
        with pytest.raises(Problem) as caught:
            closed.result()
        assert caught.value.kind == "registry_denied"
        assert made.image in caught.value.detail


async def test_carrels_own_images_are_built_where_they_are_first_needed_and_never_pulled(world: World) -> None:
    with world.engine.by_hand() as state:
        state.registry[BASE] = FakeImage(ImageFact("sha256:evil", architecture="amd64"))
        state.images["debian:12"] = FakeImage(ImageFact("sha256:debian", architecture="amd64"))
    runtime = FakeRuntime(world.engine)
    async with image_builds(world, runtime) as making:
        build = making.begin(wanted(Definition(image_spec=replace(SPEC, base_image=""))))
        log = await log_of(build)
        assert build.result().built
        assert [line for line in log if "this happens once" in line] == [
            f"Building {PLAIN}; this happens once.",
            f"Building {BASE}; this happens once.",
        ]
        assert not [line for line in log if line.startswith("Pulling")]
        named = making.begin(wanted(Definition(image=BASE)))
        await log_of(named)
        assert named.result().image.startswith(f"{BASE}-")
        assert not named.result().built
        with world.engine.reading() as state:
            assert {BASE, named.result().image} <= state.images.keys()
    spec = ImageSpec("x")
    fallen_back: list[str] = []
    own = WorkspaceImages("registry.example/our-base:1")

    async def inspect(image: str) -> ImageFact:
        raise Problem("registry_unreachable", f"{image} is far away.")

    assert (await own.base_of(spec, runtime, inspect, fallen_back.append)).startswith(f"{BASE}-")
    assert fallen_back == [
        f"registry.example/our-base:1 cannot be had (registry.example/our-base:1 is far away). {BASE} takes its place."
    ]


async def test_one_user_has_so_many_builds_at_a_time_and_the_end_of_the_server_ends_them(world: World) -> None:
    async def never(call: Call) -> None:
        if call.name == "build_image":
            await asyncio.Event().wait()

    async with image_builds(world, FakeRuntime(world.engine, never)) as making:
        begun = [
            making.begin(wanted(Definition(image_spec=replace(SPEC, packages=(f"p{number}",)))))
            for number in range(OF_ONE_USER)
        ]
        with pytest.raises(Problem) as caught:
            making.begin(wanted(Definition(image=IMAGE)))
        assert caught.value.kind == "too_many_requests"
        other = making.begin(replace(wanted(Definition(image=IMAGE)), owner_id="u2"))
    for build in (*begun, other):
        await log_of(build)
        with pytest.raises(Problem) as ended:
            build.result()
        assert ended.value.kind == "unavailable"


async def test_a_long_log_loses_its_oldest_lines_and_says_so() -> None:
    build = Build()
    for number in range(25_000):
        build.say(f"line {number}")
    build.end(Problem("build_failed", "no"))
    log = await log_of(build)
    assert log[0] == "... 10000 lines are left out"
    assert log[1:3] + log[-1:] == ["line 10000", "line 10001", "line 24999"]
