"""Image builds on a real engine, by both builders."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.docker_bench import DockerBench
from tests.contract.images import run
from tests.contract.workbench import VOLUMES, new_ref, quiet

from carrel.core.problems import Problem
from carrel.core.spec import BuildStep, EmptySource, FolderSource, GitSource, Source, WorkspaceRef
from carrel.devcontainer.features.install import Installation, build_file, context_files
from carrel.devcontainer.features.record import Feature
from carrel.devcontainer.features.reference import parse_reference
from carrel.runtimes.contract import BuildJob, Runtime
from carrel.runtimes.docker.runtime import DockerRuntime

pytestmark = pytest.mark.docker

FILES: dict[str, bytes] = {
    ".dockerignore": b"*.log\nsecret\n!keep.log\n",
    "app/main.py": b"print(1)\n",
    "noise.log": b"noise",
    "keep.log": b"kept",
    "secret/key": b"hidden",
}
GIT = GitSource("https://example.com/x.git")


@pytest.fixture(params=["buildkit", "classic"])
async def builder(docker_bench: DockerBench, request: pytest.FixtureRequest) -> AsyncIterator[Runtime]:
    settings = docker_bench.settings(docker_bench.installation, builder=request.param)
    runtime = DockerRuntime(settings)
    assert (await runtime.probe()).builder == request.param
    yield runtime
    await runtime.close()


def tag(bench: DockerBench) -> str:
    return f"carrel-test/built:{bench.installation}"


async def filled(
    bench: DockerBench, files: dict[str, bytes | None], links: dict[str, str] | None = None
) -> WorkspaceRef:
    ref = new_ref()
    await bench.runtime.create_volumes(ref, VOLUMES)
    await bench.write_volume(ref, "project", files, links)
    return ref


async def built(runtime: Runtime, ref: WorkspaceRef, source: Source, step: BuildStep) -> list[str]:
    lines: list[str] = []
    await runtime.build_image(BuildJob(ref, step, source), lines.append)
    return lines


def content(image: str, path: str) -> str:
    return run("run", "--rm", "--network", "none", image, "cat", path)


@pytest.mark.parametrize("kind", ["volume", "folder"])
async def test_the_context_is_what_dockerignore_leaves_and_the_steps_own_files(
    docker_bench: DockerBench, builder: Runtime, tmp_path: Path, kind: str
) -> None:
    if kind == "volume":
        ref, source = await filled(docker_bench, dict(FILES)), GIT
    else:
        for path, data in FILES.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(data)
        ref, source = new_ref(), FolderSource(str(tmp_path))  # type: ignore[assignment]
    text = f"FROM {docker_bench.image}\nCOPY . /in\nRUN find /in -type f | sort > /list\n"
    step = BuildStep(tag(docker_bench), text, context=".", files={"extra/run.log": b"ours"})
    await built(builder, ref, source, step)
    listed = content(step.tag, "/list").split()
    assert listed == ["/in/.carrel-build/Dockerfile", "/in/app/main.py", "/in/extra/run.log", "/in/keep.log"]


async def test_a_context_below_the_root_and_files_with_links(docker_bench: DockerBench, builder: Runtime) -> None:
    files: dict[str, bytes | None] = {"deep/app/a.txt": b"a", "other": b"o"}
    ref = await filled(docker_bench, files, {"deep/app/link": "a.txt", "short": "deep/app"})
    text = f"FROM {docker_bench.image}\nCOPY a.txt link /in/\n"
    step = BuildStep(tag(docker_bench), text, context="short")
    await built(builder, ref, GIT, step)
    assert content(step.tag, "/in/link") == "a"


@pytest.mark.parametrize(
    ("context", "kind"), [("..", "refused_by_policy"), ("out", "refused_by_policy"), ("none", "bad_configuration")]
)
async def test_a_context_outside_the_source_is_refused(
    docker_bench: DockerBench, builder: Runtime, context: str, kind: str
) -> None:
    ref = await filled(docker_bench, {"a": b""}, {"out": "/etc"})
    with pytest.raises(Problem) as caught:
        await built(builder, ref, GIT, BuildStep(tag(docker_bench), "FROM scratch\nCOPY . /\n", context=context))
    assert caught.value.kind == kind


async def test_the_failing_step_of_a_later_stage_is_found(docker_bench: DockerBench, builder: Runtime) -> None:
    lines = [
        f"FROM {docker_bench.image} AS tools",
        "RUN true",
        "# a comment",
        f"FROM {docker_bench.image}",
        "ENV A=1",
        "COPY --from=tools /etc/passwd /p",
        "RUN echo first \\",
        "    && echo the reason >&2 \\",
        "    && exit 3",
        "RUN true",
    ]
    with pytest.raises(Problem) as caught:
        await built(builder, new_ref(), EmptySource(), BuildStep(tag(docker_bench), "\n".join(lines)))
    assert caught.value.kind == "build_failed"
    assert caught.value.extra["line"] == 7
    assert "exit code 3" in caught.value.detail
    assert "the reason" in caught.value.detail


async def test_a_failure_is_told_in_the_words_of_its_origin(docker_bench: DockerBench, builder: Runtime) -> None:
    text = f"FROM {docker_bench.image}\nRUN true\nRUN echo the reason >&2 && exit 3\n"
    step = BuildStep(tag(docker_bench), text, file=".devcontainer/Dockerfile")
    parts = {"2": "The feature ./a", "3": "The feature ./b"}
    for given, words in (
        (step, ".devcontainer/Dockerfile:3: RUN echo"),
        (replace(step, parts=parts), "The feature ./b failed: exit code 3"),
    ):
        with pytest.raises(Problem) as caught:
            await built(builder, new_ref(), EmptySource(), given)
        assert caught.value.detail.startswith(words)
        assert caught.value.detail.endswith("the reason")
        assert (caught.value.extra["file"], caught.value.extra["line"]) == (step.file, 3)


@pytest.mark.conformance("C250")
async def test_a_further_feature_builds_its_own_layer_only(docker_bench: DockerBench, builder: Runtime) -> None:
    nonce = docker_bench.installation
    kind = "buildkit" if (await builder.probe()).builder == "buildkit" else "classic"
    features = [
        _feature(name, f"cat /proc/sys/kernel/random/uuid > /{name} # {nonce} {kind}") for name in ("a", "b", "c")
    ]

    async def image(count: int) -> str:
        made = Installation(docker_bench.image, features[:count], "root", "root", "root", builder=kind)  # type: ignore[arg-type]
        step = BuildStep(f"{tag(docker_bench)}-{count}-{kind}", build_file(made), files=context_files(made))
        await built(builder, new_ref(), EmptySource(), step)
        return step.tag

    two, three = await image(2), await image(3)
    for path in ("/a", "/b"):
        assert content(two, path) == content(three, path), "the layer is the same one"
    assert content(three, "/c")


@pytest.mark.conformance("C139")
@pytest.mark.parametrize("builder", ["classic"], indirect=True)
async def test_an_image_that_is_to_serve_as_cache_does_not_switch_the_builders_own_off(
    docker_bench: DockerBench, builder: Runtime
) -> None:
    async def image(last: str) -> str:
        first = f"cat /proc/sys/kernel/random/uuid > /first # {docker_bench.installation}"
        text = f"FROM {docker_bench.image}\nRUN {first}\nRUN echo {last} > /last\n"
        step = BuildStep(f"{tag(docker_bench)}-cache-{last}", text, cache_from=(docker_bench.image,))
        assert any("uses its own cache" in line for line in await built(builder, new_ref(), EmptySource(), step))
        return step.tag

    one, two = await image("one"), await image("two")
    assert content(one, "/first") == content(two, "/first")
    assert content(two, "/last") == "two\n"


def _feature(name: str, script: str) -> Feature:
    reference = parse_reference(f"./{name}", ".devcontainer/devcontainer.json")
    return Feature(reference, {"id": name, "version": "1"}, files={"install.sh": f"#!/bin/sh\n{script}\n".encode()})


async def test_a_file_that_the_context_lacks_is_named(docker_bench: DockerBench, builder: Runtime) -> None:
    text = f"FROM {docker_bench.image}\nCOPY nothing.txt /\n"
    with pytest.raises(Problem) as caught:
        await built(builder, new_ref(), EmptySource(), BuildStep(tag(docker_bench), text))
    assert caught.value.kind == "build_failed"
    assert caught.value.extra["line"] == 2
    assert "nothing.txt" in caught.value.detail


async def test_an_instruction_that_does_not_exist_is_named(docker_bench: DockerBench, builder: Runtime) -> None:
    text = f"FROM {docker_bench.image}\nFETCH x\n"
    with pytest.raises(Problem) as caught:
        await built(builder, new_ref(), EmptySource(), BuildStep(tag(docker_bench), text))
    assert caught.value.kind == "build_failed"
    assert "FETCH" in caught.value.detail.upper()


async def test_certificates_and_proxies_reach_every_run_and_stay_out_of_the_image(
    docker_bench: DockerBench,
) -> None:
    for name in ("buildkit", "classic"):
        settings = docker_bench.settings(
            docker_bench.installation,
            builder=name,
            ca_bundle=b"the bundle",
            proxies={"HTTP_PROXY": "http://user:pw@proxy"},
        )
        runtime = DockerRuntime(settings)
        show = 'RUN echo "SEEN $(cat $SSL_CERT_FILE) $HTTP_PROXY"'
        text = f"FROM {docker_bench.image} AS base\n{show}\nFROM base\n{show}\nRUN exit 4\n"
        with pytest.raises(Problem) as caught:
            await built(runtime, new_ref(), EmptySource(), BuildStep(tag(docker_bench), text, no_cache=True))
        assert caught.value.extra["line"] == 5
        step = BuildStep(f"{tag(docker_bench)}-{name}", text.replace("RUN exit 4\n", ""), no_cache=True)
        lines = await built(runtime, new_ref(), EmptySource(), step)
        assert any("SEEN the bundle http://user:pw@proxy" in line for line in lines), lines
        fact = await runtime.inspect_image(step.tag)
        assert fact is not None
        assert "SSL_CERT_FILE" not in fact.env
        assert "pw@proxy" not in run("history", "--no-trunc", step.tag)
        await runtime.close()


async def test_a_context_that_is_too_large_builds_nothing(docker_bench: DockerBench) -> None:
    ref = await filled(docker_bench, {"big": b"x" * 3_000_000, "small": b"1"})
    text = f"FROM {docker_bench.image}\nCOPY small /\n"
    for name in ("buildkit", "classic"):
        runtime = DockerRuntime(
            docker_bench.settings(docker_bench.installation, builder=name, max_context_bytes=1_000_000)
        )
        with pytest.raises(Problem) as caught:
            await built(runtime, ref, GIT, BuildStep(tag(docker_bench), text, context="."))
        assert caught.value.kind == "build_failed"
        assert "larger than" in caught.value.detail
        assert await runtime.inspect_image(tag(docker_bench)) is None
        await runtime.close()


async def test_a_file_of_the_project_with_the_name_of_one_of_ours_is_refused(
    docker_bench: DockerBench, builder: Runtime
) -> None:
    ref = await filled(docker_bench, {"extra/run.sh": b"theirs"})
    step = BuildStep(tag(docker_bench), f"FROM {docker_bench.image}\n", context=".", files={"extra/run.sh": b"ours"})
    with pytest.raises(Problem) as caught:
        await built(builder, ref, GIT, step)
    assert caught.value.kind == "build_failed"
    assert "extra/run.sh" in caught.value.detail


async def test_a_build_gets_no_network_but_the_default_or_none(docker_bench: DockerBench, builder: Runtime) -> None:
    text = f"FROM {docker_bench.image}\nRUN ! ip route | grep -q default\n"
    for network in ("host", "container:x", "bridge"):
        step = BuildStep(tag(docker_bench), text, options={"network": network})
        with pytest.raises(Problem) as caught:
            await built(builder, new_ref(), EmptySource(), step)
        assert caught.value.kind == "refused_by_policy"
    await built(builder, new_ref(), EmptySource(), BuildStep(tag(docker_bench), text, options={"network": "none"}))


async def test_two_builds_of_one_tag_are_one_build(docker_bench: DockerBench, builder: Runtime) -> None:
    step = BuildStep(tag(docker_bench), f"FROM {docker_bench.image}\nRUN sleep 0.5\n", no_cache=True)
    told: list[list[str]] = await asyncio.gather(*(built(builder, new_ref(), EmptySource(), step) for _ in range(3)))
    assert sorted(bool(lines) for lines in told) == [False, False, True]


async def test_a_forced_build_builds_again(docker_bench: DockerBench, builder: Runtime) -> None:
    step = BuildStep(
        tag(docker_bench), f"FROM {docker_bench.image}\nRUN cat /proc/sys/kernel/random/uuid > /id\n", no_cache=True
    )
    await built(builder, new_ref(), EmptySource(), step)
    first = content(step.tag, "/id")
    await builder.build_image(BuildJob(new_ref(), step, EmptySource(), force=True), quiet)
    assert content(step.tag, "/id") != first


async def test_a_cancelled_build_leaves_no_client(docker_bench: DockerBench, builder: Runtime) -> None:
    begun = asyncio.Event()

    def see(line: str) -> None:
        if "RUN sleep 600" in line:
            begun.set()

    step = BuildStep(tag(docker_bench), f"FROM {docker_bench.image}\nRUN sleep 600\n", no_cache=True)
    building = asyncio.ensure_future(builder.build_image(BuildJob(new_ref(), step, EmptySource()), see))
    await asyncio.wait_for(begun.wait(), 30)
    building.cancel()
    await asyncio.wait([building], timeout=10)
    assert building.cancelled()
    assert await _gone(lambda: _clients(step.tag))


async def test_a_killed_server_leaves_no_client(docker_bench: DockerBench) -> None:
    step_tag = tag(docker_bench)
    program = (
        "import asyncio, sys\n"
        "from carrel.runtimes.docker.runtime import DockerRuntime\n"
        "from carrel.runtimes.docker.settings import DockerSettings\n"
        "from carrel.runtimes.contract import BuildJob\n"
        "from carrel.core.spec import *\n"
        f"step = BuildStep({step_tag!r}, {'FROM ' + docker_bench.image!r} + '\\nRUN sleep 600\\n', no_cache=True)\n"
        f"runtime = DockerRuntime(DockerSettings({docker_bench.installation!r}))\n"
        "asyncio.run(runtime.build_image(BuildJob(WorkspaceRef('aaaaaaaaaaaa'), step, EmptySource()), lambda l: print(l, flush=True)))\n"
    )
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=-1)
    assert server.stdout is not None
    async with asyncio.timeout(30):
        async for line in server.stdout:
            if b"RUN sleep 600" in line:
                break
    server.kill()
    await server.communicate()
    assert await _gone(lambda: _clients(step_tag))


def _clients(word: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and word.encode() in (entry / "cmdline").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


async def _gone(find: Callable[[], list[int]]) -> bool:
    async with asyncio.timeout(60):
        while find():
            await asyncio.sleep(0.05)
    return True


async def test_a_cache_of_one_project_is_not_another_s(docker_bench: DockerBench) -> None:
    runtime = DockerRuntime(docker_bench.settings(docker_bench.installation, builder="buildkit"))
    mount = "RUN --mount=type=cache,id=shared,target=/cache"

    async def seen(project: str, number: int) -> str:
        name = f"{tag(docker_bench)}-{project}{number}"
        step = BuildStep(
            name, f"FROM {docker_bench.image}\n{mount} ls /cache > /seen; echo {number}; touch /cache/{project}\n"
        )
        await built(runtime, replace(new_ref(), project=project), EmptySource(), step)
        return content(name, "/seen").strip()

    try:
        assert await seen("one", 1) == ""
        assert await seen("two", 2) == ""
        assert await seen("one", 3) == "one"
    finally:
        await runtime.close()
