"""Clones on a real engine: behind the fence, through redirects, with what git prints."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.contract.docker_bench import DockerBench
from tests.contract.git_server import git
from tests.contract.images import run
from tests.contract.workbench import VOLUMES, new_ref, quiet, source_job

from carrel.core.problems import Problem
from carrel.core.spec import GitSource
from carrel.runtimes.contract import ContainerState
from carrel.runtimes.docker.helpers import Helper, helper_manifest
from carrel.runtimes.docker.manifest import Maker
from carrel.runtimes.docker.runtime import DockerRuntime

pytestmark = pytest.mark.docker


@contextmanager
def redirecting(target: str) -> Iterator[str]:
    """A server that sends every request elsewhere."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", target + self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def test_a_redirect_to_another_host_does_not_get_the_token(docker_bench: DockerBench) -> None:
    ref = new_ref()
    await docker_bench.runtime.create_volumes(ref, VOLUMES)
    repository = await docker_bench.repository({"main": {"a": b"1"}}, token="s3cret")
    base, _, name = repository.url.rpartition("/")
    with redirecting(base) as url:
        job = source_job(docker_bench, ref, GitSource(f"{url}/{name}"), "s3cret")
        with pytest.raises(Problem) as caught:
            await docker_bench.runtime.fetch_source(job, quiet)
    assert caught.value.kind == "source_denied"


async def test_a_clone_has_an_upstream_and_no_trace_of_how_it_was_made(docker_bench: DockerBench) -> None:
    ref = new_ref()
    await docker_bench.runtime.create_volumes(ref, VOLUMES)
    repository = await docker_bench.repository({"main": {"a": b"1"}, "topic": {"b": b"2"}}, token="s3cret")
    job = source_job(docker_bench, ref, GitSource(repository.url, "topic"), "s3cret")
    await docker_bench.runtime.fetch_source(job, quiet)
    files = await docker_bench.read_volume(ref, "project")
    config = files[".git/config"].decode()
    assert repository.url in config
    assert "s3cret" not in config
    assert "merge = refs/heads/topic" in config
    assert not any(path.startswith(".git/hooks/") for path in files)
    assert ".carrel-unfinished" not in files


async def test_an_empty_repository_is_a_source_too(docker_bench: DockerBench, tmp_path: Path) -> None:
    ref = new_ref()
    await docker_bench.runtime.create_volumes(ref, VOLUMES)
    await docker_bench.repository({"main": {"a": b"1"}})
    await asyncio.to_thread(git, docker_bench.folder, "init", "--bare", "--quiet", "empty.git")
    url = f"{docker_bench.url}/empty.git"
    result = await docker_bench.runtime.fetch_source(source_job(docker_bench, ref, GitSource(url)), quiet)
    assert (result.commit, result.branch) == ("", "main")
    assert ".git/config" in await docker_bench.read_volume(ref, "project")


async def test_an_interrupted_clone_is_begun_anew(docker_bench: DockerBench) -> None:
    ref = new_ref()
    await docker_bench.runtime.create_volumes(ref, VOLUMES)
    await docker_bench.write_volume(
        ref, "project", {".carrel-unfinished": b"", "half": b"x", ".git/config": b"[broken"}
    )
    repository = await docker_bench.repository({"main": {"a": b"1"}})
    await docker_bench.runtime.fetch_source(source_job(docker_bench, ref, GitSource(repository.url)), quiet)
    files = await docker_bench.read_volume(ref, "project")
    assert files["a"] == b"1"
    assert "half" not in files


async def test_another_job_replaces_the_running_one(docker_bench: DockerBench) -> None:
    ref = new_ref()
    await docker_bench.runtime.create_volumes(ref, VOLUMES)
    one = await docker_bench.repository({"main": {"a": b"1"}})
    other = await docker_bench.repository({"main": {"b": b"2"}})
    with docker_bench.held():
        lost = asyncio.ensure_future(
            docker_bench.runtime.fetch_source(source_job(docker_bench, ref, GitSource(one.url)), quiet)
        )
        async with asyncio.timeout(30):
            while True:
                containers = (await docker_bench.runtime.observe(ref)).containers
                if containers and containers[0].state is ContainerState.RUNNING:
                    break
                await asyncio.sleep(0.02)
        lost.cancel()
        await asyncio.wait([lost])
    result = await docker_bench.runtime.fetch_source(source_job(docker_bench, ref, GitSource(other.url)), quiet)
    assert result.commit == other.commits["main"]
    assert (await docker_bench.read_volume(ref, "project"))["b"] == b"2"


async def test_this_machines_loopback_is_out_of_reach_unless_the_settings_say_so(docker_bench: DockerBench) -> None:
    ref = new_ref()
    await docker_bench.runtime.create_volumes(ref, VOLUMES)
    runtime = DockerRuntime(docker_bench.settings(docker_bench.installation, loopback_sources=False))
    for host in ("127.0.0.1", "localhost", "[::1]"):
        with pytest.raises(Problem) as caught:
            await runtime.fetch_source(source_job(docker_bench, ref, GitSource(f"http://{host}:1/x.git")), quiet)
        assert caught.value.kind == "bad_source"
    await runtime.close()


async def test_a_clone_over_the_bridge_runs_behind_the_fence(docker_bench: DockerBench) -> None:
    ref = new_ref()
    await docker_bench.runtime.create_volumes(ref, VOLUMES)
    repository = await docker_bench.repository({"main": {"a": b"1"}})
    await docker_bench.runtime.fetch_source(source_job(docker_bench, ref, GitSource(repository.url)), quiet)
    scratch = run("images", "--format", "{{.Repository}}:{{.Tag}}", "carrel/scratch").split()[0]
    maker = Maker(docker_bench.settings(docker_bench.installation), docker_bench.names)
    show = ("/opt/carrel/bin/busybox", "sh", "-c", "ip route; grep CapBnd /proc/self/status")
    body = helper_manifest(
        maker, Helper(ref, "source", scratch, command=show, network="bridge", toolbox=docker_bench.toolbox)
    )
    assert body["HostConfig"]["CapAdd"] == ["NET_ADMIN", "SETPCAP"]
    entry = body["Entrypoint"]
    done = run(
        "run", "--rm", "--cap-drop", "ALL", "--cap-add", "NET_ADMIN", "--cap-add", "SETPCAP", "--network", "bridge",
        "--volume", f"{docker_bench.toolbox}:/opt/carrel:ro", "--env", "PATH=/opt/carrel/bin:/bin", "--entrypoint", entry[0], scratch, *entry[1:],
    )  # fmt: skip
    assert "unreachable 169.254.0.0/16" in done
    assert int(done.rsplit("CapBnd:", 1)[1], 16) == 1 << 8
