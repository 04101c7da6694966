"""`carrel ssh-proxy` in a process of its own: what it says, stores, resumes and gives up."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import select
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from subprocess import DEVNULL
from typing import Any

import pytest
from tests.integration.cli.conftest import Carrel
from tests.integration.cli.session_server import TOKEN, SessionServer
from tests.integration.cli.test_short_way import HEAVY, MOST_CPU_SECONDS, PROBE
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from carrel.core.stream import Frames, Hello, Kind, Refusal, Stream, Welcome, read_hello, refused, welcome

KEY = "ssh-ed25519 AAAA"
SECONDS = 20


class Visit:
    """One connection of the proxy, as server and agent see it together."""

    def __init__(self, socket: ServerConnection, path: str) -> None:
        self.socket = socket
        self.path = path
        self.said: Hello
        self._frames = Frames()
        self._waiting: list[tuple[int, bytes]] = []

    async def frame(self) -> tuple[int, bytes]:
        while not self._waiting:
            data = await asyncio.wait_for(self.socket.recv(), SECONDS)
            assert isinstance(data, bytes)
            self._waiting = list(self._frames.feed(data))
        return self._waiting.pop(0)

    async def greet(self, stream: Stream, seconds: int = 600) -> None:
        """Tell the host key, hear HELLO, answer WELCOME."""
        await self.socket.send(json.dumps({"host_key": KEY}))
        kind, content = await self.frame()
        assert kind == Kind.HELLO
        self.said = read_hello(content)
        stream.connect(self.said.taken)
        await self.socket.send(welcome(Welcome(stream.taken, seconds)))

    async def hear(self, stream: Stream, until: Callable[[bytes], bool]) -> bytes:
        """What comes, until it is enough or the end comes."""
        came = b""
        while not until(came) and not stream.is_over:
            came += stream.receive(*await self.frame())
        stream.consume(len(came))
        return came

    async def send(self, stream: Stream) -> None:
        while data := stream.pull(1000):
            await self.socket.send(data)


class Door:
    """The server's entrance; tests take its visits one by one."""

    def __init__(self) -> None:
        self.visits: asyncio.Queue[Visit] = asyncio.Queue()
        self.paths: list[str] = []
        self.refusal: tuple[int, dict[str, Any]] | None = None
        self.server: Server

    async def _handle(self, socket: ServerConnection) -> None:
        self.visits.put_nowait(Visit(socket, self.paths[-1]))
        await socket.wait_closed()

    def _answer(self, _connection: ServerConnection, request: Request) -> Response | None:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        self.paths.append(request.path)
        if self.refusal is None:
            return None
        status, document = self.refusal
        body = json.dumps(document).encode()
        return Response(status, HTTPStatus(status).phrase, Headers({"Content-Length": str(len(body))}), body)

    async def open(self, port: int) -> None:
        self.server = await serve(self._handle, "127.0.0.1", port, process_request=self._answer, compression=None)

    async def visit(self) -> Visit:
        return await asyncio.wait_for(self.visits.get(), SECONDS)


@pytest.fixture
async def door(server: SessionServer) -> AsyncIterator[Door]:
    """In the place of the server of sessions."""
    opened = Door()
    await opened.open(0)
    server.port = opened.server.sockets[0].getsockname()[1]
    yield opened
    opened.server.close()
    await opened.server.wait_closed()


Proxy = Callable[..., Awaitable[Process]]


@pytest.fixture
def proxy(door: Door, server: SessionServer, carrel: Carrel, tmp_path: Path) -> Proxy:
    async def start(host: str = "blog.carrel", **options: Any) -> Process:
        environment = {"CARREL_URL": server.url, "XDG_CONFIG_HOME": str(tmp_path)}
        options = {"start_new_session": True, "env": environment} | options
        return await carrel("ssh-proxy", host, **options)

    return start


async def ended(process: Process) -> tuple[int, bytes, str]:
    out, err = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode is not None
    return process.returncode, out, err.decode()


async def test_bytes_go_both_ways_after_the_host_key_is_stored(door: Door, proxy: Proxy, tmp_path: Path) -> None:
    process = await proxy("Blog--Ana.carrel")
    visit, stream = await door.visit(), Stream()
    assert visit.path == "/api/v1/workspaces/blog/ssh?resume=true&start=false&owner=ana"
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"to the agent")
    stream.write(b"to ssh")
    await visit.greet(stream)
    assert visit.said.is_new
    assert await visit.hear(stream, lambda came: came.endswith(b"agent")) == b"to the agent"
    await visit.send(stream)
    assert await process.stdout.readexactly(6) == b"to ssh"
    assert (tmp_path / "carrel" / "ssh_known_hosts").read_text() == f"blog--ana.carrel {KEY}\n"
    process.stdin.close()
    await visit.hear(stream, lambda _: False)
    assert stream.is_over, "the end of ssh is told"
    await visit.send(stream)
    assert await ended(process) == (0, b"", "")


async def test_a_lost_connection_is_replaced_and_nothing_is_lost_or_repeated(door: Door, proxy: Proxy) -> None:
    process, stream = await proxy(), Stream()
    assert process.stdin is not None
    assert process.stdout is not None
    came = b""
    visit = await door.visit()
    for number in range(5):
        assert ("start=false" in visit.path, "resume=true" in visit.path) == (True, True)
        await visit.greet(stream)
        assert visit.said.is_new == (number == 0)
        process.stdin.write(b"in %d " % number)
        stream.write(b"out %d " % number)
        came += await visit.hear(stream, lambda so_far: b"in" in so_far)
        await visit.send(stream)
        if number % 2:
            assert (await process.stdout.readexactly(12)) == b"out %d out %d " % (number - 1, number)
        stream.disconnect()
        if number < 4:
            await visit.socket.close(1012)
            visit = await door.visit()
    assert came == b"in 0 in 1 in 2 in 3 in 4 "
    stream.end()
    stream.connect(24)
    await visit.send(stream)
    assert await ended(process) == (0, b"out 4 ", "")


async def test_it_gives_up_with_one_line_when_the_agent_does_not_wait_any_longer(door: Door, proxy: Proxy) -> None:
    process = await proxy()
    visit = await door.visit()
    await visit.greet(Stream(), seconds=1)
    door.refusal = (503, {"title": "Not now", "status": 503})
    await visit.socket.close(1012)
    status, out, err = await ended(process)
    assert (status, out) == (255, b"")
    assert err.startswith("carrel: blog: The connection was lost ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("again", [False, True])
async def test_a_refusal_is_one_line(door: Door, proxy: Proxy, again: bool) -> None:
    document = {"title": "Not running", "status": 409, "detail": "blog is stopped.", "hint": "`carrel start blog`."}
    if not again:
        door.refusal = (409, document)
    process = await proxy()
    if again:
        visit = await door.visit()
        await visit.greet(Stream())
        door.refusal = (409, document)
        await visit.socket.close(1014)
    assert await ended(process) == (255, b"", "carrel: blog: blog is stopped. `carrel start blog`.\r\n")


async def test_what_the_server_and_the_agent_say_ends_it_too(door: Door, proxy: Proxy) -> None:
    process = await proxy()
    visit = await door.visit()
    await visit.socket.send(json.dumps({"problem": {"title": "x", "detail": "You may not.", "status": 403}}))
    assert await ended(process) == (255, b"", "carrel: blog: You may not.\r\n")
    process = await proxy()
    visit = await door.visit()
    await visit.greet(Stream())
    await visit.socket.close(1014)
    again = await door.visit()
    await again.socket.send(refused(Refusal.UNKNOWN, "The session is gone."))
    assert await ended(process) == (255, b"", "carrel: blog: The session is gone.\r\n")


async def test_an_agent_that_speaks_nonsense_is_asked_again(door: Door, proxy: Proxy) -> None:
    process, stream = await proxy(), Stream()
    visit = await door.visit()
    await visit.greet(stream)
    await visit.socket.send(b"\3\0\0\0\x09" + (5).to_bytes(8, "big") + b"x")
    again = await door.visit()
    await again.greet(stream)
    stream.end()
    await again.send(stream)
    assert (await ended(process))[0] == 0


async def test_nobody_listens_there(proxy: Proxy, door: Door) -> None:
    door.server.close()
    await door.server.wait_closed()
    status, out, err = await ended(await proxy(stdin=DEVNULL))
    assert (status, out) == (255, b"")
    assert err.startswith("carrel: blog: ")
    assert "refused" in err


@pytest.mark.parametrize("words", [(), ("-x",), ("a", "b")])
async def test_a_wrong_call_is_told(carrel: Carrel, words: tuple[str, ...]) -> None:
    status, _, err = await ended(await carrel("ssh-proxy", *words))
    assert (status, err) == (2, "usage: carrel ssh-proxy NAME[--OWNER][.carrel]\n")


@pytest.mark.parametrize(("variable", "expected"), [("", "preferred"), ("0", "preferred"), ("1", "true")])
async def test_somebody_at_a_terminal_may_start_it(
    door: Door, server: SessionServer, tmp_path: Path, variable: str, expected: str
) -> None:
    environment = os.environ | {
        "CARREL_URL": server.url,
        "CARREL_TOKEN": TOKEN,
        "CARREL_START_ON_CONNECT": variable,
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    pid, master = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [sys.executable, "-m", "carrel.cli", "ssh-proxy", "blog"], environment)
    visit = await door.visit()
    assert f"start={expected}" in visit.path
    await visit.socket.send(json.dumps({"phase": "starting"}))
    ready, _, _ = await asyncio.to_thread(select.select, [master], [], [], SECONDS)
    assert ready
    assert os.read(master, 1000).startswith(b"carrel: blog is starting ...")
    await visit.socket.send(json.dumps({"problem": {"detail": "It failed."}}))
    _, status = await asyncio.to_thread(os.waitpid, pid, 0)
    os.close(master)
    assert os.waitstatus_to_exitcode(status) == 255


async def test_it_imports_even_less_than_a_session(server: SessionServer, carrel: Carrel) -> None:
    server.refusal = (404, {"title": "Not found", "status": 404})
    process = await carrel("-c", PROBE, "ssh-proxy", "blog", module="", stdin=DEVNULL)
    out, _ = await process.communicate()
    report = json.loads(out)
    assert report["status"] == 255
    assert not (HEAVY | {"websockets", "http.client", "ssl", "logging"}) & set(report["modules"])
    assert report["seconds"] < MOST_CPU_SECONDS
