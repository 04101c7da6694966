"""SSH over a WebSocket: who gets in, that bytes are only bytes, and when it ends."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tests.integration.api.conftest import Running
from tests.integration.api.test_sockets import goes_to, opened, refusal
from tests.integration.conftest import add_workspace
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from carrel.core.access import Actor
from carrel.core.preferences import Preferences
from carrel.core.problems import Problem
from carrel.core.workspace import Goal, Phase, Workspace
from carrel.server.store import tokens, users

KEY = json.dumps({"host_key": "ssh-ed25519 AAAA"})


@pytest.fixture
async def workspace(running: Running, ben: Actor) -> Workspace:
    return await add_workspace(running.parts.store, ben, phase=Phase.RUNNING)


async def ended(socket: ClientConnection) -> tuple[Any, int | None]:
    """The last message, where there is one, and the close code."""
    last: Any = None
    try:
        while True:
            last = await asyncio.wait_for(socket.recv(), 60)
    except ConnectionClosed:
        return last, socket.close_code


async def test_the_host_key_comes_first_and_then_bytes(running: Running, ben: Actor, workspace: Workspace) -> None:
    async with opened(running, ben, f"{workspace.id}/ssh") as socket:
        await socket.send(b"early ")
        assert await socket.recv() == KEY
        await socket.send('{"text": "means nothing"}')
        await socket.send(b"\0\1\2")
        assert [await socket.recv(), await socket.recv()] == [b"EARLY ", b"\0\1\2"]
    [tunnel] = running.live.tunnels
    assert (tunnel.person, tunnel.resume_seconds) == (ben.user_id, None)
    await asyncio.wait_for(tunnel.closed.wait(), 60)


@pytest.mark.parametrize(("word", "code"), [(b"end", 1000), (b"broken", 1014)])
async def test_a_channel_that_ended_is_told_apart_from_one_that_broke(
    running: Running, ben: Actor, workspace: Workspace, word: bytes, code: int
) -> None:
    async with opened(running, ben, f"{workspace.name}/ssh?resume=true") as socket:
        await socket.send(word)
        assert (await ended(socket))[1] == code
    assert running.live.tunnels[0].resume_seconds == running.parts.settings.resume_seconds


async def test_an_agent_out_of_reach_is_a_problem_that_passes(
    running: Running, ben: Actor, workspace: Workspace
) -> None:
    running.live.problem = Problem("agent_unreachable", "No answer.")
    async with opened(running, ben, f"{workspace.id}/ssh") as socket:
        last, code = await ended(socket)
    assert (json.loads(last)["problem"]["kind"], code) == ("agent_unreachable", 4000)
    assert json.loads(last)["problem"]["status"] >= 500, "ssh-proxy tries again"


async def test_a_stopped_workspace_is_started_only_for_who_wants_it(running: Running, ben: Actor) -> None:
    store = running.parts.store
    asleep = await add_workspace(store, ben, phase=Phase.STOPPED, goal=Goal.STOP)
    for start in ("false", "preferred"):
        problem = await refusal(running, ben, f"{asleep.id}/ssh?start={start}")
        assert (problem["kind"], problem["detail"]) == ("not_running", f"{asleep.name} is stopped.")
        assert problem["hint"] == f"`carrel start {asleep.name}` starts it."
    async with store.writing() as session:
        await users.set_preferences(session, ben.user_id, Preferences(start_on_connect=True))
    assert (await refusal(running, ben, f"{asleep.id}/ssh?start=false"))["kind"] == "not_running"
    async with opened(running, ben, f"{asleep.id}/ssh?start=preferred") as socket:
        assert json.loads(await socket.recv()) == {"phase": "stopped"}
        await goes_to(running, asleep, phase=Phase.RUNNING)
        assert json.loads(await socket.recv()) == {"phase": "running"}
        assert await socket.recv() == KEY


async def test_who_may_not_use_it_does_not_learn_of_it(
    running: Running, ben: Actor, ana: Actor, workspace: Workspace
) -> None:
    for path in (f"{workspace.id}/ssh", f"{workspace.name}/ssh?owner={ben.name}", "nothing/ssh"):
        assert (await refusal(running, ana, path))["kind"] == "not_found"


async def test_the_end_of_the_token_ends_it(running: Running, ben: Actor, workspace: Workspace) -> None:
    store = running.parts.store
    async with opened(running, ben, f"{workspace.id}/ssh") as socket:
        await socket.recv()
        async with store.writing() as session:
            for token in await tokens.of_user(session, ben.user_id, tokens.TokenKind.PERSONAL):
                await tokens.remove(session, ben.user_id, token.id)
        last, code = await ended(socket)
    assert (json.loads(last)["problem"]["kind"], code) == ("not_authenticated", 4000)


async def test_a_server_that_stops_says_that_another_may_go_on(
    running: Running, ben: Actor, workspace: Workspace
) -> None:
    async with opened(running, ben, f"{workspace.id}/ssh") as socket:
        await socket.recv()
        running.parts.stopping.set()
        running.parts.store.wakeups.ring_all()
        assert (await ended(socket))[1] == 1012
