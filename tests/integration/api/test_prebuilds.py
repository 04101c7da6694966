"""Prebuilds by API: made, listed, and taken by the next workspace that asks for the same, and by no other."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update
from tests.integration.api.conftest import Client, Running
from tests.integration.conftest import Clock

from carrel.core.workspace import Goal, Phase, Remembered
from carrel.server.store import schema

URL = "https://git.example/ana/blog.git"
SOURCE = {"kind": "git", "url": URL, "ref": "main"}


async def post(client: Client, path: str, **body: Any) -> dict[str, Any]:
    response = await client.post(f"/api/v1/{path}", json=body)
    assert response.status_code == 201, response.text
    document: dict[str, Any] = response.json()
    return document


async def ready(running: Running, workspace: str) -> None:
    """As the loop leaves a prebuild whose hooks have run."""
    row = schema.workspaces
    values = {
        "phase": Phase.STOPPED,
        "goal": Goal.STOP,
        "remembered": Remembered(prebuilt="carrel-env/default:1", commit="c" * 40),
    }
    async with running.parts.store.writing() as session:
        await session.run(update(row).where(row.c.id == workspace).values(values))


async def prebuilds(client: Client) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.get("/api/v1/prebuilds")).json()["items"]
    return items


async def test_a_prebuild_is_listed_and_taken_once(client: Client, running: Running) -> None:
    made = await post(client, "prebuilds", source=SOURCE)
    assert made["name"] == "prebuild-blog"
    assert [(one["workspace"], one["ready"]) for one in await prebuilds(client)] == [(made["id"], False)]
    early = await post(client, "workspaces", source=SOURCE, name="early")
    assert early["id"] != made["id"], "it is not ready"

    await ready(running, made["id"])
    (listed,) = await prebuilds(client)
    assert (listed["ready"], listed["image"], listed["commit"]) == (True, "carrel-env/default:1", "c" * 40)
    taken = await post(client, "workspaces", source=SOURCE, name="mine", labels={"team": "web"})
    assert (taken["id"], taken["name"], taken["goal"], taken["labels"]) == (made["id"], "mine", "run", {"team": "web"})
    assert taken["start"] == made["start"] + 1
    assert await prebuilds(client) == []
    events = (await client.get(f"/api/v1/workspaces/{taken['id']}/events?limit=100")).json()["items"]
    assert [event["data"]["commit"] for event in events if event["kind"] == "prebuild_taken"] == ["c" * 40]
    assert (await post(client, "workspaces", source=SOURCE, name="next"))["id"] != made["id"]


@pytest.mark.parametrize(
    "other",
    [
        {"source": {**SOURCE, "ref": "other"}},
        {"devcontainer": ".devcontainer/gpu/devcontainer.json"},
        {"limits": {"cpus": 2}},
        {"egress": "none"},
        {"project": "shop"},
        {"start": False},
    ],
)
async def test_what_is_asked_for_otherwise_does_not_take_it(
    client: Client, running: Running, other: dict[str, Any]
) -> None:
    made = await post(client, "prebuilds", source=SOURCE)
    await ready(running, made["id"])
    new = await post(client, "workspaces", **{"source": SOURCE, "name": "mine", **other})
    assert new["id"] != made["id"]


async def test_an_old_prebuild_is_not_taken(client: Client, running: Running, clock: Clock) -> None:
    made = await post(client, "prebuilds", source=SOURCE)
    await ready(running, made["id"])
    clock.move(seconds=running.parts.settings.prebuild_max_age_seconds + 60)
    assert (await post(client, "workspaces", source=SOURCE, name="mine"))["id"] != made["id"]


async def test_a_name_that_is_in_use_is_told_before_anything_is_taken(client: Client, running: Running) -> None:
    await post(client, "workspaces", source=SOURCE, name="mine")
    made = await post(client, "prebuilds", source=SOURCE)
    await ready(running, made["id"])
    response = await client.post("/api/v1/workspaces", json={"source": SOURCE, "name": "mine"})
    assert (response.status_code, response.json()["kind"]) == (409, "name_taken")
    assert [one["ready"] for one in await prebuilds(client)] == [True]


async def test_a_prebuild_that_is_taken_is_not_counted_twice(client: Client, running: Running) -> None:
    user = (await client.get("/api/v1/session")).json()["user"]
    assert (await client.put(f"/api/v1/users/{user}/limits", json={"workspaces": 1})).status_code == 200
    made = await post(client, "prebuilds", source=SOURCE)
    await ready(running, made["id"])
    other = await client.post("/api/v1/workspaces", json={"source": SOURCE | {"ref": "other"}, "name": "other"})
    assert (other.status_code, other.json()["kind"]) == (409, "over_quota")
    assert (await post(client, "workspaces", source=SOURCE, name="mine"))["id"] == made["id"]
    more = await client.post("/api/v1/workspaces", json={"source": SOURCE, "name": "more"})
    assert (more.status_code, more.json()["kind"]) == (409, "over_quota")
