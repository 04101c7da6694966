"""Proxies as processes of their own, and a server that may end and come back."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import asyncssh
import pytest
import uvicorn
from fastapi import FastAPI
from tests.integration.proxy.conftest import WORKSPACE, AgentProcess, Apps, agent_process, apps
from tests.integration.proxy.memory_authority import MemoryAuthority
from websockets.asyncio.client import connect

from carrel.core.secret import Secret
from carrel.links.access import Place
from carrel.links.authority import LinkAuthority
from carrel.links.components import ComponentAuthority, Names
from carrel.links.target import Target
from carrel.server.api import components
from carrel.server.api.parts import Parts
from carrel.server.api.problems import add_problem_handlers
from carrel.server.settings import Settings

__all__ = ["agent_process", "apps"]

TOKEN = "carrel_component_" + "t" * 43


class SigningAuthority(MemoryAuthority):
    """The control plane in memory, with the key of the links' authority."""

    def __init__(self, signer: LinkAuthority) -> None:
        super().__init__()
        self.signer = signer

    async def certificate(self, target: Target, public_key: str) -> str:
        key = asyncssh.import_public_key(public_key)
        return self.signer.certify(key, target.principal).export_certificate().decode()

    async def names(self) -> Names:
        return Names("http://localhost:7070", "localhost")


@dataclass
class Server:
    """What answers the processes; the same authority before and after a restart."""

    authority: SigningAuthority
    port: int = 0
    _running: tuple[uvicorn.Server, asyncio.Task[None], asyncio.Event] | None = None

    async def start(self) -> None:
        stopping = asyncio.Event()
        app = FastAPI()
        add_problem_handlers(app)
        app.include_router(components.router)
        authority = cast("ComponentAuthority", self.authority)
        parts: Any = Parts(
            cast("Any", None),
            Settings(),
            cast("Any", None),
            cast("Any", None),
            stopping=stopping,
            components=authority,
            component_token=Secret(TOKEN),
        )
        app.state.parts = parts
        sock = socket.socket(proto=socket.IPPROTO_TCP)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", self.port))
        self.port = sock.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
        task = asyncio.create_task(server.serve([sock]))
        while not server.started:
            await asyncio.sleep(0.01)
        self._running = (server, task, stopping)

    async def stop(self) -> None:
        if self._running is not None:
            server, task, stopping = self._running
            self._running = None
            stopping.set()
            server.should_exit = True
            await task


@dataclass
class Process:
    """One `carrel proxy`."""

    process: asyncio.subprocess.Process
    port: int = 0
    said: list[str] = field(default_factory=list)

    async def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return await self.process.wait()


@dataclass
class Installation:
    """A server, and proxies beside it."""

    server: Server
    folder: Path
    processes: list[Process] = field(default_factory=list)

    def host(self, port: int) -> str:
        """Of an app; the browser uses the port of whichever proxy it was led to."""
        label = f"{port}--blog--ana"
        self.server.authority.places[label] = Place(WORKSPACE, str(port), "blog")
        return f"{label}.localhost:7080"

    def cookie(self, host: str) -> str:
        return f"carrel_ticket={self.server.authority.cookie(host, WORKSPACE)}"

    def socket(self, proxy: Process, host: str) -> connect:
        return connect(
            f"ws://{host}/",
            host="127.0.0.1",
            port=proxy.port,
            origin=cast("Any", f"http://{host}"),
            additional_headers={"Cookie": self.cookie(host)},
        )

    async def get(self, proxy: Process, host: str) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(
            f"GET / HTTP/1.1\r\nHost: {host}\r\nCookie: {self.cookie(host)}\r\nConnection: close\r\n\r\n".encode()
        )
        async with asyncio.timeout(60):
            answer = await reader.read()
        writer.close()
        return answer

    async def proxy(self, token: str = TOKEN) -> Process:
        """Start one; it listens, or has ended."""
        file = self.folder / f"token-{len(self.processes)}"
        file.write_text(token)
        file.chmod(0o600)
        argv = [sys.executable, "-P", "-m", "carrel.apart", "proxy", "--server", f"http://127.0.0.1:{self.server.port}"]
        argv += ["--token-file", str(file), "--grace", "5"]
        started = await asyncio.create_subprocess_exec(
            *argv, stderr=asyncio.subprocess.PIPE, env={**os.environ, "CARREL_LOG_FORMAT": "json"}
        )
        made = Process(started)
        self.processes.append(made)
        assert started.stderr is not None
        async with asyncio.timeout(60):
            async for line in started.stderr:
                made.said.append(line.decode())
                if found := re.match(r"\{.*\"event\": \"listening\"", made.said[-1]):
                    made.port = json.loads(found.string)["port"]
                    break
        return made

    async def close(self) -> None:
        for made in self.processes:
            if made.process.returncode is None:
                made.process.kill()
                await made.process.wait()
        await self.server.stop()


@asynccontextmanager
async def installed(agent: AgentProcess, folder: Path) -> AsyncIterator[Installation]:
    authority = SigningAuthority(agent.authority)
    authority.targets[WORKSPACE] = agent.target
    server = Server(authority)
    await server.start()
    made = Installation(server, folder)
    try:
        yield made
    finally:
        await made.close()


@pytest.fixture
async def installation(agent_process: AgentProcess, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installed(agent_process, tmp_path) as made:
        yield made


async def until(truth: Any, seconds: float = 10) -> None:
    """Wait for something of another process."""
    async with asyncio.timeout(seconds):
        while not await truth():
            await asyncio.sleep(0.05)


_ = Apps
