"""Events and logs as pages and as streams: nothing is missed, nothing comes twice."""

from __future__ import annotations

import asyncio

from tests.integration.api.conftest import Client, Running, signed_in, streaming
from tests.integration.conftest import add_workspace

from carrel.core.access import Actor
from carrel.core.events import Event
from carrel.core.workspace import Workspace
from carrel.server.store import events, logs, tokens
from carrel.server.store.engine import Store
from carrel.server.store.leases import Leases, Outcome


async def happen(store: Store, workspace: Workspace, *kinds: str) -> None:
    async with store.writing() as session:
        await events.append(session, workspace.id, [Event(kind) for kind in kinds])


async def say(store: Store, workspace: Workspace, stream: str, text: str) -> None:
    async with store.writing() as session:
        await logs.append(session, workspace.id, stream, text)


async def test_events_come_as_they_happen_and_a_client_that_resumes_misses_none(
    client: Client, running: Running, owner: Actor
) -> None:
    store = running.parts.store
    made = await add_workspace(store, owner)
    await happen(store, made, "created", "started")
    path = f"/api/v1/workspaces/{made.id}/events"
    async with streaming(client, path) as messages:
        first, second = await messages.next(), await messages.next()
        assert [first[1]["kind"], second[1]["kind"]] == ["created", "started"]
        assert first[1] | {"at": ""} == {"workspace": made.id, "number": 1, "kind": "created", "data": {}, "at": ""}
        await happen(store, made, "ready")
        assert (await messages.next())[1]["kind"] == "ready"
    await happen(store, made, "stopping", "stopped")
    async with streaming(client, path, after=second[0]) as messages:
        assert [(await messages.next())[1]["number"] for _ in range(3)] == [3, 4, 5]


async def test_a_stream_ends_when_nothing_is_left_of_the_workspace(
    client: Client, running: Running, owner: Actor
) -> None:
    store = running.parts.store
    made = await add_workspace(store, owner)
    async with Leases(store) as leases, streaming(client, f"/api/v1/workspaces/{made.id}/events") as messages:
        await leases.claim(1, "t", 30)
        await leases.record(made.id, "t", Outcome(events=(Event("purged"),), forget=True, release=True))
        assert (await messages.next())[1]["kind"] == "purged"
        assert await messages.next() == ("end", None)


async def test_a_page_of_events_goes_on_where_the_last_one_ended(
    client: Client, running: Running, owner: Actor
) -> None:
    made = await add_workspace(running.parts.store, owner)
    await happen(running.parts.store, made, *["notice"] * 5)
    path = f"/api/v1/workspaces/{made.id}/events"
    page = (await client.get(path, params={"limit": 3})).json()
    assert (len(page["items"]), page["last"]) == (3, 3)
    page = (await client.get(path, params={"limit": 3, "after": page["last"]})).json()
    assert ([e["number"] for e in page["items"]], page["last"]) == ([4, 5], 5)


async def test_the_stream_of_all_begins_now_and_has_only_what_one_may_see(
    running: Running, ana: Actor, ben: Actor
) -> None:
    store = running.parts.store
    hers, his = await add_workspace(store, ana), await add_workspace(store, ben)
    await happen(store, his, "created")
    async with signed_in(running, ben) as client, streaming(client, "/api/v1/events") as messages:
        await happen(store, hers, "created")
        await happen(store, his, "started")
        place, event = await messages.next()
        assert (event["workspace"], event["kind"]) == (his.id, "started")
    await happen(store, his, "ready")
    async with signed_in(running, ben) as client, streaming(client, "/api/v1/events", after=place) as messages:
        assert (await messages.next())[1]["kind"] == "ready"


async def test_parallel_writers_leave_no_gap_for_a_follower_of_all(
    client: Client, running: Running, owner: Actor
) -> None:
    store = running.parts.store
    made = [await add_workspace(store, owner) for _ in range(8)]
    async with streaming(client, "/api/v1/events") as messages:
        await asyncio.gather(*(happen(store, w, "notice", "notice") for w in made for _ in range(5)))
        seen = [(await messages.next())[1] for _ in range(80)]
    for workspace in made:
        assert [e["number"] for e in seen if e["workspace"] == workspace.id] == list(range(1, 11))


async def test_a_log_is_followed_from_where_it_was_left(client: Client, running: Running, owner: Actor) -> None:
    store = running.parts.store
    made = await add_workspace(store, owner)
    await say(store, made, "build", "one\ntwo\n")
    await say(store, made, "source", "cloned\n")
    path = f"/api/v1/workspaces/{made.id}/logs"
    async with streaming(client, f"{path}?stream=build") as messages:
        place, chunk = await messages.next()
        assert (chunk["stream"], chunk["text"]) == ("build", "one\ntwo\n")
    await say(store, made, "build", "three\n")
    async with streaming(client, f"{path}?stream=build", after=place) as messages:
        assert (await messages.next())[1]["text"] == "three\n"
        await say(store, made, "build", "four\n")
        assert (await messages.next())[1]["text"] == "four\n"


async def test_all_logs_of_a_workspace_are_followed_at_once(client: Client, running: Running, owner: Actor) -> None:
    store = running.parts.store
    made = await add_workspace(store, owner)
    await say(store, made, "source", "cloned\n")
    async with streaming(client, f"/api/v1/workspaces/{made.id}/logs") as messages:
        await messages.next()
        await say(store, made, "build", "built\n")
        place, chunk = await messages.next()
        assert (chunk["stream"], chunk["text"]) == ("build", "built\n")
    await say(store, made, "source", "again\n")
    async with streaming(client, f"/api/v1/workspaces/{made.id}/logs", after=place) as messages:
        assert (await messages.next())[1]["text"] == "again\n"


async def test_a_page_of_a_log_names_the_streams(client: Client, running: Running, owner: Actor) -> None:
    made = await add_workspace(running.parts.store, owner)
    for number in range(3):
        await say(running.parts.store, made, "build", f"{number}\n")
    path = f"/api/v1/workspaces/{made.id}/logs"
    page = (await client.get(path)).json()
    assert ([s["name"] for s in page["streams"]], page["items"]) == (["build"], [])
    page = (await client.get(path, params={"stream": "build", "limit": 2})).json()
    assert ([c["text"] for c in page["items"]], page["last"]) == (["0\n", "1\n"], 2)
    page = (await client.get(path, params={"stream": "build", "after": 2})).json()
    assert [c["text"] for c in page["items"]] == ["2\n"]


async def test_an_enormous_log_keeps_head_and_tail(client: Client, running: Running, owner: Actor) -> None:
    store = running.parts.store
    made = await add_workspace(store, owner)
    for number in range(90):
        await say(store, made, "build", f"{number:02}" + "x" * 65_533 + "\n")
    path = f"/api/v1/workspaces/{made.id}/logs"
    [stream] = (await client.get(path)).json()["streams"]
    assert stream["characters"] <= 4 * 2**20
    assert stream["characters"] + stream["dropped"] == 90 * 65_536
    chunks = (await client.get(path, params={"stream": "build", "limit": 256})).json()["items"]
    text = "".join(chunk["text"] for chunk in chunks)
    assert text.startswith("00x")
    assert text.splitlines()[-1].startswith("89x")
    assert text.count("characters are left out here") == 1
    assert f"[... {stream['dropped']} characters are left out here ...]" in text


async def test_a_strange_place_to_resume_from_is_a_problem(client: Client, running: Running, owner: Actor) -> None:
    made = await add_workspace(running.parts.store, owner)
    headers = {"Accept": "text/event-stream", "Last-Event-ID": "nonsense"}
    for noun in ("events", "logs"):
        response = await client.get(f"/api/v1/workspaces/{made.id}/{noun}", headers=headers)
        assert (response.status_code, response.json()["kind"]) == (400, "bad_value")


async def test_a_stream_of_a_revoked_token_ends_within_five_seconds(running: Running, ben: Actor) -> None:
    store = running.parts.store
    async with signed_in(running, ben) as client, streaming(client, "/api/v1/events") as messages:
        [token] = (await client.get("/api/v1/tokens")).json()["items"]
        async with store.writing() as session:
            await tokens.remove(session, ben.user_id, token["id"])
        async with asyncio.timeout(60):
            assert await messages.next() == ("end", None)
