"""A real server on loopback over each database, a client for each person, and workspaces that only seem to run."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher

from carrel.core.access import Actor
from carrel.core.agent import (
    AgentState,
    AgentStatus,
    AppStatus,
    PortStatus,
    Progress,
    Signal,
    SignalKind,
    TerminalStatus,
)
from carrel.core.files import FilesRequest
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.spec import Source
from carrel.core.workspace import Workspace
from carrel.devcontainer.preview import Preview
from carrel.server.actions.local_owner import ensure_local_owner
from carrel.server.api.app import create_app
from carrel.server.api.live import Channel, ExecRequest, Exit, LiveSession, TerminalSize, TerminalWish, Tunnel
from carrel.server.api.parts import Parts, RuntimeSummary
from carrel.server.password_hashes import PasswordHashes
from carrel.server.settings import Settings, load_settings
from carrel.server.store import tokens
from carrel.server.store.engine import Store
from carrel.server.store.tokens import NewToken, TokenKind


class ScriptedSession:
    """A session that echoes its input in capitals until `exit N` or the end of input; it notes what it was told."""

    def __init__(self, request: ExecRequest | None = None) -> None:
        self.request = request
        self.told: list[object] = []
        self.closed = asyncio.Event()
        self._lines: asyncio.Queue[tuple[Channel, bytes] | None] = asyncio.Queue()
        self._exit = Exit(0)
        self._is_deaf = False
        if request is not None and request.argv:
            self._run(request.argv)

    def _run(self, argv: tuple[str, ...]) -> None:
        match argv:
            case ("true",):
                self._end(Exit(0))
            case ("fail", status):
                self._lines.put_nowait((Channel.STDERR, b"failed\n"))
                self._end(Exit(int(status)))
            case ("die",):
                self._end(Exit(signal="KILL"))
            case ("deaf",):
                self._is_deaf = True
            case _:
                pass

    def _end(self, result: Exit) -> None:
        self._exit = result
        self._lines.put_nowait(None)

    async def output(self) -> AsyncIterator[tuple[Channel, bytes]]:
        while (item := await self._lines.get()) is not None:
            yield item

    async def write(self, data: bytes) -> None:
        if self._is_deaf:  # as one that has ended, before that is told
            self._lines.put_nowait((Channel.STDOUT, b"the last words"))
            self._end(Exit(7))
            raise BrokenPipeError
        self._lines.put_nowait((Channel.STDOUT, data.upper()))

    async def write_eof(self) -> None:
        self._end(Exit(0))

    async def resize(self, size: TerminalSize) -> None:
        self.told.append(size)
        self._lines.put_nowait((Channel.STDOUT, f"{size.cols}x{size.rows}".encode()))

    async def signal(self, name: str) -> None:
        self.told.append(name)
        self._end(Exit(signal=name))

    async def note(self, message: Mapping[str, Any]) -> None:
        if message.keys() & {"seen", "bye"}:
            self.told.append(dict(message))

    async def wait(self) -> Exit:
        return self._exit

    async def close(self) -> None:
        self.closed.set()


@dataclass
class ScriptedTunnel:
    """Bytes come back in capital letters; `end` ends it, `broken` breaks it."""

    person: str
    resume_seconds: int | None
    waiting: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self) -> bytes:
        data = await self.waiting.get()
        if data == b"BROKEN":
            raise ConnectionResetError
        return b"" if data == b"END" else data

    async def write(self, data: bytes) -> None:
        self.waiting.put_nowait(data.upper())

    def write_eof(self) -> None:
        raise NotImplementedError

    async def wait_closed(self) -> None:
        await self.closed.wait()

    def close(self) -> None:
        self.closed.set()


@dataclass
class ScriptedLive:
    """Running workspaces as a test wants them."""

    sessions: list[ScriptedSession] = field(default_factory=list)
    statuses: dict[str, AgentStatus] = field(default_factory=dict)
    problem: Problem | None = None
    app_logs: dict[str, bytes] = field(default_factory=dict)
    hooks_run: list[str] = field(default_factory=list)
    tunnels: list[ScriptedTunnel] = field(default_factory=list)
    people: list[tuple[str, str]] = field(default_factory=list)
    previews: dict[Source, Preview] = field(default_factory=dict)

    async def exec(self, workspace: Workspace, request: ExecRequest) -> LiveSession:
        if self.problem is not None:
            raise self.problem
        self.sessions.append(ScriptedSession(request))
        return self.sessions[-1]

    async def terminal(self, workspace: Workspace, wish: TerminalWish) -> LiveSession:
        self.sessions.append(ScriptedSession())
        self.sessions[-1].told.append(wish)
        return self.sessions[-1]

    async def create_terminal(self, workspace: Workspace, name: str, command: str) -> tuple[TerminalStatus, bool]:
        made = TerminalStatus(name, command or "/bin/bash", datetime.now(UTC), 0, 80, 24)
        return made, name != "main"

    async def status(self, workspace: Workspace) -> AgentStatus | None:
        return self.statuses.get(workspace.id)

    async def app_log(self, workspace: Workspace, app: str, after: int, limit: int) -> tuple[int, bytes]:
        if app not in self.app_logs:
            raise Problem("no_such_app")
        return after, self.app_logs[app][after : after + limit]

    async def look(self, wanted: Workspace) -> Preview:
        if wanted.source not in self.previews:
            raise Problem("source_unreachable")
        return self.previews[wanted.source]

    async def run_hooks(self, workspace: Workspace, stage: str) -> None:
        self.hooks_run.append(stage)

    async def present(self, workspace: Workspace, person_id: str, name: str, how: str) -> None:
        self.people.append((name, how))

    async def close_terminal(self, workspace: Workspace, name: str) -> bool:
        return False

    async def files(self, workspace: Workspace, request: FilesRequest) -> LiveSession:
        raise Problem("not_running")

    async def dial(self, workspace: Workspace, port: int, host: str) -> Tunnel:
        raise ConnectionRefusedError

    async def host_key(self, workspace: Workspace) -> str:
        return "ssh-ed25519 AAAA"

    async def ssh(self, workspace: Workspace, person_id: str, resume_seconds: int | None) -> Tunnel:
        if self.problem is not None:
            raise self.problem
        self.tunnels.append(ScriptedTunnel(person_id, resume_seconds))
        return self.tunnels[-1]


def agent_status(workspace: Workspace, **members: Any) -> AgentStatus:
    """What an agent with an editor, a dev server and a person at a terminal says."""
    now = datetime.now(UTC)
    said: dict[str, Any] = {
        "apps": (AppStatus("code", Progress.DONE, 40001),),
        "ports": (PortStatus(5173, process="vite", protocol="http", label="Web"),),
        "signals": (Signal(SignalKind.INPUT, now, "terminal main"),),
    }
    return AgentStatus(1, "0", workspace.id, workspace.start, "boot", now, AgentState.READY, **said | members)


@dataclass(frozen=True)
class Running:
    """A server that runs."""

    url: str
    parts: Parts
    live: ScriptedLive

    @property
    def websocket_url(self) -> str:
        return self.url.replace("http", "ws", 1)


def free_socket() -> socket.socket:
    """A listening socket on a free port of loopback."""
    listening = socket.socket(proto=socket.IPPROTO_TCP)  # else asyncio leaves Nagle on: 40 ms for each answer
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    return listening


def cheap_hashes() -> PasswordHashes:
    """Argon2 that costs nothing; tests/unit/server/test_password_hashes.py has the real one."""
    return PasswordHashes(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@asynccontextmanager
async def serving(store: Store, settings_of: Callable[[int], Settings]) -> AsyncIterator[Running]:
    """Run the application under uvicorn in this loop."""
    listening = free_socket()
    port = listening.getsockname()[1]
    live = ScriptedLive()
    parts = Parts(
        store,
        settings_of(port),
        live,
        live.look,
        lambda: RuntimeSummary("fake", version="1", cpus=2),
        hashes=cheap_hashes(),
    )
    config = uvicorn.Config(create_app(parts), log_config=None, ws="websockets-sansio", lifespan="off")
    config.timeout_graceful_shutdown = 5
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[assignment]  # the test's process keeps its own
    task = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.001)
    yield Running(f"http://127.0.0.1:{port}", parts, live)
    parts.stopping.set()
    store.wakeups.ring_all()
    server.should_exit = True
    await task


@pytest.fixture
async def running(store: Store, tmp_path: Path) -> AsyncIterator[Running]:
    def settings(port: int) -> Settings:
        return load_settings({}, overrides={"data_dir": tmp_path / "data", "port": port})

    async with serving(store, settings) as server:
        yield server


Client = httpx.AsyncClient


async def token_of(store: Store, actor: Actor, **more: Any) -> Secret:
    """A fresh personal token."""
    async with store.writing() as session:
        value, _ = await tokens.make(session, NewToken(actor.user_id, TokenKind.PERSONAL, **more))
    return value


@asynccontextmanager
async def signed_in(running: Running, actor: Actor) -> AsyncIterator[Client]:
    """A client with a personal token."""
    token = await token_of(running.parts.store, actor)
    headers = {"Authorization": f"Bearer {token.reveal()}"}
    async with httpx.AsyncClient(base_url=running.url, headers=headers, trust_env=False) as client:
        yield client


@pytest.fixture
async def owner(store: Store, tmp_path: Path) -> Actor:
    """The owner of a local-mode server."""
    user = await ensure_local_owner(store, tmp_path / "data" / "token")
    return Actor(user.id, user.name, user.role)


@pytest.fixture
async def client(running: Running, owner: Actor) -> AsyncIterator[Client]:
    """The owner's client."""
    async with signed_in(running, owner) as client:
        yield client


@pytest.fixture
async def bens(running: Running, ben: Actor) -> AsyncIterator[Client]:
    """The client of a developer."""
    async with signed_in(running, ben) as client:
        yield client


@pytest.fixture
async def nobody(running: Running) -> AsyncIterator[Client]:
    """A client that is not signed in."""
    async with httpx.AsyncClient(base_url=running.url, trust_env=False) as client:
        yield client


@asynccontextmanager
async def streaming(client: Client, path: str, after: str | None = None) -> AsyncIterator[Messages]:
    """A stream of server-sent events, opened."""
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after is not None else {})
    async with client.stream("GET", path, headers=headers, timeout=20) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Messages(response)


class Messages:
    """Messages of a stream."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def next(self) -> tuple[str, Any]:
        """Id and data of the next message; ("end", None) at the end."""
        found: dict[str, str] = {}
        async for line in self._lines:
            if not line and ("data" in found or "event" in found):
                break
            name, _, value = line.partition(":")
            if name:
                found[name] = value.strip()
        if "id" not in found:
            return "end", None
        return found["id"], json.loads(found["data"])


Body = dict[str, Any]
Create = Callable[..., Awaitable[Body]]


@pytest.fixture
def create(client: Client) -> Create:
    """Makes a workspace of the owner's through the API."""

    async def make(**body: Any) -> Body:
        response = await client.post("/api/v1/workspaces", json={"source": {"kind": "empty"}} | body)
        assert response.status_code == 201, response.text
        made: Body = response.json()
        return made

    return make
