"""Commands and terminals over WebSockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.integration.api.conftest import Running, token_of
from tests.integration.conftest import add_workspace
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from carrel.core.access import Actor
from carrel.core.problems import Problem
from carrel.core.workspace import Failure, Goal, Phase, Workspace
from carrel.server.api.live import TerminalSize, TerminalWish
from carrel.server.store import tokens, workspaces
from carrel.server.store.wakeups import of_workspace


@pytest.fixture
async def workspace(running: Running, ben: Actor) -> Workspace:
    return await add_workspace(running.parts.store, ben, phase=Phase.RUNNING)


@asynccontextmanager
async def opened(running: Running, actor: Actor, path: str, **headers: str) -> AsyncIterator[ClientConnection]:
    token = await token_of(running.parts.store, actor)
    headers = {"Authorization": f"Bearer {token.reveal()}"} | headers
    url = f"{running.websocket_url}/api/v1/workspaces/{path}"
    async with connect(url, additional_headers=headers, proxy=None) as socket:
        yield socket


async def refusal(running: Running, actor: Actor, path: str, **headers: str) -> dict[str, Any]:
    with pytest.raises(InvalidStatus) as caught:
        async with opened(running, actor, path, **headers):
            pass
    problem: dict[str, Any] = json.loads(caught.value.response.body or b"")
    assert caught.value.response.status_code == problem["status"]
    return problem


async def frames(socket: ClientConnection) -> list[tuple[int, bytes]]:
    """All frames until the server closes."""
    found = []
    try:
        while True:
            frame = await socket.recv(decode=False)
            found.append((frame[0], bytes(frame[1:])))
    except ConnectionClosed:
        return found


async def test_a_command_runs_to_its_end(running: Running, ben: Actor, workspace: Workspace) -> None:
    async with opened(running, ben, f"{workspace.id}/exec") as socket:
        await socket.send(json.dumps({"argv": ["fail", "7"], "env": {"A": "1"}, "cwd": "/tmp"}))
        assert await frames(socket) == [(2, b"failed\n"), (3, b'{"exit": {"status": 7}}')]
        assert socket.close_code == 1000
    [session] = running.live.sessions
    assert session.request is not None
    assert (session.request.argv, session.request.env, session.request.cwd) == (("fail", "7"), {"A": "1"}, "/tmp")
    assert session.request.tty is None
    await asyncio.wait_for(session.closed.wait(), 60)


async def test_a_command_that_a_signal_ended_says_so(running: Running, ben: Actor, workspace: Workspace) -> None:
    async with opened(running, ben, f"{workspace.id}/exec") as socket:
        await socket.send(json.dumps({"argv": ["die"]}))
        assert await frames(socket) == [(3, b'{"exit": {"signal": "KILL"}}')]


async def test_input_output_resize_signal_and_eof(running: Running, ben: Actor, workspace: Workspace) -> None:
    async with opened(running, ben, f"{workspace.id}/exec") as socket:
        await socket.send(json.dumps({"tty": True, "cols": 100, "rows": 30}))
        await socket.send(b"\0abc")
        assert await socket.recv(decode=False) == b"\1ABC"
        await socket.send(b"\3" + json.dumps({"resize": {"cols": 120, "rows": 40}}).encode())
        assert await socket.recv(decode=False) == b"\x01120x40"
        for nonsense in (
            b"\3{",
            b"\3[]",
            b"\3" + b'{"resize": {"cols": -1, "rows": 0}}',
            b"\x09x",
            b"",
            b'\3{"signal":"ABRT"}',
        ):
            await socket.send(nonsense)
        await socket.send(b"\3" + json.dumps({"eof": True}).encode())
        assert await frames(socket) == [(3, b'{"exit": {"status": 0}}')]
    [session] = running.live.sessions
    assert session.request is not None
    assert session.request.tty == TerminalSize(100, 30)


async def test_a_signal_is_passed_on(running: Running, ben: Actor, workspace: Workspace) -> None:
    async with opened(running, ben, f"{workspace.id}/exec") as socket:
        await socket.send("{}")
        await socket.send(b"\3" + json.dumps({"signal": "INT"}).encode())
        assert await frames(socket) == [(3, b'{"exit": {"signal": "INT"}}')]


async def goes_to(running: Running, workspace: Workspace, **values: Any) -> None:
    async with running.parts.store.writing() as session:
        await workspaces.change(session, workspace.id, values)
        session.wake(of_workspace(workspace.id))


async def test_a_stopped_workspace_is_started_for_who_asks_for_it(running: Running, ben: Actor) -> None:
    asleep = await add_workspace(running.parts.store, ben, phase=Phase.STOPPED, goal=Goal.STOP)
    assert (await refusal(running, ben, f"{asleep.id}/exec"))["kind"] == "not_running"
    async with opened(running, ben, f"{asleep.id}/exec?start=true") as socket:
        for phase in (Phase.STOPPED, Phase.STARTING, Phase.RUNNING):
            await goes_to(running, asleep, phase=phase)
            assert await socket.recv(decode=False) == b'\3{"phase": "%s"}' % phase.encode()
        await socket.send(json.dumps({"argv": ["fail", "7"]}))
        assert (await frames(socket))[-1] == (3, b'{"exit": {"status": 7}}')
    async with running.parts.store.reading() as session:
        assert (await workspaces.get(session, ben, asleep.id)).goal is Goal.RUN


async def test_a_start_that_fails_or_is_not_wanted_any_more_ends_the_session(running: Running, ben: Actor) -> None:
    failing = await add_workspace(running.parts.store, ben, phase=Phase.STOPPED, goal=Goal.STOP)
    failure = Failure("prepare_image", "build_failed", "Line 3 of the Dockerfile.", "Mend it.")
    async with opened(running, ben, f"{failing.id}/exec?start=true") as socket:
        await socket.recv()
        await goes_to(running, failing, phase=Phase.FAILED, failure=failure)
        told = json.loads((await frames(socket))[-1][1])["problem"]
    assert (told["kind"], told["detail"], told["hint"]) == (failure.kind, failure.detail, failure.hint)
    stopped = await add_workspace(running.parts.store, ben, phase=Phase.STOPPED, goal=Goal.STOP)
    async with opened(running, ben, f"{stopped.id}/exec?start=true") as socket:
        await socket.recv()
        await goes_to(running, stopped, goal=Goal.STOP, stop_reason="ben stopped it.")
        assert json.loads((await frames(socket))[-1][1])["problem"]["kind"] == "not_running"


async def test_who_types_while_a_command_ends_is_told_how_it_ended(
    running: Running, ben: Actor, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(running, ben, f"{workspace.id}/exec") as socket:
        await socket.send(json.dumps({"argv": ["deaf"]}))
        await socket.send(b"\0too late")
        assert await frames(socket) == [(1, b"the last words"), (3, b'{"exit": {"status": 7}}')]
    assert "session_broke" not in capsys.readouterr().out


async def test_a_session_is_let_go_when_the_client_leaves(running: Running, ben: Actor, workspace: Workspace) -> None:
    async with opened(running, ben, f"{workspace.id}/exec") as socket:
        await socket.send("{}")
        await socket.send(b"\0a")
        await socket.recv()
    async with asyncio.timeout(60):
        await running.live.sessions[0].closed.wait()


async def test_a_terminal_is_attached_with_its_size(running: Running, ben: Actor, workspace: Workspace) -> None:
    async with opened(running, ben, f"{workspace.id}/terminals/main?cols=90&rows=20") as socket:
        await socket.send(b"\0ls\n")
        assert await socket.recv(decode=False) == b"\1LS\n"
    assert running.live.sessions[0].told == [TerminalWish("main", TerminalSize(90, 20)), {"bye": True}]


async def test_a_viewer_says_who_it_is_what_it_has_seen_and_whether_it_leaves(
    running: Running, ben: Actor, workspace: Workspace
) -> None:
    path = f"{workspace.id}/terminals/main?viewer=0123456789abcdef&from=77"
    async with opened(running, ben, path) as socket:
        await socket.send(b"\3" + json.dumps({"seen": 78}).encode())
        await socket.send(b"\0x")
        assert await socket.recv(decode=False) == b"\1X"
        socket.transport.abort()
    [session] = running.live.sessions
    await asyncio.wait_for(session.closed.wait(), 60)
    assert session.told == [TerminalWish("main", viewer="0123456789abcdef", offset=77), {"seen": 78}]


@pytest.mark.parametrize("query", ["viewer=short", "viewer=0123456789abcde/", "from=-2", "from=x", "cols=0"])
async def test_a_viewer_of_another_form_is_refused(
    running: Running, ben: Actor, workspace: Workspace, query: str
) -> None:
    with pytest.raises(InvalidStatus):
        async with opened(running, ben, f"{workspace.id}/terminals/main?{query}"):
            pass


async def test_a_read_only_terminal_takes_no_input(running: Running, ben: Actor, workspace: Workspace) -> None:
    async with opened(running, ben, f"{workspace.id}/terminals/main?read_only=true") as socket:
        await socket.send(b"\0rm -rf /\n")
        await socket.send(b"\3" + json.dumps({"signal": "KILL"}).encode())
        await socket.send(b"\3" + json.dumps({"resize": {"cols": 10, "rows": 5}}).encode())
        await socket.send(b"\3" + json.dumps({"seen": 5}).encode())
    [session] = running.live.sessions
    await asyncio.wait_for(session.closed.wait(), 60)
    assert session.told == [TerminalWish("main", read_only=True), {"seen": 5}, {"bye": True}]


@pytest.mark.parametrize(
    "opening", ["{", "[]", '{"argv": "ls"}', '{"argv": ["a"], "command": "b"}', '{"env": {"A=B": "c"}}']
)
async def test_a_strange_opening_is_a_problem(running: Running, ben: Actor, workspace: Workspace, opening: str) -> None:
    async with opened(running, ben, f"{workspace.id}/exec") as socket:
        await socket.send(opening)
        [(channel, data)] = await frames(socket)
        assert (channel, json.loads(data)["problem"]["kind"]) == (3, "malformed_request")
        assert socket.close_code == 4000


async def test_a_problem_of_the_workspace_is_told(running: Running, ben: Actor, workspace: Workspace) -> None:
    running.live.problem = Problem("agent_unreachable", "It sleeps.")
    async with opened(running, ben, f"{workspace.id}/exec") as socket:
        await socket.send("{}")
        [(_, data)] = await frames(socket)
    assert json.loads(data)["problem"]["kind"] == "agent_unreachable"


async def test_who_may_not_enter_is_refused_before_anything_is_opened(
    running: Running, ana: Actor, ben: Actor, owner: Actor, workspace: Workspace
) -> None:
    path = f"{workspace.id}/exec"
    assert (await refusal(running, ana, path))["kind"] == "not_found"
    assert (await refusal(running, ben, path, Authorization="Bearer carrel_personal_no"))["kind"] == "not_authenticated"
    assert (await refusal(running, ben, path, Authorization=""))["kind"] == "not_authenticated"
    assert (await refusal(running, ben, path, Origin="https://evil.example"))["kind"] == "bad_origin"
    assert (await refusal(running, ben, "nothing/exec"))["kind"] == "not_found"
    stopped = await add_workspace(running.parts.store, ben, phase=Phase.STOPPED)
    assert (await refusal(running, ben, f"{stopped.id}/exec"))["kind"] == "not_running"
    assert running.live.sessions == []


async def test_a_revoked_token_loses_its_open_session_within_five_seconds(
    running: Running, ben: Actor, workspace: Workspace
) -> None:
    async with opened(running, ben, f"{workspace.id}/terminals/main") as socket:
        await socket.send(b"\0a")
        await socket.recv()
        async with running.parts.store.writing() as session:
            for token in await tokens.of_user(session, ben.user_id, tokens.TokenKind.PERSONAL):
                await tokens.remove(session, ben.user_id, token.id)
        async with asyncio.timeout(60):
            [(_, data)] = await frames(socket)
    assert json.loads(data)["problem"]["kind"] == "not_authenticated"
