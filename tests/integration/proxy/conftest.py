"""A proxy in front of a real agent, and small apps of every temper behind it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.integration.proxy.memory_authority import MemoryAuthority

from carrel.core.agent import Boot
from carrel.core.records import dump
from carrel.core.spec import Endpoint
from carrel.links.access import Place
from carrel.links.authority import LinkAuthority, make_key_pair
from carrel.links.pool import LinkPool
from carrel.links.target import Target
from carrel.proxy.patience import Patience
from carrel.proxy.server import ProxyServer, ProxySettings

WORKSPACE = "w000000000001"
PATIENCE = Patience(head=1.0, keep_alive=2.0, linger=0.5, half_closed=1.0, silence=1.0, ask_again=0.2)


@dataclass(frozen=True)
class AgentProcess:
    authority: LinkAuthority
    target: Target


@pytest.fixture(scope="session")
def agent_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AgentProcess]:
    """One real agent for all tests: they open their own links to it."""
    folder: Path = tmp_path_factory.mktemp("agent")
    keys, host_key = make_key_pair(), make_key_pair()
    authority = LinkAuthority(keys.private)
    boot = Boot(WORKSPACE, f"{WORKSPACE}:1", authority.public_key, host_key.private, 0, 1, "c1", address="127.0.0.1")
    boot_file = folder / "boot.json"
    boot_file.write_text(json.dumps(dump(boot)))
    command = [sys.executable, "-I", "-m", "carrel.agent", "--boot", str(boot_file), "--state", str(folder / "state")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        port = 0
        for line in process.stderr:
            if found := re.search(r"listening .* port=(\d+)", line):
                port = int(found[1])
                break
        assert port, "the agent did not start"
        yield AgentProcess(
            authority, Target(WORKSPACE, Endpoint("tcp", "127.0.0.1", port), boot.principal, host_key.public)
        )
        process.terminate()


Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Apps:
    """Starts TCP servers that play apps."""

    def __init__(self) -> None:
        self._servers: list[asyncio.Server] = []
        self._handling: set[asyncio.Task[None]] = set()

    async def serve(self, handle: Handle, tls: ssl.SSLContext | None = None) -> int:
        async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                    await handle(reader, writer)
            finally:
                writer.close()

        def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._handling.add(asyncio.ensure_future(guarded(reader, writer)))

        server = await asyncio.start_server(on_connection, "127.0.0.1", 0, limit=1 << 20, ssl=tls)
        self._servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._handling:
            task.cancel()
        await asyncio.gather(*self._handling, return_exceptions=True)
        for server in self._servers:
            await server.wait_closed()


@pytest.fixture
async def apps() -> AsyncIterator[Apps]:
    apps = Apps()
    yield apps
    await apps.close()


async def dashboard(scope: Any, receive: Any, send: Any) -> None:
    """The application on the dashboard's names."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        message = await receive()
        await send({"type": "websocket.send", "text": "dashboard:" + message["text"]})
        await send({"type": "websocket.close"})
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"dashboard " + scope["path"].encode() + b" " + body})


class Rig:
    """The proxy, its authority, and how a browser talks to it."""

    def __init__(self, server: ProxyServer, authority: MemoryAuthority) -> None:
        self.server = server
        self.authority = authority
        self.port = server.port
        self._writers: list[asyncio.StreamWriter] = []

    def app(self, port: int | str) -> str:
        """The host of an app, with the proxy's port; the authority knows it from now on."""
        label = f"{port}--blog--ana"
        self.authority.places[label] = Place(WORKSPACE, str(port), "blog")
        return f"{label}.localhost:{self.port}"

    def cookie(self, host: str, user: str = "ana") -> str:
        return f"carrel_ticket={self.authority.cookie(host, WORKSPACE, user)}"

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22)
        self._writers.append(writer)
        return reader, writer

    def close(self) -> None:
        """Close what tests left open."""
        for writer in self._writers:
            writer.transport.abort()

    async def send(self, data: bytes, *, eof: bool = False) -> bytes:
        """Send bytes on a fresh connection and return all that comes until it closes."""
        reader, writer = await self.connect()
        writer.write(data)
        if eof:
            writer.write_eof()
        async with asyncio.timeout(60):
            answer = await reader.read()
        writer.close()
        return answer

    def request(
        self, host: str, line: str = "GET / HTTP/1.1", *fields: str, ticket: bool = True, close: bool = True
    ) -> bytes:
        lines = [line, f"Host: {host}", *fields]
        if ticket:
            lines.append(f"Cookie: {self.cookie(host)}")
        if close:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


@pytest.fixture
async def rig(agent_process: AgentProcess) -> AsyncIterator[Rig]:
    authority = MemoryAuthority()
    authority.targets[WORKSPACE] = agent_process.target
    links = LinkPool(agent_process.authority)
    server = ProxyServer(
        ProxySettings(port=0, public_url="http://localhost:7070", patience=PATIENCE), authority, links, dashboard
    )
    await server.start()
    rig = Rig(server, authority)
    yield rig
    rig.close()
    await server.close(grace_seconds=1)
    await links.close()
