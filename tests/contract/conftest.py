"""Each test of this folder runs on every runtime; those marked `docker` need what only an engine has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contract.docker_bench import DockerBench, toolbox
from tests.contract.fake_bench import FakeBench
from tests.contract.workbench import Workbench


@pytest.fixture(params=["fake", pytest.param("docker", marks=pytest.mark.docker)])
async def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Workbench]:
    if request.param == "fake":
        fake = FakeBench()
        await fake.prepare()
        yield fake
        return
    async for docker in _docker(tmp_path_factory.mktemp("git")):
        yield docker


@pytest.fixture
async def docker_bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DockerBench]:
    async for docker in _docker(tmp_path_factory.mktemp("git")):
        yield docker


async def _docker(folder: Path) -> AsyncIterator[DockerBench]:
    made = DockerBench(folder, await asyncio.to_thread(toolbox))
    try:
        yield made
    finally:
        await made.close()
