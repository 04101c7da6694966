"""Faults and limits of a real engine: registries, address pools, lost connections, the way to the agent without a route."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from tests.contract.docker_bench import DockerBench
from tests.contract.images import run
from tests.contract.workbench import BOOT, VOLUMES, Wanted, main_container, new_ref, quiet, up, workspace
from tests.oci_registry import PASSWORD, USER, oci_registry

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.spec import (
    AGENT_PORT,
    BuildStep,
    ContainerSpec,
    Dependency,
    EmptySource,
    HealthCheck,
    Mount,
    MountKind,
    VolumeSpec,
    WorkspaceSpec,
)
from carrel.runtimes.contract import BuildJob, ContainerFact, ContainerState
from carrel.runtimes.docker.connection import Engine
from carrel.runtimes.docker.endpoints import Endpoints
from carrel.runtimes.docker.runtime import DockerRuntime
from carrel.runtimes.docker.settings import DockerSettings

pytestmark = pytest.mark.docker


@pytest.fixture
def registry() -> Iterator[str]:
    """A registry on a loopback port, with one user."""
    with oci_registry(password=True) as made:
        yield f"127.0.0.1:{made.port}"


async def test_pulls_from_a_private_registry(docker_bench: DockerBench, registry: str) -> None:
    image = f"{registry}/team/tools:1"
    run("tag", docker_bench.image, image)
    config = docker_bench.folder / "config"
    run("--config", str(config), "login", "--username", USER, "--password-stdin", registry, stdin=PASSWORD.encode())
    run("--config", str(config), "push", image)
    run("rmi", image)
    for credentials in ({}, {registry: ("ana", Secret("wrong"))}):
        with pytest.raises(Problem) as caught:
            await docker_bench.runtime.pull_image(image, credentials, quiet)
        assert caught.value.kind == "registry_denied"
    right = {registry: (USER, Secret(PASSWORD))}
    with pytest.raises(Problem) as caught:
        await docker_bench.runtime.pull_image(f"{registry}/team/none:1", right, quiet)
    assert caught.value.kind == "image_missing"
    lines: list[str] = []
    fact = await docker_bench.runtime.pull_image(image, right, lines.append)
    assert fact == await docker_bench.runtime.inspect_image(image)
    assert lines
    run("rmi", image)


@pytest.mark.conformance("C150")
async def test_a_present_image_is_pulled_anew_where_the_newest_is_asked_for(docker_bench: DockerBench) -> None:
    with oci_registry() as registry:
        image = f"{registry.host}/team/base:1"
        facts = []
        for colour in ("blue", "red"):
            step = BuildStep(f"carrel-test/{colour}:1", f"FROM {docker_bench.image}\nENV COLOUR={colour}\n")
            facts.append(await docker_bench.runtime.build_image(BuildJob(new_ref(), step, EmptySource()), quiet))
            run("tag", step.tag, image)
            run("push", image)
        run("tag", "carrel-test/blue:1", image)
        assert (await docker_bench.runtime.pull_image(image, {}, quiet)).env["COLOUR"] == "blue"
        assert (await docker_bench.runtime.pull_image(image, {}, quiet, newest=True)).env["COLOUR"] == "red"
    with pytest.raises(Problem):
        await docker_bench.runtime.pull_image(image, {}, quiet, newest=True)
    assert await docker_bench.runtime.inspect_image(image) == facts[1]
    run("rmi", image)


async def test_what_one_installation_pushes_another_has_as_if_it_had_built_it(
    docker_bench: DockerBench, registry: str
) -> None:
    step = BuildStep(f"carrel-test/shared:{docker_bench.installation}", f"FROM {docker_bench.image}\nENV COLOUR=blue\n")
    built = await docker_bench.runtime.build_image(BuildJob(new_ref(), step, EmptySource()), quiet)
    name, right = f"{registry}/cache/env:abc", {registry: (USER, Secret(PASSWORD))}
    with pytest.raises(Problem) as caught:
        await docker_bench.runtime.push_image(step.tag, name, {}, quiet)
    assert caught.value.kind == "registry_denied"
    lines: list[str] = []
    assert (await docker_bench.runtime.push_image(step.tag, name, right, lines.append)).startswith("sha256:")
    assert lines
    assert await docker_bench.runtime.inspect_image(name) is None, "no local name is left"

    run("rmi", step.tag)
    assert (await docker_bench.runtime.adopt_image(name, step.tag, right, quiet)).id == built.id
    run("rmi", step.tag)
    other = docker_bench.stranger()
    adopted = await other.adopt_image(name, step.tag, right, quiet)
    assert adopted.env["COLOUR"] == "blue"
    assert await other.inspect_image(name) is None
    assert await docker_bench.runtime.collect(frozenset(), frozenset()) == [], "it belongs to the other one"
    assert step.tag in await other.collect(frozenset(), frozenset())
    with pytest.raises(Problem) as caught:
        await other.adopt_image(f"{registry}/cache/env:none", step.tag, right, quiet)
    assert caught.value.kind == "image_missing"


async def test_a_registry_that_is_not_there_is_noticed_soon(docker_bench: DockerBench) -> None:
    began = time.monotonic()
    with pytest.raises(Problem) as caught:
        await docker_bench.runtime.pull_image("127.0.0.1:1/none:1", {}, quiet)
    assert caught.value.kind == "registry_unreachable"
    assert time.monotonic() - began < 30


async def test_a_registry_that_never_answers_is_given_up(docker_bench: DockerBench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        image = f"127.0.0.1:{silent.getsockname()[1]}/none:1"
        settings = docker_bench.settings(docker_bench.installation, registry_patience_seconds=0.5)
        runtime = DockerRuntime(settings)
        with pytest.raises(Problem) as caught:
            await runtime.pull_image(image, {}, quiet)
        await runtime.close()
    assert caught.value.kind == "registry_unreachable"
    assert "did not answer" in caught.value.detail


async def test_a_pool_without_a_free_subnet_is_a_problem_and_a_stop_frees_one(docker_bench: DockerBench) -> None:
    settings = docker_bench.settings(docker_bench.installation, network_pool="10.216.0.0/27")
    runtime = DockerRuntime(settings)
    specs = [workspace(docker_bench, new_ref()) for _ in range(3)]
    for spec in specs:
        await runtime.create_volumes(spec.ref, spec.volumes)
    await runtime.create(specs[0], quiet)
    await runtime.create(specs[1], quiet)
    with pytest.raises(Problem) as caught:
        await runtime.create(specs[2], quiet)
    assert caught.value.kind == "no_subnet"
    await runtime.stop(specs[0].ref)
    await runtime.create(specs[2], quiet)
    await runtime.close()


async def test_many_networks_at_once_get_subnets_of_their_own(docker_bench: DockerBench) -> None:
    settings = docker_bench.settings(docker_bench.installation, network_pool="10.217.0.0/24")
    one, other = DockerRuntime(settings), DockerRuntime(settings)
    specs = [workspace(docker_bench, new_ref()) for _ in range(12)]
    for spec in specs:
        await one.create_volumes(spec.ref, spec.volumes)
    servers = [one, other] * 6
    await asyncio.gather(*(server.create(spec, quiet) for server, spec in zip(servers, specs, strict=True)))
    subnets = [
        ip_network(json.loads(run("network", "inspect", network))[0]["IPAM"]["Config"][0]["Subnet"])
        for network in docker_bench.labelled("network")
    ]
    assert len(set(subnets)) == 12
    assert all(subnet.subnet_of(ip_network("10.217.0.0/24")) for subnet in subnets)  # type: ignore[arg-type]
    await one.close()
    await other.close()


async def test_a_foreign_network_in_the_pool_is_left_alone(docker_bench: DockerBench) -> None:
    foreign = run("network", "create", "--subnet", "10.218.0.0/28", f"foreign-{docker_bench.installation}").strip()
    try:
        settings = docker_bench.settings(docker_bench.installation, network_pool="10.218.0.0/27")
        runtime = DockerRuntime(settings)
        spec = workspace(docker_bench, new_ref())
        await runtime.create_volumes(spec.ref, spec.volumes)
        await runtime.create(spec, quiet)
        found = json.loads(run("network", "inspect", docker_bench.names.network(spec.ref)))
        assert found[0]["IPAM"]["Config"][0]["Subnet"] == "10.218.0.16/28"
        await runtime.close()
    finally:
        run("network", "rm", foreign)


async def test_a_service_that_is_not_healthy_fails_the_start(docker_bench: DockerBench) -> None:
    check = HealthCheck(("CMD-SHELL", "false"), interval_seconds=0.1, retries=1)
    db = ContainerSpec("db", docker_bench.image, command=("sleep", "600"), health=check)
    spec = workspace(
        docker_bench, new_ref(), Wanted(others=(db,), main={"dependencies": (Dependency("db", "healthy"),)})
    )
    with pytest.raises(Problem) as caught:
        await up(docker_bench, spec)
    assert caught.value.kind == "container_failed"
    assert "'db' is not healthy" in caught.value.detail


async def test_a_subpath_is_never_the_whole_volume_in_silence(docker_bench: DockerBench) -> None:
    mounts = (Mount(MountKind.VOLUME, "/deep", "home", subpath="deep"),)
    spec = workspace(docker_bench, new_ref(), Wanted(main={"mounts": mounts}))
    await docker_bench.runtime.create_volumes(spec.ref, spec.volumes)
    await docker_bench.write_volume(spec.ref, "home", {"deep/a": b"1", "b": b"2"})
    await up(docker_bench, spec)
    assert (await docker_bench.inside(spec.ref, "ls", "/deep/"))[1].split() == ["a"]
    await docker_bench.inside(spec.ref, "sh", "-c", "echo 3 > /deep/c")
    await docker_bench.runtime.remove(spec.ref)
    await up(docker_bench, spec)
    assert (await docker_bench.inside(spec.ref, "cat", "/deep/c"))[1].strip() == "3"


async def test_a_network_removed_by_hand_is_made_again(docker_bench: DockerBench) -> None:
    spec = workspace(docker_bench, new_ref())
    await up(docker_bench, spec)
    run("kill", docker_bench.names.container(spec.ref, "main"))
    run("network", "rm", docker_bench.names.network(spec.ref))
    await up(docker_bench, spec)
    facts = await docker_bench.runtime.observe(spec.ref)
    assert facts.network
    assert facts.endpoint is not None


async def test_a_volume_that_vanishes_while_a_container_is_made_is_not_replaced(docker_bench: DockerBench) -> None:
    spec = workspace(docker_bench, new_ref())
    await docker_bench.runtime.create_volumes(spec.ref, spec.volumes)
    volumes = docker_bench.runtime._volumes  # type: ignore[attr-defined]
    need = volumes.need
    looked: list[bool] = []

    async def lose_it_after_the_first_look(*words: Any) -> None:
        await need(*words)
        if not looked:
            looked.append(True)
            run("volume", "rm", docker_bench.names.volume(spec.ref, "home"))

    volumes.need = lose_it_after_the_first_look
    with pytest.raises(Problem) as caught:
        await docker_bench.runtime.create(spec, quiet)
    assert caught.value.kind == "volume_missing"
    facts = await docker_bench.runtime.observe(spec.ref)
    assert facts.volumes == {"project"}
    assert facts.containers == ()
    assert docker_bench.names.volume(spec.ref, "home") not in run("volume", "ls", "--quiet").split()


async def test_the_agent_is_reached_without_a_route_through_the_engine(docker_bench: DockerBench) -> None:
    spec = workspace(docker_bench, new_ref())
    await up(docker_bench, spec)
    echo = (
        f"import socket; s = socket.create_server(('127.0.0.1', {AGENT_PORT + 1}))\n"
        "c = s.accept()[0]\nwhile b := c.recv(65536): c.sendall(b[::-1])\nc.sendall(b'end')\n"
    )
    name = docker_bench.names.container(spec.ref, "main")
    run("exec", "--detach", name, "/opt/carrel/bin/python3", "-I", "-S", "-c", echo)
    endpoint = Endpoints(Engine(), "/usr/bin/docker").through_exec(name)
    argv = [word.replace(str(AGENT_PORT), str(AGENT_PORT + 1)) for word in endpoint.argv]
    async with asyncio.timeout(60):
        while True:
            process = await asyncio.create_subprocess_exec(*argv, stdin=-1, stdout=-1, stderr=-3)
            out, _ = await process.communicate(b"hello")
            if out:
                break
    assert out == b"ollehend"


async def test_where_no_engine_is_the_problem_says_so(tmp_path: Path) -> None:
    runtime = DockerRuntime(settings=_settings(f"unix://{tmp_path}/none.sock"))
    for call in (runtime.probe, runtime.has_toolbox, runtime.observe_all):
        with pytest.raises(Problem) as caught:
            await call()
        assert caught.value.kind == "no_engine"
    await runtime.close()


@asynccontextmanager
async def answering(path: Path, version: dict[str, str]) -> AsyncIterator[str]:
    """An engine that knows nothing but its version, and ends each connection."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps(version).encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, path)
    async with server:
        yield f"unix://{path}"


async def test_an_engine_that_is_too_old_is_refused(tmp_path: Path) -> None:
    async with answering(tmp_path / "old.sock", {"Version": "19.03", "ApiVersion": "1.40"}) as host:
        runtime = DockerRuntime(_settings(host))
        with pytest.raises(Problem) as caught:
            await runtime.probe()
        assert caught.value.kind == "engine_too_old"
        assert "19.03" in caught.value.detail
        await runtime.close()


async def test_a_toolbox_without_an_engine_is_no_engine(tmp_path: Path) -> None:
    async with answering(tmp_path / "gone.sock", {"Version": "24.0", "ApiVersion": "1.43", "Arch": "amd64"}) as host:
        runtime = DockerRuntime(_settings(host))
        await runtime._engine.docker()
    for _ in range(2):
        with pytest.raises(Problem) as caught:
            await runtime.has_toolbox()
        assert caught.value.kind == "no_engine"
    await runtime.close()


def _settings(host: str) -> DockerSettings:
    return DockerSettings("testtesttest", host=host)


async def test_a_watch_ends_when_the_connection_is_lost(docker_bench: DockerBench, tmp_path: Path) -> None:
    async with answering(tmp_path / "gone.sock", {"Version": "24.0", "ApiVersion": "1.43"}) as host:
        runtime = DockerRuntime(_settings(host))
        assert [workspace async for workspace in runtime.watch()] == []
        await runtime.close()


async def test_a_local_folder_is_mounted_and_never_removed(docker_bench: DockerBench, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    assert (await docker_bench.runtime.probe()).shares_files_with
    main = main_container(docker_bench)
    mounts = (Mount(MountKind.FOLDER, "/workspaces/blog", str(tmp_path)), main.mounts[1])
    spec = workspace(docker_bench, new_ref(), Wanted(volumes=(VolumeSpec("home"),), main={"mounts": mounts}))
    await up(docker_bench, spec)
    await docker_bench.inside(spec.ref, "sh", "-c", "echo more > /workspaces/blog/b")
    await docker_bench.runtime.remove(spec.ref)
    await docker_bench.runtime.remove_volumes(spec.ref)
    assert {path.name for path in tmp_path.rglob("*")} == {"a", "b"}


async def test_folders_are_not_shared_where_the_settings_say_no(docker_bench: DockerBench) -> None:
    runtime = DockerRuntime(docker_bench.settings(docker_bench.installation, local_folders=False))
    assert (await runtime.probe()).shares_files_with == ""
    await runtime.close()


async def test_many_things_that_are_followed_hold_up_nothing(docker_bench: DockerBench) -> None:
    watches = [docker_bench.runtime.watch() for _ in range(120)]
    waiting = [asyncio.ensure_future(anext(watch)) for watch in watches]
    await asyncio.wait(waiting, timeout=0.5)
    async with asyncio.timeout(60):
        await docker_bench.runtime.observe(new_ref())
    for one in waiting:
        one.cancel()
    await asyncio.wait(waiting)


async def test_observing_is_fast_enough_for_every_step(docker_bench: DockerBench) -> None:
    spec = workspace(docker_bench, new_ref())
    await docker_bench.runtime.create_volumes(spec.ref, VOLUMES)
    await docker_bench.runtime.create(spec, quiet)
    await docker_bench.runtime.start(spec, BOOT, quiet)
    times = []
    for _ in range(20):
        began = time.perf_counter()
        await docker_bench.runtime.observe(spec.ref)
        times.append(time.perf_counter() - began)
    assert sorted(times)[10] < 0.05  # measured: 0.003 on an idle machine


async def test_a_service_is_started_again_as_its_policy_says_and_the_end_is_a_fact(docker_bench: DockerBench) -> None:
    crashing = ContainerSpec(
        "db", docker_bench.image, command=("sh", "-c", "exit 3"), restart="failure", restart_attempts=1
    )
    spec = workspace(docker_bench, new_ref(), Wanted(others=(crashing,)))
    await up(docker_bench, spec)
    async with asyncio.timeout(60):
        while (db := await fact_of(docker_bench, spec, "db")).restarts < 1 or db.exit_code is None:
            await asyncio.sleep(0.05)
    assert (db.state, db.exit_code, db.restarts) == (ContainerState.EXITED, 3, 1)
    assert (await fact_of(docker_bench, spec, "main")).state is ContainerState.RUNNING


async def fact_of(bench: DockerBench, spec: WorkspaceSpec, name: str) -> ContainerFact:
    """The fact of one container, now."""
    return next(one for one in (await bench.runtime.observe(spec.ref)).containers if one.name == name)
