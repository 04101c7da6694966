"""Limits over HTTP: refused with the limit's name, also when all come at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.api.conftest import Running, serving, signed_in
from tests.integration.conftest import add_workspace

from carrel.core.access import Actor
from carrel.core.workspace import Goal, Phase
from carrel.server.settings import Settings, load_settings
from carrel.server.store.engine import Store


@pytest.fixture
async def running(store: Store, tmp_path: Path) -> AsyncIterator[Running]:
    def settings(port: int) -> Settings:
        limits = {"max_workspaces": 12, "max_running": 10, "max_cpus": 4, "max_memory_bytes": 2**33}
        return load_settings({}, overrides={"data_dir": tmp_path / "data", "port": port, **limits})

    async with serving(store, settings) as server:
        yield server


async def test_fifty_parallel_starts_against_a_limit_of_ten(running: Running, ben: Actor) -> None:
    store = running.parts.store
    made = [await add_workspace(store, ben, goal=Goal.STOP, phase=Phase.STOPPED) for _ in range(50)]
    async with signed_in(running, ben) as client:
        starts = [client.post(f"/api/v1/workspaces/{workspace.id}/start", timeout=60) for workspace in made]
        responses = await asyncio.gather(*starts)
    accepted = [r for r in responses if r.status_code == 202]
    refused = [r.json() for r in responses if r.status_code == 409]
    assert (len(accepted), len(refused)) == (10, 40)
    assert {problem["limit"] for problem in refused} == {"running"}
    assert "10 of 10" in refused[0]["detail"]


async def test_one_workspace_too_many_is_refused(running: Running, ben: Actor) -> None:
    async with signed_in(running, ben) as client:
        calls = [client.post("/api/v1/workspaces", json={"start": False}) for _ in range(15)]
        statuses = sorted(r.status_code for r in await asyncio.gather(*calls))
    assert statuses == [201] * 12 + [409] * 3


@pytest.mark.parametrize(("limits", "name"), [({"cpus": 8}, "cpus"), ({"memory_bytes": 2**34}, "memory")])
async def test_a_size_over_the_ceiling_is_refused(
    running: Running, ben: Actor, limits: dict[str, float], name: str
) -> None:
    async with signed_in(running, ben) as client:
        response = await client.post("/api/v1/workspaces", json={"limits": limits})
    assert (response.status_code, response.json()["kind"], response.json()["limit"]) == (409, "over_quota", name)
