"""The engine stops, dies or is not there: nothing is lost, and all is well again once it answers (promises 1 and 3)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.contract.images import busybox_image
from tests.e2e.installation import Installation
from tests.e2e.private_engine import POOL, PrivateEngine, private_engine
from tests.e2e.repositories import Repositories


@pytest.fixture(scope="module")
def engine(toolbox: str) -> Iterator[PrivateEngine]:
    """An engine that only these tests use, with the toolbox and an image."""
    with private_engine() as own:
        own.take_image(busybox_image())
        own.take_toolbox(toolbox)
        yield own


@pytest.fixture
def apart(engine: PrivateEngine, tmp_path: Path) -> Iterator[Installation]:
    """An installation on that engine."""
    own = Installation(tmp_path / "data", DOCKER_HOST=engine.host, CARREL_NETWORK_POOL=POOL)
    yield own
    engine.start()
    own.destroy()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_files_survive_the_end_of_the_engine_and_the_workspace_comes_back(
    apart: Installation, engine: PrivateEngine, repositories: Repositories, end: str
) -> None:
    apart.start()
    url = repositories.tiny(f"restart-{end}")
    workspace = apart.create(url, name="w")["id"]
    apart.until_phase(workspace, "running")
    apart.sh("w", "echo project > notes && echo home > ~/notes && sync")
    before = apart.container_ids(workspace)

    getattr(engine, end)()
    apart.until(workspace, lambda w: w["problem"] is not None and w["problem"]["kind"] == "no_engine")
    engine.start()
    apart.until(workspace, lambda w: w["phase"] == "running" and w["problem"] is None)
    assert apart.sh("w", "cat notes ~/notes") == "project\nhome"
    assert apart.container_ids(workspace) == before
    assert len(apart.volumes_of(workspace)) == 2


def test_a_server_without_an_engine_says_so_and_works_once_there_is_one(
    apart: Installation, engine: PrivateEngine, repositories: Repositories
) -> None:
    engine.stop()
    apart.start(until="healthz")
    workspace = apart.create(repositories.tiny("early"), name="early")["id"]
    now = apart.until(workspace, lambda w: w["problem"] is not None)
    assert now["problem"]["kind"] == "no_engine"
    assert "docker.io" in now["problem"]["hint"]
    assert now["problem"]["retry_at"]
    assert now["phase"] == "pending"
    runtime = apart.api("GET", "/server")["runtime"]
    assert "no container engine" in runtime["problem"]
    engine.start()
    apart.until_phase(workspace, "running", seconds=75)
    assert apart.api("GET", "/server")["runtime"]["problem"] == ""
    assert apart.sh("early", "echo $((6*7))") == "42"


@pytest.fixture
def cramped(toolbox: str, tmp_path: Path) -> Iterator[tuple[PrivateEngine, Installation]]:
    """An engine with 10 MiB for volumes, and an installation on it."""
    with private_engine() as engine:
        engine.size_volumes("10m")
        engine.take_image(busybox_image())
        engine.take_toolbox(toolbox)
        installation = Installation(tmp_path / "data", DOCKER_HOST=engine.host, CARREL_NETWORK_POOL=POOL)
        installation.start()
        yield engine, installation
        installation.destroy()


def test_a_full_disk_is_told_and_costs_nothing_that_was_there(
    cramped: tuple[PrivateEngine, Installation], repositories: Repositories
) -> None:
    engine, installation = cramped
    url = repositories.tiny("large", large=os.urandom(6 << 20).hex())
    workspace = installation.create(url, name="large")["id"]
    problem = installation.until_phase(workspace, "failed")["problem"]
    assert (problem["kind"], problem["step"]) == ("no_space", "fetch_source"), problem
    assert "docker system df" in problem["hint"]

    engine.size_volumes("60m")
    installation.api("POST", f"/workspaces/{workspace}/start")
    installation.until_phase(workspace, "running")
    assert installation.sh("large", "wc -c <large") == str(12 << 20)

    installation.sh("large", "echo kept >notes; cat /dev/zero >fill 2>/dev/null || true")
    assert installation.sh("large", "echo more 2>/dev/null >more || echo full") == "full"
    installation.api("POST", f"/workspaces/{workspace}/restart")
    installation.until(workspace, lambda w: w["phase"] == "running" and w["running_since"] is not None)
    assert installation.sh("large", "cat notes; rm fill; echo more >more; cat more") == "kept\nmore"
