"""The audit through the API: who reads what of it, how it is filtered and exported, and what was refused."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete
from tests.integration.api.conftest import Client, Create, Running, signed_in
from tests.integration.conftest import Clock, add_user, add_workspace
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from carrel.core.access import Actor, Role
from carrel.server.actions.audit import trim
from carrel.server.api.refusals import A_MINUTE
from carrel.server.store import audit, audit_search
from carrel.server.store.audit_search import Search
from carrel.server.store.engine import Store
from carrel.server.store.schema import workspaces


@pytest.fixture
async def eye(running: Running) -> AsyncIterator[Client]:
    """An auditor's client."""
    actor = await add_user(running.parts.store, "eye", Role.AUDITOR)
    async with signed_in(running, actor) as client:
        yield client


async def rows(client: Client, **wanted: Any) -> list[dict[str, Any]]:
    answer = await client.get("/api/v1/audit", params=wanted)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_who_did_what_on_which_from_where_and_how_it_ended(eye: Client, create: Create) -> None:
    made = await create(name="blog")
    (row,) = await rows(eye, workspace="blog")
    assert (row["action"], row["outcome"], row["subject"]) == ("workspace.created", "done", f"workspace:{made['id']}")
    assert (row["named"], row["project"], row["address"]) == (f"{made['owner']}/blog", "default", "127.0.0.1")
    assert row["request_id"]
    for same in (made["id"], f"{made['owner']}/blog", "BLOG"):
        assert await rows(eye, workspace=same) == [row]
    assert await rows(eye, workspace="nobody/blog") == []
    assert await rows(eye, actor=made["owner"].upper(), action="workspace.", outcome="done") == [row]
    assert await rows(eye, until="2001-01-01T00:00:00Z") == []


async def test_the_audit_of_a_workspace_that_is_gone_is_found_by_its_name(
    store: Store, eye: Client, ana: Actor
) -> None:
    blog = await add_workspace(store, ana, name="blog")
    async with store.writing() as session:
        await audit.append(session, ana, "workspace.deleted", f"workspace:{blog.id}")
        await session.run(delete(workspaces))
    assert [row["action"] for row in await rows(eye, workspace="ana/blog")] == ["workspace.deleted"]


async def test_pages_hang_together(eye: Client, create: Create) -> None:
    for number in range(5):
        await create(name=f"w{number}")
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await eye.get("/api/v1/audit", params={"limit": 2, "action": "workspace.", "cursor": cursor})).json()
        seen += [row["detail"]["name"] for row in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = page["next_cursor"]
    assert seen == ["w4", "w3", "w2", "w1", "w0"]


async def test_a_developer_reads_nothing_of_it_and_that_is_a_row(eye: Client, bens: Client) -> None:
    for path in ("/api/v1/audit", "/api/v1/audit/export"):
        assert (await bens.get(path)).json()["kind"] == "not_allowed"
    found = await rows(eye, actor="ben", outcome="refused")
    assert [row["action"] for row in found] == ["request.export_audit", "request.list_audit"]
    assert found[0]["detail"]["kind"] == "not_allowed"


async def test_a_maintainer_reads_that_of_his_project_only(store: Store, running: Running, ana: Actor) -> None:
    may = await add_user(store, "may", Role.MAINTAINER)
    here = await add_workspace(store, ana, name="here")
    there = await add_workspace(store, ana, name="there", project="elsewhere")
    async with store.writing() as session:
        for one in (here, there):
            await audit.append(session, ana, "workspace.created", f"workspace:{one.id}")
        await audit.append(session, ana, "token.made", "token:1")
    async with signed_in(running, may) as client:
        assert [row["named"] for row in await rows(client)] == ["ana/here"]
        assert await rows(client, project="elsewhere") == []


async def test_the_export_is_json_lines_from_the_oldest_on_and_a_row_itself(
    eye: Client, create: Create, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carrel.server.actions.audit.PAGE", 2)
    for number in range(5):
        await create(name=f"w{number}")
    answer = await eye.get("/api/v1/audit/export", params={"action": "workspace."})
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["detail"]["name"] for line in lines] == [f"w{number}" for number in range(5)]
    assert lines[::-1] == await rows(eye, action="workspace.")
    (row,) = await rows(eye, action="audit.exported")
    assert row["detail"] == {"filter": {"action": "workspace."}}


@pytest.mark.parametrize("query", ["cursor=x", "since=yesterday", "since=2026-01-01T00:00:00", "outcome=maybe"])
async def test_what_is_no_filter_is_said_so(eye: Client, query: str) -> None:
    assert (await eye.get(f"/api/v1/audit?{query}")).json()["kind"] == "bad_value"


async def test_refused_entrances_are_rows_also_where_one_may_not_know_what_is_there(
    running: Running, eye: Client, create: Create, bens: Client
) -> None:
    made = await create(name="blog")
    headers = {"Authorization": bens.headers["Authorization"]}
    url = f"{running.websocket_url}/api/v1/workspaces/{made['id']}/exec"
    with pytest.raises(InvalidStatus):
        async with connect(url, additional_headers=headers, proxy=None):
            pass
    (row,) = await rows(eye, actor="ben", outcome="refused")
    assert (row["action"], row["subject"], row["named"]) == (
        "workspace.entered",
        f"workspace:{made['id']}",
        f"{made['owner']}/blog",
    )
    assert row["detail"]["operation"] == "exec_in_workspace"


async def test_refused_sign_ins_are_rows_and_a_stranger_cannot_fill_the_audit(
    store: Store, running: Running, nobody: Client, eye: Client
) -> None:
    moment = [0.0]
    running.parts.refusals._clock = lambda: moment[0]
    secret = "carrel_personal_" + "x" * 43
    for _ in range(3 * A_MINUTE):
        await nobody.post("/api/v1/session", json={"token": secret}, headers={"Origin": running.url})
    await nobody.get("/login?code=no")
    await nobody.get("/api/v1/workspaces", headers={"Authorization": f"Bearer {secret}"})
    await nobody.get("/api/v1/workspaces")  # nobody tried anything
    found = await rows(eye, outcome="refused")
    assert [row["action"] for row in found] == ["session.begun"] * A_MINUTE
    assert {(row["actor"], row["address"]) for row in found} == {("", "127.0.0.1")}
    moment[0] += 61
    found = await rows(eye, outcome="refused")
    assert found[0]["action"] == "refusals.left_out"
    assert found[0]["detail"] == {"count": 2 * A_MINUTE + 2, "by": {"127.0.0.1": 2 * A_MINUTE + 2}}
    assert secret not in json.dumps(found)


async def test_old_rows_go_after_the_days_that_the_settings_say_and_that_is_a_row(
    store: Store, ana: Actor, clock: Clock
) -> None:
    async with store.writing() as session:
        await audit.append(session, ana, "token.made", "token:1")
    clock.move(days=30)
    async with store.writing() as session:
        await audit.append(session, ana, "token.revoked", "token:1")
    assert await trim(store, 0) == 0
    assert await trim(store, 31) == 0
    assert await trim(store, 7) == 1
    async with store.reading() as session:
        left = await audit_search.find(session, Search(), 9)
    assert [row.action for row in left] == ["audit.removed", "token.revoked"]
    assert left[0].detail["rows"] == 1
    assert left[0].detail["before"] == (clock.now - timedelta(days=7)).isoformat()
