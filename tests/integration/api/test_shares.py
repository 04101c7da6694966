"""Sharing a workspace with users and by guest links: who gets what, and that it ends when it is taken away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest
from tests.integration.api.conftest import Client, Running, agent_status, signed_in
from tests.integration.conftest import Clock, add_user, add_workspace
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from carrel.core.access import Actor, Role
from carrel.core.agent import Person
from carrel.core.workspace import Goal, Phase, Workspace
from carrel.server.store import audit, events, tokens, workspaces

API = "/api/v1/workspaces"


@pytest.fixture
async def blog(running: Running, ben: Actor) -> Workspace:
    """A workspace of ben's that runs."""
    return await add_workspace(running.parts.store, ben, name="blog", phase=Phase.RUNNING)


@pytest.fixture
async def anas(running: Running, ana: Actor) -> AsyncIterator[Client]:
    """The client of another developer."""
    async with signed_in(running, ana) as client:
        yield client


async def share(client: Client, workspace: Workspace, status: int = 201, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"{API}/{workspace.id}/shares", json=body)
    assert answer.status_code == status, answer.text
    made: dict[str, Any] = answer.json()
    return made


@asynccontextmanager
async def guest(running: Running, url: str) -> AsyncIterator[Client]:
    """A browser that came by a guest link."""
    async with httpx.AsyncClient(base_url=running.url, headers={"Origin": running.url}, trust_env=False) as client:
        answer = await client.post("/api/v1/session", json={"token": url.partition("#")[2]})
        assert answer.status_code == 201, answer.text
        yield client


@asynccontextmanager
async def terminal(
    running: Running, client: Client, workspace: Workspace, query: str = ""
) -> AsyncIterator[ClientConnection]:
    """A terminal's WebSocket with the client's cookie or token."""
    headers = {name: client.headers[name] for name in ("Authorization", "Origin") if name in client.headers}
    if client.cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    address = f"{running.websocket_url}{API}/{workspace.id}/terminals/main{query}"
    origin = headers.pop("Origin", None)
    async with connect(address, additional_headers=headers, origin=origin) as socket:  # type: ignore[arg-type]
        yield socket


async def ends(socket: ClientConnection) -> None:
    """Returns when the server closes it; within 5 s, as is promised."""
    async with asyncio.timeout(5):
        with suppress(ConnectionClosed):
            while True:
                await socket.recv()


async def test_a_view_share_shows_the_workspace_and_an_edit_share_lets_one_be_in_it(
    running: Running, bens: Client, anas: Client, ben: Actor, blog: Workspace
) -> None:
    other = await add_workspace(running.parts.store, ben, name="secret-thing", phase=Phase.RUNNING)
    assert (await anas.get(f"{API}/{blog.id}")).status_code == 404
    made = await share(bens, blog, user="Ana", level="view")
    assert made["user"] == "ana"
    assert made["url"] == ""
    for name in (blog.id, "blog--ben", "blog?owner=ben"):
        seen = await anas.get(f"{API}/{name}")
        assert (seen.json()["shared"], seen.json()["may"]) == ("view", ["read", "watch"]), name
    listed = (await anas.get(API, params={"shared": True})).json()["items"]
    assert [one["name"] for one in listed] == ["blog"]
    assert (await bens.get(API, params={"shared": True})).json()["items"] == []
    assert (await anas.get(f"{API}/{other.id}")).status_code == 404
    for method, path in (("POST", "stop"), ("POST", "start"), ("GET", "shares"), ("POST", "delete-me")):
        assert (await anas.request(method, f"{API}/{blog.id}/{path}")).status_code in {403, 404}, path
    with pytest.raises(Exception, match="403"):
        async with terminal(running, anas, blog):
            pass
    async with terminal(running, anas, blog, "?read_only=true"):
        pass
    assert (await share(bens, blog, user="ana", level="edit"))["level"] == "edit"
    assert len((await bens.get(f"{API}/blog/shares")).json()["items"]) == 1
    seen = (await anas.get(f"{API}/{blog.id}")).json()
    assert (seen["shared"], seen["may"]) == ("edit", ["read", "watch", "use", "start"])
    async with terminal(running, anas, blog):
        pass
    assert (await anas.post(f"{API}/{blog.id}/start")).status_code == 202
    assert (await anas.post(f"{API}/{blog.id}/stop")).status_code == 403
    assert (await anas.delete(f"{API}/{blog.id}")).status_code == 403
    assert (await anas.post(f"{API}/{blog.id}/shares", json={"guest": True})).status_code == 403


async def test_sharing_is_an_event_and_a_row_of_the_audit_and_so_is_its_end(
    running: Running, bens: Client, ben: Actor, ana: Actor, blog: Workspace
) -> None:
    made = await share(bens, blog, user="ana", level="edit")
    link = await share(bens, blog, guest=True, title="Kim", ports=[8080])
    assert (await bens.delete(f"{API}/blog/shares/{made['id']}")).status_code == 204
    assert (await bens.delete(f"{API}/blog/shares/{made['id']}")).status_code == 404
    async with running.parts.store.reading() as session:
        told = await events.of_one(session, blog.id, 0, 100)
        rows = await audit.newest(session, f"workspace:{blog.id}")
    assert [(event.kind, event.data["user"], event.data["guest"]) for event in told] == [
        ("shared", "ana", None),
        ("shared", "", "Kim"),
        ("unshared", "ana", None),
    ]
    assert [row.action for row in rows] == ["workspace.unshared", "workspace.shared", "workspace.shared"]
    written = json.dumps([row.detail for row in rows] + [event.data for event in told])
    assert link["url"].partition("#")[2] not in written
    assert "carrel_guest" not in written


async def test_one_gives_back_what_was_given_and_nothing_else(
    running: Running, bens: Client, anas: Client, blog: Workspace
) -> None:
    await add_user(running.parts.store, "cleo")
    made, other = await share(bens, blog, user="ana"), await share(bens, blog, user="cleo")
    assert (await anas.delete(f"{API}/{blog.id}/shares/{other['id']}")).status_code == 403
    assert (await anas.delete(f"{API}/{blog.id}/shares/{made['id']}")).status_code == 204
    assert (await anas.get(f"{API}/{blog.id}")).status_code == 404


async def test_who_looks_after_a_project_takes_shares_away_and_gives_none(
    running: Running, bens: Client, blog: Workspace
) -> None:
    admin = await add_user(running.parts.store, "chief", Role.ADMIN)
    await add_user(running.parts.store, "dora")
    made = await share(bens, blog, user="dora", level="edit")
    async with signed_in(running, admin) as client:
        assert (await client.post(f"{API}/{blog.id}/shares", json={"user": "chief"})).status_code == 403
        assert len((await client.get(f"{API}/{blog.id}/shares")).json()["items"]) == 1
        assert (await client.delete(f"{API}/{blog.id}/shares/{made['id']}")).status_code == 204


REFUSED: tuple[tuple[dict[str, Any], int, str], ...] = (
    ({}, 422, "malformed_request"),
    ({"user": "ana", "guest": True}, 422, "malformed_request"),
    ({"user": "ana", "level": "own"}, 422, "malformed_request"),
    ({"user": "nobody-here"}, 404, "not_found"),
    ({"user": "ben"}, 400, "bad_value"),
    ({"user": "eye"}, 403, "not_allowed"),
    ({"user": "ana", "ports": [0]}, 400, "bad_value"),
    ({"user": "ana", "ports": [99999]}, 400, "bad_value"),
    ({"user": "ana", "ports": [7022]}, 403, "not_allowed"),
    ({"user": "ana", "ports": [29500]}, 403, "not_allowed"),
    ({"user": "ana", "ports": list(range(1, 40))}, 422, "malformed_request"),
    ({"guest": True, "title": "a\nb"}, 400, "bad_value"),
    ({"guest": True, "title": "x" * 31}, 422, "malformed_request"),
    ({"guest": True, "expires_in_seconds": 1}, 422, "malformed_request"),
    ({"guest": True, "expires_in_seconds": 73 * 3600}, 403, "not_allowed"),
)


async def test_what_cannot_be_given_is_refused_with_a_reason(
    running: Running, bens: Client, ana: Actor, blog: Workspace
) -> None:
    await add_user(running.parts.store, "eye", Role.AUDITOR)
    for body, status, kind in REFUSED:
        assert (await share(bens, blog, status, **body))["kind"] == kind, body
    assert (await bens.get(f"{API}/blog/shares")).json()["items"] == []


# --- guests ----------------------------------------------------------------------------------------------------------


async def test_a_guest_watches_sees_named_ports_and_reads_no_log(
    running: Running, bens: Client, blog: Workspace
) -> None:
    running.live.statuses[blog.id] = agent_status(blog)
    link = await share(bens, blog, guest=True, title="Kim", ports=[5173])
    assert link["url"].startswith(f"{running.parts.settings.public_url}/guest#carrel_guest_")
    async with guest(running, link["url"]) as kim:
        who = (await kim.get("/api/v1/session")).json()
        assert (who["user"], who["role"]) == ("guest Kim", "guest")
        assert [one["name"] for one in (await kim.get(API)).json()["items"]] == ["blog"]
        seen = (await kim.get(f"{API}/{blog.id}")).json()
        assert (seen["may"], seen["shared"]) == (["watch"], "view")
        for path in ("events", "logs", "timeline", "why", "secrets", "hooks", "shares"):
            assert (await kim.get(f"{API}/{blog.id}/{path}")).status_code == 403, path
        assert (await kim.get("/api/v1/events")).json()["items"] == []
        assert [port["port"] for port in (await kim.get(f"{API}/{blog.id}/ports")).json()["items"]] == [5173]
        assert (await kim.get(f"{API}/{blog.id}/apps")).json()["items"] == []
        assert (await kim.get(f"{API}/{blog.id}/terminals")).status_code == 200
        for method, path, body in (
            ("POST", f"{API}/{blog.id}/start", None),
            ("POST", API, {"source": {"kind": "empty"}}),
            ("POST", "/api/v1/tokens", {}),
            ("POST", "/api/v1/login-links", None),
            ("GET", "/api/v1/users", None),
            ("PUT", "/api/v1/secrets/A", {"value": "x", "sources": ["*"]}),
        ):
            assert (await kim.request(method, path, json=body)).status_code == 403, path
        assert (await kim.get("/api/v1/tokens")).json()["items"] == []
        async with terminal(running, kim, blog, "?read_only=true") as socket:
            await bens.delete(f"{API}/blog/shares/{link['id']}")
            await ends(socket)
        assert (await kim.get("/api/v1/session")).status_code == 401
        assert (await kim.post("/api/v1/session", json={"token": link["url"].partition("#")[2]})).status_code == 401


async def test_a_guest_with_edit_is_in_the_workspace_and_signs_out(
    running: Running, bens: Client, blog: Workspace
) -> None:
    link = await share(bens, blog, guest=True, level="edit")
    async with guest(running, link["url"]) as first, guest(running, link["url"]) as second:
        async with terminal(running, first, blog) as socket:
            assert (await first.delete("/api/v1/session")).status_code == 204
            await ends(socket)
        assert (await first.get("/api/v1/session")).status_code == 401
        assert (await second.get(f"{API}/{blog.id}")).json()["may"] == ["read", "watch", "use"]
    assert running.live.people[0] == ("guest", "terminal main")


async def test_the_audit_has_who_came_in_by_the_api_once_for_each_way(
    running: Running, bens: Client, blog: Workspace
) -> None:
    link = await share(bens, blog, guest=True, title="kim")
    async with guest(running, link["url"]) as kim:
        for query in ("?read_only=true",) * 3:
            async with terminal(running, kim, blog, query):
                pass
        async with terminal(running, bens, blog):
            pass

    async def entered() -> list[tuple[str, str, str]]:
        async with running.parts.store.reading() as session:
            rows = await audit.newest(session, f"workspace:{blog.id}")
        found = [(row.actor, row.detail["how"], row.address) for row in rows if row.action == "workspace.entered"]
        return sorted(found)

    async with asyncio.timeout(5):
        while len(found := await entered()) < 2:
            await asyncio.sleep(0.01)
    assert found == [("ben", "terminal main", "127.0.0.1"), ("guest kim", "terminal main", "127.0.0.1")]


async def test_a_guest_link_ends_at_its_time_and_with_who_made_it(
    running: Running, clock: Clock, bens: Client, ben: Actor, owner: Actor, blog: Workspace
) -> None:
    short = await share(bens, blog, guest=True, expires_in_seconds=600)
    lasting = await share(bens, blog, guest=True, expires_in_seconds=7200)
    async with guest(running, short["url"]) as gone, guest(running, lasting["url"]) as left:
        clock.move(seconds=601)
        assert (await gone.get("/api/v1/session")).status_code == 401
        assert (await left.get(f"{API}/{blog.id}")).status_code == 200
        assert [one["id"] for one in (await bens.get(f"{API}/blog/shares")).json()["items"]] == [lasting["id"]]
        async with terminal(running, left, blog, "?read_only=true") as socket, signed_in(running, owner) as client:
            assert (await client.patch("/api/v1/users/ben", json={"disabled": True})).status_code == 200
            await ends(socket)
        assert (await left.get("/api/v1/session")).status_code == 401
    async with running.parts.store.reading() as session:
        assert await tokens.of_user(session, ben.user_id, *tokens.TokenKind) == []


async def test_a_workspace_in_the_trash_is_nobodys_but_its_owners(
    running: Running, bens: Client, anas: Client, blog: Workspace
) -> None:
    await share(bens, blog, user="ana", level="edit")
    link = await share(bens, blog, guest=True)
    async with guest(running, link["url"]) as kim:
        async with running.parts.store.writing() as session:
            await workspaces.change(session, blog.id, {"goal": Goal.DELETE})
        for client in (anas, kim):
            assert (await client.get(f"{API}/{blog.id}")).status_code == 404
            assert (await client.get(API)).json()["items"] == []
    assert (await bens.post(f"{API}/{blog.id}/shares", json={"user": "ana"})).json()["kind"] == "wrong_state"


async def test_out_of_the_trash_a_workspace_is_open_to_its_people_alone(
    running: Running, bens: Client, anas: Client, blog: Workspace
) -> None:
    await share(bens, blog, user="ana")
    link = await share(bens, blog, guest=True)
    assert (await bens.put(f"{API}/blog/ports/8080", json={"visibility": "public"})).is_success
    async with guest(running, link["url"]) as kim:
        assert (await bens.delete(f"{API}/blog")).status_code == 202
        assert (await bens.post(f"{API}/{blog.id}/undelete")).status_code == 202
        assert (await anas.get(f"{API}/{blog.id}")).status_code == 200
        assert (await kim.get("/api/v1/session")).status_code == 401
    running.live.statuses[blog.id] = agent_status(blog, ports=())
    assert (await bens.get(f"{API}/blog/ports")).json()["items"] == []


# --- what is open ends -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["unshare", "to view", "workspace deleted", "user disabled", "role changed"])
async def test_what_was_taken_away_loses_open_sockets(
    running: Running, bens: Client, anas: Client, owner: Actor, blog: Workspace, change: str
) -> None:
    made = await share(bens, blog, user="ana", level="edit")
    async with terminal(running, anas, blog) as socket, signed_in(running, owner) as owners:
        match change:
            case "unshare":
                answer = await bens.delete(f"{API}/blog/shares/{made['id']}")
            case "to view":
                answer = await bens.post(f"{API}/blog/shares", json={"user": "ana", "level": "view"})
            case "workspace deleted":
                answer = await bens.delete(f"{API}/blog")
            case "user disabled":
                answer = await owners.patch("/api/v1/users/ana", json={"disabled": True})
            case _:
                answer = await owners.patch("/api/v1/users/ana", json={"role": "viewer"})
        assert answer.is_success, answer.text
        await ends(socket)


async def test_a_stream_of_events_ends_with_the_share(
    running: Running, bens: Client, anas: Client, blog: Workspace
) -> None:
    made = await share(bens, blog, user="ana")
    async with anas.stream("GET", f"{API}/{blog.id}/events", headers={"Accept": "text/event-stream"}) as response:
        lines = response.aiter_lines()
        assert await anext(lines)
        await bens.delete(f"{API}/blog/shares/{made['id']}")
        async with asyncio.timeout(5):
            async for _ in lines:
                pass


# --- who is here -----------------------------------------------------------------------------------------------------


async def test_who_is_here_is_told_to_who_may_watch(
    running: Running, bens: Client, anas: Client, blog: Workspace
) -> None:
    now = running.parts.store.clock()
    running.live.statuses[blog.id] = agent_status(blog, people=(Person("ana", ("ssh",), now, now),))
    assert (await anas.get(f"{API}/{blog.id}/people")).status_code == 404
    await share(bens, blog, user="ana")
    for client in (anas, bens):
        items = (await client.get(f"{API}/{blog.id}/people")).json()["items"]
        assert [(one["name"], one["ways"]) for one in items] == [("ana", ["ssh"])]
