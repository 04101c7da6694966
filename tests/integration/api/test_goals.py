"""Start, stop, restart, rebuild, delete, undelete, archive, extend: what is accepted, and what it changes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from tests.integration.api.conftest import Client, Create, Running
from tests.integration.conftest import Clock, add_workspace

from carrel.core.access import Actor
from carrel.core.workspace import Failure, Goal, Phase, Workspace
from carrel.server.store import schema, workspaces
from carrel.server.store.engine import Store

FAILURE = Failure("fetch_source", "source_denied", "no")


async def post(client: Client, workspace: Workspace, verb: str, **body: Any) -> tuple[int, dict[str, Any]]:
    response = await client.post(f"/api/v1/workspaces/{workspace.id}/{verb}", json=body or None)
    return response.status_code, response.json()


async def found(store: Store, workspace: Workspace) -> Workspace:
    async with store.reading() as session:
        now = await workspaces.find(session, workspace.id)
    assert now is not None
    return now


async def sleep_on(store: Store, workspace: Workspace) -> None:
    """Nothing is to be done for it."""
    async with store.writing() as session:
        await session.run(update(schema.workspaces).where(schema.workspaces.c.id == workspace.id).values(wake_at=None))


async def is_due(store: Store, workspace: Workspace) -> bool:
    async with store.reading() as session:
        statement = schema.workspaces.select().where(schema.workspaces.c.id == workspace.id)
        row = await session.one(statement)
    assert row is not None
    return row.wake_at is not None


@pytest.mark.parametrize("phase", list(Phase))
async def test_stop_and_delete_are_legal_in_every_phase(
    client: Client, running: Running, owner: Actor, phase: Phase
) -> None:
    goal = {Phase.STOPPED: Goal.STOP, Phase.DELETING: Goal.DELETE, Phase.DELETED: Goal.DELETE}.get(phase, Goal.RUN)
    made = await add_workspace(running.parts.store, owner, phase=phase, goal=goal)
    status, document = await post(client, made, "stop")
    assert (status, document["goal"]) == (202, "delete" if goal is Goal.DELETE else "stop")
    response = await client.delete(f"/api/v1/workspaces/{made.id}")
    assert (response.status_code, response.json()["goal"]) == (202, "delete")


async def test_start_of_a_running_one_changes_nothing(client: Client, running: Running, owner: Actor) -> None:
    made = await add_workspace(running.parts.store, owner, phase=Phase.RUNNING)
    before = await found(running.parts.store, made)
    await sleep_on(running.parts.store, made)
    assert (await post(client, made, "start"))[0] == 202
    assert await found(running.parts.store, made) == before
    assert not await is_due(running.parts.store, made)


@pytest.mark.parametrize(
    "members",
    [
        {"goal": Goal.STOP, "phase": Phase.STOPPED},
        {"phase": Phase.FAILED, "failure": FAILURE},
    ],
    ids=["stopped", "failed"],
)
async def test_start_makes_a_new_start_and_wakes_the_loop(
    client: Client, running: Running, owner: Actor, members: dict[str, Any]
) -> None:
    made = await add_workspace(running.parts.store, owner, **members)
    await sleep_on(running.parts.store, made)
    status, document = await post(client, made, "start")
    assert (status, document["goal"], document["start"], document["generation"]) == (202, "run", 2, 2)
    now = await found(running.parts.store, made)
    assert (now.failure, now.archived, now.goal) == (None, False, Goal.RUN)
    assert await is_due(running.parts.store, made)
    events = (await client.get(f"/api/v1/workspaces/{made.id}/events")).json()["items"]
    assert events[-1]["data"] == {"goal": "run", "by": owner.name, "reason": "start"}


async def test_restart_always_makes_a_new_start(client: Client, running: Running, owner: Actor) -> None:
    made = await add_workspace(running.parts.store, owner, phase=Phase.RUNNING)
    assert [(await post(client, made, "restart"))[1]["start"] for _ in range(2)] == [2, 3]


async def test_rebuild_wants_a_new_revision(client: Client, running: Running, owner: Actor) -> None:
    made = await add_workspace(running.parts.store, owner, goal=Goal.STOP, phase=Phase.STOPPED)
    _, document = await post(client, made, "rebuild", no_cache=True)
    assert (document["revision"], document["start"], document["goal"]) == (2, 2, "run")
    assert (await found(running.parts.store, made)).no_cache
    await post(client, made, "rebuild")
    now = await found(running.parts.store, made)
    assert (now.revision, now.no_cache) == (3, False)


async def test_delete_puts_it_into_the_trash_with_a_date(
    client: Client, running: Running, owner: Actor, clock: Clock
) -> None:
    made = await add_workspace(running.parts.store, owner, phase=Phase.RUNNING)
    first = (await client.delete(f"/api/v1/workspaces/{made.id}")).json()
    now = await found(running.parts.store, made)
    assert (now.goal, now.purge, now.purge_after) == (Goal.DELETE, False, clock() + timedelta(days=7))
    clock.move(days=1)
    assert (await client.delete(f"/api/v1/workspaces/{made.id}")).json() == first
    purged = await client.delete(f"/api/v1/workspaces/{made.id}", params={"purge": True})
    assert purged.status_code == 202
    assert (await found(running.parts.store, made)).purge


@pytest.mark.parametrize("verb", ["start", "restart", "rebuild", "archive"])
async def test_what_is_in_the_trash_is_taken_out_first(
    client: Client, running: Running, owner: Actor, verb: str
) -> None:
    made = await add_workspace(running.parts.store, owner, goal=Goal.DELETE, phase=Phase.DELETED)
    status, problem = await post(client, made, verb)
    assert (status, problem["kind"]) == (409, "wrong_state")
    assert "undelete" in problem["hint"]


async def test_undelete_is_refused_when_the_volumes_are_going(
    client: Client, running: Running, owner: Actor, clock: Clock
) -> None:
    store = running.parts.store
    purged = await add_workspace(store, owner, goal=Goal.DELETE, purge=True)
    late = await add_workspace(store, owner, goal=Goal.DELETE, purge_after=clock() - timedelta(seconds=1))
    alive = await add_workspace(store, owner)
    for made in (purged, late, alive):
        status, problem = await post(client, made, "undelete")
        assert (status, problem["kind"]) == (409, "wrong_state")


@pytest.mark.parametrize("verb", ["start", "restart", "rebuild"])
async def test_what_is_archived_does_not_start_before_it_is_taken_back(
    client: Client, running: Running, owner: Actor, verb: str
) -> None:
    members: dict[str, Any] = {"goal": Goal.STOP, "phase": Phase.STOPPED, "archived": True}
    made = await add_workspace(running.parts.store, owner, **members)
    status, problem = await post(client, made, verb)
    assert (status, problem["kind"]) == (409, "wrong_state")
    assert f"carrel unarchive {made.name}" in problem["hint"]
    assert (await found(running.parts.store, made)).archived
    await post(client, made, "unarchive")
    assert (await post(client, made, verb))[0] == 202


async def test_archive_stops_and_marks(client: Client, running: Running, owner: Actor) -> None:
    made = await add_workspace(running.parts.store, owner, phase=Phase.RUNNING)
    _, document = await post(client, made, "archive")
    assert (document["archived"], document["goal"]) == (True, "stop")
    _, document = await post(client, made, "unarchive")
    assert (document["archived"], document["goal"]) == (False, "stop")


async def test_extend_moves_the_deadline_within_the_ceiling(
    client: Client, running: Running, owner: Actor, clock: Clock
) -> None:
    store = running.parts.store
    made = await add_workspace(store, owner, phase=Phase.RUNNING, running_since=clock())
    _, document = await post(client, made, "extend", seconds=7200)
    assert (await found(store, made)).deadline == clock() + timedelta(seconds=86400 + 7200)
    assert document["deadline"]
    for seconds in (5, 10**7, -60):
        assert (await post(client, made, "extend", seconds=seconds))[1]["kind"] == "bad_value"
    stopped = await add_workspace(store, owner, goal=Goal.STOP, phase=Phase.STOPPED)
    assert (await post(client, stopped, "extend"))[1]["kind"] == "not_running"


async def test_start_stop_and_delete_fired_together_end_in_an_accepted_goal(client: Client, create: Create) -> None:
    made = await create()
    path = f"/api/v1/workspaces/{made['id']}"
    calls = [client.post(f"{path}/{verb}") for verb in ("start", "stop", "restart", "stop", "rebuild", "start")] * 2
    responses = await asyncio.gather(*calls, client.delete(path))
    assert {r.status_code for r in responses} <= {202, 409}
    now = (await client.get(path)).json()
    assert now["goal"] == "delete"
    events = (await client.get(f"{path}/events")).json()["items"]
    assert [e["number"] for e in events] == list(range(1, len(events) + 1))
    assert events[-1]["data"]["goal"] == "delete"
    assert now["generation"] == len(events)


async def test_a_double_click_is_one_start(client: Client, running: Running, owner: Actor) -> None:
    made = await add_workspace(running.parts.store, owner, goal=Goal.STOP, phase=Phase.STOPPED)
    both = await asyncio.gather(post(client, made, "start"), post(client, made, "start"))
    assert [status for status, _ in both] == [202, 202]
    assert (await found(running.parts.store, made)).start == 2
