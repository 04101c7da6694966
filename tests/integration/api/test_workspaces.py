"""Workspaces over HTTP: made, found, listed, changed, deleted; and what is refused."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.integration.api.conftest import Body, Client, Create, Running
from tests.integration.conftest import add_workspace

from carrel.core.access import Actor
from carrel.core.spec import GitSource
from carrel.core.urls import AppAddress, app_label
from carrel.core.workspace import Failure, Phase, Remembered
from carrel.server.store import audit, workspaces

GIT = {"kind": "git", "url": "https://example.org/team/blog.git"}


async def test_a_workspace_is_made_from_a_git_url(client: Client, running: Running, owner: Actor) -> None:
    response = await client.post("/api/v1/workspaces", json={"source": GIT})
    made = response.json()
    assert response.status_code == 201
    assert response.headers["location"] == f"/api/v1/workspaces/{made['id']}"
    expected = {"name": "blog", "owner": owner.name, "goal": "run", "phase": "pending", "problem": None}
    assert expected.items() <= made.items()
    assert made["source"] == {**GIT, "ref": ""}
    assert made["retention"]["ttl_seconds"] == 1800
    assert made["created_at"].endswith("Z")
    page = (await client.get(f"/api/v1/workspaces/{made['id']}/events")).json()
    assert [(e["number"], e["kind"]) for e in page["items"]] == [(1, "created")]
    async with running.parts.store.reading() as session:
        rows = await audit.newest(session, f"workspace:{made['id']}")
    assert [(row.action, row.actor) for row in rows] == [("workspace.created", owner.name)]


async def test_names_made_from_a_source_get_a_number_where_they_are_taken(create: Create) -> None:
    assert [(await create(source=GIT))["name"] for _ in range(3)] == ["blog", "blog-2", "blog-3"]


async def test_a_name_is_unique_for_its_owner_in_every_letter_case(client: Client, bens: Client) -> None:
    body = {"source": {"kind": "empty"}, "name": "Blog"}
    assert (await client.post("/api/v1/workspaces", json=body)).json()["name"] == "blog"
    again = await client.post("/api/v1/workspaces", json=body | {"name": "BLOG"})
    assert (again.status_code, again.json()["kind"]) == (409, "name_taken")
    assert (await bens.post("/api/v1/workspaces", json=body)).status_code == 201


async def test_a_workspace_is_found_by_id_and_by_name(client: Client, create: Create) -> None:
    made = await create(name="blog")
    for path in (made["id"], "blog", "BLOG"):
        assert (await client.get(f"/api/v1/workspaces/{path}")).json() == made


async def test_what_is_not_yours_does_not_exist(bens: Client, create: Create) -> None:
    made = await create(name="blog")
    for path in (made["id"], "blog"):
        response = await bens.get(
            f"/api/v1/workspaces/{path}", params={"owner": made["owner"]} if path == "blog" else {}
        )
        assert (response.status_code, response.json()["kind"]) == (404, "not_found")
    for verb in ("start", "stop", "restart", "rebuild", "undelete", "extend", "archive", "unarchive"):
        assert (await bens.post(f"/api/v1/workspaces/{made['id']}/{verb}")).status_code == 404
    assert (await bens.patch(f"/api/v1/workspaces/{made['id']}", json={})).status_code == 404
    assert (await bens.delete(f"/api/v1/workspaces/{made['id']}")).status_code == 404
    for noun in ("events", "logs", "timeline", "why", "apps", "ports"):
        assert (await bens.get(f"/api/v1/workspaces/{made['id']}/{noun}")).status_code == 404
    assert (await bens.get("/api/v1/workspaces")).json() == {"items": [], "next_cursor": None}
    assert (await bens.get("/api/v1/events")).json()["items"] == []


async def test_what_somebody_else_has_is_missed_under_its_owners_name(bens: Client, create: Create) -> None:
    await create(name="blog")
    for path in ("blog?owner=zoe", "blog--zoe"):
        document = (await bens.get(f"/api/v1/workspaces/{path}")).json()
        assert document["detail"] == "No workspace 'zoe/blog' is shared with you."
        assert "--shared" in document["hint"]


async def test_a_list_is_cut_into_pages_newest_first(client: Client, create: Create) -> None:
    made = [(await create(name=f"w{n}"))["id"] for n in range(5)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await client.get("/api/v1/workspaces", params={"limit": 2, "cursor": cursor})).json()
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == sorted(made, key=seen.index)
    assert set(seen) == set(made)
    assert len(seen) == 5


async def test_a_list_is_filtered(client: Client, running: Running, owner: Actor, ben: Actor) -> None:
    store = running.parts.store
    await add_workspace(store, owner, name="blog", phase=Phase.RUNNING, project="web")
    await add_workspace(store, owner, name="blog-2", phase=Phase.STOPPED)
    await add_workspace(store, ben, name="lab", phase=Phase.RUNNING)

    async def names(**params: object) -> list[str]:
        page = (await client.get("/api/v1/workspaces", params=params)).json()  # type: ignore[arg-type]
        return sorted(item["name"] for item in page["items"])

    assert await names() == ["blog", "blog-2", "lab"]  # an owner of the installation sees all
    assert await names(phase="running") == ["blog", "lab"]
    assert await names(phase=["running", "stopped"]) == ["blog", "blog-2", "lab"]
    assert await names(project="web") == ["blog"]
    assert await names(owner="BEN") == ["lab"]
    assert await names(q="LOG") == ["blog", "blog-2"]
    assert await names(q="100%_") == []
    assert await names(deleted=True) == []


async def test_a_list_refuses_strange_parameters(client: Client) -> None:
    for name, value in (("cursor", "nonsense"), ("limit", "0"), ("limit", "1001"), ("phase", "asleep")):
        response = await client.get("/api/v1/workspaces", params={name: value})
        assert (response.status_code, response.json()["kind"]) == (400, "bad_value"), name


async def test_twenty_parallel_creates_with_one_key_make_one_workspace(client: Client) -> None:
    headers = {"Idempotency-Key": "the-same"}
    requests = [client.post("/api/v1/workspaces", json={"source": GIT}, headers=headers) for _ in range(20)]
    responses = await asyncio.gather(*requests)
    assert sorted(r.status_code for r in responses) == [200] * 19 + [201]
    assert len({r.json()["id"] for r in responses}) == 1
    assert len((await client.get("/api/v1/workspaces")).json()["items"]) == 1
    other = await client.post("/api/v1/workspaces", json={"source": {"kind": "empty"}}, headers=headers)
    assert (other.status_code, other.json()["kind"]) == (409, "idempotency_mismatch")


async def test_a_refused_create_leaves_its_key_free(client: Client) -> None:
    headers = {"Idempotency-Key": "k"}
    refused = await client.post("/api/v1/workspaces", json={"name": "a--b"}, headers=headers)
    assert refused.status_code == 400
    assert (await client.post("/api/v1/workspaces", json={"name": "a-b"}, headers=headers)).status_code == 201


async def test_settings_are_changed_and_only_the_environments_ones_want_a_new_revision(
    client: Client, create: Create
) -> None:
    made = await create(source=GIT, name="blog")
    path = f"/api/v1/workspaces/{made['id']}"
    changed = (await client.patch(path, json={"retention": {"ttl_seconds": 600}, "labels": {"team": "web"}})).json()
    assert (changed["retention"]["ttl_seconds"], changed["labels"], changed["revision"]) == (600, {"team": "web"}, 1)
    assert changed["retention"]["max_life_seconds"] == 86400
    body = {"limits": {"cpus": 1.5}, "ref": "main", "egress": "none", "name": "Site"}
    changed = (await client.patch(path, json=body)).json()
    assert (changed["limits"]["cpus"], changed["source"]["ref"], changed["egress"]) == (1.5, "main", "none")
    assert (changed["name"], changed["revision"], changed["generation"]) == ("site", 2, 3)
    assert (await client.patch(path, json=body)).json() == changed  # nothing new, nothing changed
    events = (await client.get(f"{path}/events")).json()["items"]
    assert [e["kind"] for e in events] == ["created", "updated", "updated"]
    assert events[-1]["data"]["fields"] == ["egress", "limits", "name", "source"]


@pytest.mark.parametrize(
    ("members", "way"),
    [
        ({"remembered": Remembered(fetched=True)}, "git switch"),
        ({"phase": Phase.CLONING}, "carrel stop"),
        ({"phase": Phase.FAILED, "failure": Failure("fetch_source", "ref_not_found", "no such ref")}, None),
    ],
)
async def test_the_ref_can_be_changed_only_until_the_files_are_there(
    client: Client, running: Running, owner: Actor, members: dict[str, Any], way: str | None
) -> None:
    source = GitSource("https://example.org/r", "main")
    made = await add_workspace(running.parts.store, owner, source=source, **members)
    path = f"/api/v1/workspaces/{made.id}"
    answer = await client.patch(path, json={"ref": "other", "labels": {"a": "b"}})
    if way is None:
        assert (answer.status_code, answer.json()["source"]["ref"]) == (200, "other")
        return
    assert (answer.status_code, answer.json()["kind"]) == (409, "wrong_state")
    assert way in answer.json()["hint"]
    assert (await client.patch(path, json={"ref": "main", "labels": {"a": "b"}})).json()["revision"] == 1
    assert (await client.get(path)).json()["source"]["ref"] == "main"


async def test_a_failure_is_shown_as_a_problem(client: Client, running: Running, owner: Actor) -> None:
    failure = Failure("fetch_source", "source_denied", "git says no", attempts=2)
    made = await add_workspace(running.parts.store, owner, phase=Phase.FAILED, failure=failure)
    problem = (await client.get(f"/api/v1/workspaces/{made.id}")).json()["problem"]
    expected = {"kind": "source_denied", "status": 403, "detail": "git says no", "step": "fetch_source", "attempts": 2}
    assert expected.items() <= problem.items()
    assert "git credential" in problem["hint"]


BAD: list[tuple[Body, int, str]] = [
    ({"source": {"kind": "git", "url": "ext::sh -c id"}}, 400, "bad_source"),
    ({"source": {"kind": "git", "url": "https://u:p@example.org/r"}}, 400, "bad_source"),
    ({"source": {"kind": "git", "url": "file:///etc"}}, 400, "bad_source"),
    ({"source": {"kind": "git", "url": "--upload-pack=id"}}, 400, "bad_source"),
    ({"source": {"kind": "git", "url": "https://example.org/r", "ref": "-x"}}, 400, "bad_source"),
    ({"source": {"kind": "folder", "path": "relative"}}, 400, "bad_source"),
    ({"source": {"kind": "folder", "path": "/proc/self"}}, 400, "bad_source"),
    ({"source": {"kind": "folder", "path": "/nowhere/at/all"}}, 400, "bad_source"),
    ({"source": {"kind": "tape"}}, 422, "malformed_request"),
    ({"name": "a--b"}, 400, "bad_name"),
    ({"name": "x" * 41}, 400, "bad_name"),
    ({"name": "../etc"}, 400, "bad_name"),
    ({"name": 7}, 422, "malformed_request"),
    ({"project": "A B"}, 400, "bad_name"),
    ({"devcontainer": "../x"}, 400, "bad_value"),
    ({"limits": {"cpus": 0}}, 400, "bad_value"),
    ({"limits": {"cpus": -1}}, 400, "bad_value"),
    ({"limits": {"memory_bytes": 10**18}}, 400, "bad_value"),
    ({"limits": {"gpus": 1}}, 409, "over_quota"),
    ({"retention": {"ttl_seconds": 5}}, 400, "bad_value"),
    ({"labels": {"": "x"}}, 400, "bad_value"),
    ({"labels": {"a": "\x1b[31m"}}, 400, "bad_value"),
    ({"allow": ["everything"]}, 400, "bad_value"),
    ({"unknown": 1}, 422, "malformed_request"),
]


async def test_bad_input_is_a_clear_problem(client: Client) -> None:
    for body, status, kind in BAD:
        response = await client.post("/api/v1/workspaces", json=body)
        assert (response.status_code, response.json()["kind"]) == (status, kind), (body, response.text)
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["hint"]
    assert (await client.get("/api/v1/workspaces")).json()["items"] == []


async def test_the_owner_may_use_a_folder_and_grant_but_a_developer_may_not(
    client: Client, bens: Client, running: Running, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    body = {"source": {"kind": "folder", "path": str(folder)}, "allow": ["privileged"]}
    made = (await client.post("/api/v1/workspaces", json=body)).json()
    assert (made["name"], made["source"]["path"], made["allow"]) == ("site", str(folder), ["privileged"])
    granted = {"allow": ["capabilities:SYS_PTRACE"]}
    assert (await client.patch(f"/api/v1/workspaces/{made['id']}", json=granted)).json()["allow"] == granted["allow"]
    async with running.parts.store.reading() as session:
        rows = [row.detail for row in await audit.newest(session) if row.action == "workspace.granted"]
    assert sorted(rows, key=str) == [granted, {"allow": ["privileged"]}]
    for part in ({"source": body["source"]}, {"allow": body["allow"]}):
        assert (await bens.post("/api/v1/workspaces", json=part)).status_code in {403, 404}


async def test_the_servers_own_data_is_no_source(client: Client, running: Running) -> None:
    data = running.parts.settings.data_dir
    (data / "deep").mkdir()
    for folder in (data, data.parent, data / "deep"):
        response = await client.post("/api/v1/workspaces", json={"source": {"kind": "folder", "path": str(folder)}})
        assert (response.status_code, response.json()["kind"]) == (400, "bad_source")


async def test_a_deleted_workspace_frees_its_name_and_is_found_in_the_trash(client: Client, create: Create) -> None:
    old = await create(name="blog")
    assert (await client.delete("/api/v1/workspaces/blog")).status_code == 202
    in_trash = (await client.get("/api/v1/workspaces", params={"deleted": True})).json()["items"]
    assert [item["id"] for item in in_trash] == [old["id"]]
    assert (await client.get("/api/v1/workspaces/blog")).json()["id"] == old["id"]
    new = await create(name="blog")
    assert (await client.get("/api/v1/workspaces/blog")).json()["id"] == new["id"]
    taken = await client.post(f"/api/v1/workspaces/{old['id']}/undelete")
    assert (taken.status_code, taken.json()["kind"]) == (409, "name_taken")
    back = await client.post(f"/api/v1/workspaces/{old['id']}/undelete", json={"name": "blog-old"})
    assert (back.status_code, back.json()["name"], back.json()["goal"]) == (202, "blog-old", "stop")


async def test_a_host_label_finds_its_workspace_also_when_it_was_shortened(running: Running, ana: Actor) -> None:
    store = running.parts.store
    short = await add_workspace(store, ana, name="blog")
    long_one = await add_workspace(store, ana, name="a-workspace-with-a-very-long-name-indeed")
    other = await add_workspace(store, ana, name="a-workspace-with-a-very-long-name-indeez")
    async with store.reading() as session:
        for workspace in (short, long_one, other):
            for app in ("code", "65535", "a-rather-long-app-name"):
                label = app_label(AppAddress(app, workspace.name, "ana"))
                found = await workspaces.find_by_label(session, label)
                assert found is not None, label
                assert (found[0].id, found[1]) == (workspace.id, app)
        for label in ("code--blog--ben", "code--nothing--ana", "blog", "", "code--", "-" * 63):
            assert await workspaces.find_by_label(session, label) is None
