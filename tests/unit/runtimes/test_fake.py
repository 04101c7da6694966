"""What the fake offers beyond the contract: faults, delays, an engine that outlives the server."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from carrel.core.problems import Problem
from carrel.core.spec import (
    HOME_VOLUME,
    ContainerSpec,
    Endpoint,
    Mount,
    MountKind,
    VolumeSpec,
    WorkspaceRef,
    WorkspaceSpec,
)
from carrel.runtimes.contract import ContainerState, ImageFact
from carrel.runtimes.fake import Call, FakeEngine, FakeImage, FakeRuntime, Moment

REF = WorkspaceRef("aaaaaaaaaaaa")
VOLUMES = (VolumeSpec(HOME_VOLUME),)
SPEC = WorkspaceSpec(
    REF, (ContainerSpec("main", "image", mounts=(Mount(MountKind.VOLUME, "/home/dev", HOME_VOLUME),)),), VOLUMES
)


def quiet(_: str) -> None:
    pass


def engine(path: Path | None = None) -> FakeEngine:
    made = FakeEngine(path, {REF.id: Endpoint("tcp", "127.0.0.1", 1)})
    with made.by_hand() as state:
        state.images["image"] = FakeImage(ImageFact("sha256:1"), {"/home/dev/.bashrc": b"hello"})
    return made


async def up(runtime: FakeRuntime) -> None:
    await runtime.create_volumes(REF, VOLUMES)
    await runtime.create(SPEC, quiet)
    await runtime.start(SPEC, {"boot.json": b"{}"}, quiet)


async def test_a_hook_hears_of_each_call_before_and_after() -> None:
    heard: list[tuple[str, Moment]] = []

    async def hook(call: Call) -> None:
        heard.append((call.name, call.moment))

    await up(FakeRuntime(engine(), hook))
    assert heard == [(name, moment) for name in ("create_volumes", "create", "start") for moment in ("before", "after")]


@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.AFTER])
async def test_a_fault_comes_out_and_leaves_what_was_done(moment: Moment) -> None:
    async def hook(call: Call) -> None:
        if call == Call("create_volumes", REF.id, moment):
            raise Problem("engine_error", "injected")

    there = engine()
    with pytest.raises(Problem):
        await FakeRuntime(there, hook).create_volumes(REF, VOLUMES)
    assert bool((await FakeRuntime(there).observe(REF)).volumes) is (moment is Moment.AFTER)


async def test_a_state_file_outlives_the_engine_object(tmp_path: Path) -> None:
    path = tmp_path / "engine.json"
    await up(FakeRuntime(engine(path)))
    facts = await FakeRuntime(FakeEngine(path, {REF.id: Endpoint("tcp", "127.0.0.1", 1)})).observe(REF)
    assert facts.containers[0].state is ContainerState.RUNNING
    assert facts.endpoint == Endpoint("tcp", "127.0.0.1", 1)
    with FakeEngine(path).reading() as state:
        assert next(iter(state.volumes.values())).files == {".bashrc": b"hello"}


def test_a_killed_process_leaves_what_it_had_done(tmp_path: Path) -> None:
    path = tmp_path / "engine.json"
    program = f"""
import asyncio, os, signal
from pathlib import Path
from tests.unit.runtimes.test_fake import FakeRuntime, Moment, engine, up
async def hook(call):
    if (call.name, call.moment) == ("create", Moment.AFTER):
        os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(up(FakeRuntime(engine(Path({str(path)!r})), hook)))
"""
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=os.environ | {"PYTHONPATH": str(root)}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    facts = asyncio.run(FakeRuntime(FakeEngine(path)).observe(REF))
    assert [c.state for c in facts.containers] == [ContainerState.CREATED]


async def test_a_restart_of_the_engine_ends_containers_and_watches() -> None:
    there = engine()
    runtime = FakeRuntime(there)
    await up(runtime)
    watch = runtime.watch()
    waiting = asyncio.ensure_future(anext(watch, None))
    await asyncio.sleep(0)
    there.restart()
    assert await waiting is None
    assert (await runtime.observe(REF)).containers[0].state is ContainerState.EXITED


async def test_an_engine_that_is_down_refuses_everything() -> None:
    there = engine()
    with there.by_hand() as state:
        state.available = False
    for call in (FakeRuntime(there).observe(REF), FakeRuntime(there).probe(), FakeRuntime(there).stop(REF)):
        with pytest.raises(Problem) as caught:
            await call
        assert caught.value.kind == "no_engine"


async def test_a_full_disk_and_a_used_up_pool() -> None:
    there = engine()
    runtime = FakeRuntime(there)
    await runtime.create_volumes(REF, VOLUMES)
    with there.by_hand() as state:
        state.full, state.network_capacity = True, 0
    with pytest.raises(Problem) as caught:
        await runtime.pull_image("other", {}, quiet)
    assert caught.value.kind == "no_space"
    with pytest.raises(Problem) as caught:
        await runtime.create(SPEC, quiet)
    assert caught.value.kind == "no_subnet"


async def test_the_same_calls_give_the_same_state() -> None:
    states = []
    for _ in range(2):
        there = engine()
        await up(FakeRuntime(there))
        with there.reading() as state:
            states.append(state)
    assert states[0] == states[1]
