"""How a toolbox comes to be in the engine: once, whoever asks and whatever is interrupted."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import aiodocker
import pytest
from tests.contract.images import busybox_image

from carrel.core.problems import Problem
from carrel.runtimes.docker import toolbox
from carrel.runtimes.docker.toolbox import Surroundings


@dataclass
class Workshop:
    """Builds small things the way a toolbox is built."""

    engine: aiodocker.Docker
    surroundings: Surroundings
    volume: str
    said: list[str] = field(default_factory=list)

    async def build(self, script: str) -> None:
        """Ensure the volume with `script` as its recipe."""
        files = {"build.sh": script.encode()}
        await toolbox._ensure(self.engine, toolbox._Build(self.volume, "x", "/out", files), self.surroundings, self.say)

    def say(self, line: str) -> None:
        """Takes the log."""
        self.said.append(line)

    async def builder_says(self, line: str) -> None:
        """Wait for a line of the log."""
        async with asyncio.timeout(60):
            while line not in self.said:
                await asyncio.sleep(0.01)


@pytest.fixture(scope="session", name="toolbox")
def no_toolbox() -> None:
    """In the place of the session's, which takes a minute to build."""


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    """A volume name that nobody else has; afterwards it is gone."""
    async with aiodocker.Docker() as engine:
        own = Workshop(engine, Surroundings(busybox_image()), f"carrel-toolbox-test-{uuid.uuid4().hex}")
        yield own
        with suppress(aiodocker.DockerError):
            await (await engine.containers.get(f"{own.volume}-builder")).delete(force=True)
        with suppress(aiodocker.DockerError):
            await (await engine.volumes.get(own.volume)).delete()


GOOD = 'echo building; touch "$2/tool"; touch "$2/.complete"'


async def test_what_is_complete_is_not_built_again(workshop: Workshop) -> None:
    await workshop.build(GOOD)
    await workshop.build(GOOD)
    assert workshop.said == ["building"]


async def test_the_builder_is_gone_afterwards(workshop: Workshop) -> None:
    await workshop.build(GOOD)
    with pytest.raises(aiodocker.DockerError, match="No such container"):
        await workshop.engine.containers.get(f"{workshop.volume}-builder")


async def test_two_callers_at_once_have_one_builder_and_both_see_its_log(workshop: Workshop) -> None:
    await asyncio.gather(workshop.build("sleep 0.3;" + GOOD), workshop.build("sleep 0.3;" + GOOD))
    assert workshop.said == ["building"] * 2


async def test_a_failed_build_says_the_end_of_its_log_and_is_tried_again(workshop: Workshop) -> None:
    with pytest.raises(Problem) as failure:
        await workshop.build("echo no room on the device; exit 1")
    assert failure.value.kind == "toolbox_failed"
    assert "no room on the device" in failure.value.detail
    await workshop.build(GOOD)
    assert workshop.said == ["no room on the device", "building"]


async def test_a_caller_that_dies_leaves_a_builder_that_the_next_one_finds(workshop: Workshop) -> None:
    script = 'echo first; while [ ! -e "$2/go" ]; do sleep 0.05; done; echo last; touch "$2/.complete"'
    caller = asyncio.create_task(workshop.build(script))
    await workshop.builder_says("first")
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    builder = await workshop.engine.containers.get(f"{workshop.volume}-builder")
    workshop.said.clear()
    second = asyncio.create_task(workshop.build("echo another; exit 1"))
    await workshop.builder_says("first")
    await (await builder.exec(["touch", "/out/go"])).start(detach=True)
    await second
    assert workshop.said == ["first", "last"]


async def test_a_builder_that_was_killed_is_replaced_and_what_it_left_does_not_count(workshop: Workshop) -> None:
    caller = asyncio.create_task(workshop.build('touch "$2/half"; echo first; sleep 60'))
    await workshop.builder_says("first")
    await (await workshop.engine.containers.get(f"{workshop.volume}-builder")).kill(signal="SIGKILL")
    with pytest.raises(Problem):
        await caller
    await workshop.build(GOOD)
    assert workshop.said == ["first", "building"]


async def test_control_characters_of_a_build_do_not_reach_the_log(workshop: Workshop) -> None:
    await workshop.build("printf 'a\\033[31mb\\n';" + GOOD)
    assert workshop.said == ["a\\x1b[31mb", "building"]


async def test_a_base_image_that_cannot_be_had_is_a_problem_with_a_hint(workshop: Workshop) -> None:
    with pytest.raises(Problem) as failure:
        await toolbox._need_base_image(workshop.engine, "localhost:1/no-such-image:1", workshop.say)
    assert failure.value.kind == "toolbox_failed"
    assert "toolbox/base-image" in failure.value.hint


async def test_old_toolboxes_are_collected_and_only_ours(workshop: Workshop) -> None:
    ours = {"dev.carrel.test": workshop.volume}
    names = {kind: f"carrel-toolbox-{kind}-{uuid.uuid4().hex}" for kind in ("old", "used", "foreign")}
    for kind, name in names.items():
        await workshop.engine.volumes.create({"Name": name, "Labels": {} if kind == "foreign" else ours})
    assert await toolbox.collect_toolboxes(workshop.engine, frozenset({names["used"]}), ours) == [names["old"]]
    for kind in ("used", "foreign"):
        await (await workshop.engine.volumes.get(names[kind])).delete()
