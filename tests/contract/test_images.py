from __future__ import annotations

import pytest
from tests.contract.workbench import VOLUMES, Wanted, Workbench, new_ref, quiet, up, workspace

from carrel.core.problems import Problem
from carrel.core.spec import BuildStep, EmptySource, GitSource
from carrel.runtimes.contract import BuildJob


def job(step: BuildStep) -> BuildJob:
    return BuildJob(new_ref(), step, EmptySource())


def step(bench: Workbench, *lines: str, tag: str = "carrel-test/built:1", **more: object) -> BuildStep:
    return BuildStep(tag, "\n".join((f"FROM {bench.image}", *lines)) + "\n", **more)  # type: ignore[arg-type]


async def test_an_image_that_is_not_there_is_none(bench: Workbench) -> None:
    assert await bench.runtime.inspect_image("carrel-test/none:1") is None


async def test_a_present_image_is_described(bench: Workbench) -> None:
    image = await bench.make_image("described", {}, ("USER dev",))
    fact = await bench.runtime.inspect_image(image)
    assert fact is not None
    assert fact.user == "dev"
    assert fact.id.startswith("sha256:")
    assert fact.architecture in {"amd64", "arm64"}


async def test_the_users_of_an_image_are_read(bench: Workbench) -> None:
    text = "root:x:0:0::/root:/bin/sh\njenkins:x:1001:1001::/var/lib/jenkins:/bin/sh\n"
    image = await bench.make_image("users", {"etc/passwd": text.encode()})
    for _ in range(2):
        assert await bench.runtime.image_users(new_ref(), image) == text
    with pytest.raises(Problem) as caught:
        await bench.runtime.image_users(new_ref(), "carrel-test/none:1")
    assert caught.value.kind == "image_missing"


async def test_pulling_a_present_image_is_describing_it(bench: Workbench) -> None:
    fact = await bench.runtime.inspect_image(bench.image)
    assert fact is not None
    assert await bench.runtime.pull_image(bench.image, {}, quiet) == fact


async def test_a_build_gives_an_image_with_the_tag_and_the_labels(bench: Workbench) -> None:
    built = step(bench, "ENV COLOUR=blue", "USER dev", labels={"colour": "blue"})
    lines: list[str] = []
    fact = await bench.runtime.build_image(job(built), lines.append)
    assert fact == await bench.runtime.inspect_image(built.tag)
    assert fact.env["COLOUR"] == "blue"
    assert fact.user == "dev"
    assert fact.labels["colour"] == "blue"
    assert lines


async def test_a_second_build_builds_nothing(bench: Workbench) -> None:
    built = step(bench, "ENV A=1")
    first = await bench.runtime.build_image(job(built), quiet)
    lines: list[str] = []
    again = step(bench, "RUN false")
    assert await bench.again().build_image(job(again), lines.append) == first
    assert lines == []


async def test_a_failed_build_names_the_step_and_its_line(bench: Workbench) -> None:
    with pytest.raises(Problem) as caught:
        await bench.runtime.build_image(job(step(bench, "ENV A=1", "", "RUN false")), quiet)
    assert caught.value.kind == "build_failed"
    assert "RUN false" in caught.value.detail
    assert "4" in caught.value.detail
    assert caught.value.extra["line"] == 4
    assert await bench.runtime.inspect_image("carrel-test/built:1") is None


async def test_arguments_and_the_target_stage_count(bench: Workbench) -> None:
    text = f"ARG BASE=none\nFROM {bench.image} AS base\nENV STAGE=base\nFROM base AS last\nENV STAGE=last\nRUN false\n"
    built = BuildStep("carrel-test/target:1", text, target="base", args={"BASE": "x"})
    assert (await bench.runtime.build_image(job(built), quiet)).env["STAGE"] == "base"


async def test_what_a_container_uses_is_not_collected(bench: Workbench) -> None:
    for name in ("used", "wanted", "unused"):
        await bench.runtime.build_image(job(step(bench, f"ENV NAME={name}", tag=f"carrel-test/{name}:1")), quiet)
    spec = workspace(bench, new_ref(), Wanted(main={"image": "carrel-test/used:1"}))
    await up(bench, spec)
    toolboxes = frozenset({bench.toolbox})
    removed = await bench.runtime.collect(frozenset({"carrel-test/wanted:1"}), toolboxes)
    assert list(removed) == ["carrel-test/unused:1"]
    assert await bench.runtime.inspect_image("carrel-test/unused:1") is None
    assert await bench.runtime.inspect_image("carrel-test/wanted:1") is not None
    assert list(await bench.runtime.collect(frozenset({"carrel-test/wanted:1"}), toolboxes)) == []
    await bench.runtime.remove(spec.ref)
    assert sorted(await bench.runtime.collect(frozenset(), toolboxes)) == ["carrel-test/used:1", "carrel-test/wanted:1"]


async def test_a_build_from_a_missing_volume_fails_and_makes_none(bench: Workbench) -> None:
    ref = new_ref()
    built = step(bench, context=".")
    with pytest.raises(Problem) as caught:
        await bench.runtime.build_image(BuildJob(ref, built, GitSource("https://example.com/x.git")), quiet)
    assert caught.value.kind == "volume_missing"
    assert (await bench.runtime.observe(ref)).volumes == frozenset()


async def test_a_build_with_a_context_of_the_project(bench: Workbench) -> None:
    ref = new_ref()
    await bench.runtime.create_volumes(ref, VOLUMES)
    await bench.write_volume(ref, "project", {"app/a.txt": b"1", ".dockerignore": b"*.log\n"})
    built = step(bench, "ENV A=1", context=".")
    source = GitSource("https://example.com/x.git")
    assert (await bench.runtime.build_image(BuildJob(ref, built, source), quiet)).env["A"] == "1"


async def test_a_local_image_gets_one_more_name(bench: Workbench) -> None:
    fact = await bench.runtime.inspect_image(bench.image)
    await bench.runtime.name_image(bench.image, "carrel-test/second:1")
    assert await bench.runtime.inspect_image("carrel-test/second:1") == fact
    await bench.lose_image("carrel-test/second:1")
    with pytest.raises(Problem) as caught:
        await bench.runtime.name_image("carrel-test/absent:1", "carrel-test/second:1")
    assert caught.value.kind == "image_missing"


async def test_what_is_absent_can_be_neither_pushed_nor_adopted(bench: Workbench) -> None:
    with pytest.raises(Problem) as caught:
        await bench.runtime.push_image("carrel-test/absent:1", "localhost:1/absent:1", {}, quiet)
    assert caught.value.kind == "image_missing"
    with pytest.raises(Problem) as caught:
        await bench.runtime.adopt_image("localhost:1/absent:1", "carrel-test/absent:1", {}, quiet)
    assert caught.value.kind in {"image_missing", "registry_unreachable"}
