"""A small agent: an asyncssh server that forwards, runs commands and speaks the control protocol."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import asyncssh
import pytest

from carrel.core.agent import PROTOCOL, AgentState, AgentStatus
from carrel.core.records import dump
from carrel.core.spec import Endpoint
from carrel.links.authority import KeyPair, LinkAuthority, make_key_pair
from carrel.links.pool import LinkPool, PoolSettings
from carrel.links.target import Target

Handler = Callable[[asyncssh.SSHServerProcess[bytes]], Awaitable[None]]


class SmallAgent(asyncssh.SSHServer):
    """Accepts what the installation's authority signed."""

    connections: list[asyncssh.SSHServerConnection]

    def __init__(self, connections: list[asyncssh.SSHServerConnection]) -> None:
        self.connections = connections

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connections.append(conn)

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        return True


def status(state: AgentState = AgentState.READY, start: int = 1) -> AgentStatus:
    return AgentStatus(PROTOCOL, "test", "w1", start, "boot", datetime.now(UTC), state)


class Agent:
    """One running small agent, what it was asked, and how to reach it."""

    def __init__(self, authority: LinkAuthority) -> None:
        self.authority = authority
        self.host_key: KeyPair = make_key_pair()
        self.connections: list[asyncssh.SSHServerConnection] = []
        self.asked: list[dict[str, Any]] = []
        self.watchers: list[Callable[[dict[str, Any]], None]] = []
        self.hanging = asyncio.Event()
        self.acceptor: asyncssh.SSHAcceptor | None = None
        self.port = 0

    async def start(self, port: int = 0, principal: str = "w1:1") -> None:
        self.acceptor = await asyncssh.listen(
            "127.0.0.1",
            port,
            server_factory=lambda: SmallAgent(self.connections),
            server_host_keys=[asyncssh.import_private_key(self.host_key.private.reveal())],
            authorized_client_keys=asyncssh.import_authorized_keys(
                f'cert-authority,principals="{principal}" {self.authority.public_key}\n'
            ),
            process_factory=self._process,
            sftp_factory=True,
            encoding=None,
        )
        self.port = self.acceptor.get_port()

    async def stop(self) -> None:
        if self.acceptor is not None:
            self.acceptor.close()
            for connection in self.connections:
                connection.abort()
            await self.acceptor.wait_closed()

    def target(self, start: int = 1, port: int | None = None, host_key: str = "") -> Target:
        endpoint = Endpoint("tcp", "127.0.0.1", self.port if port is None else port)
        return Target("w1", endpoint, f"w1:{start}", host_key or self.host_key.public)

    async def _process(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        if process.subsystem == "carrel-control":
            await self._control(process)
        elif process.command == "fail":
            process.stderr.write(b"no")
            process.exit(3)
        elif process.command == "pour" or process.subsystem == "carrel-ssh":
            with suppress(ConnectionError):
                while not process.is_closing():
                    process.stdout.write(bytes(65536))
                    await process.stdout.drain()
        elif process.command == "hang":
            self.hanging.set()
            await process.wait_closed()
        else:
            process.stdout.write(await process.stdin.read())
            process.exit(0)

    async def _control(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        def say(message: dict[str, Any]) -> None:
            process.stdout.write(json.dumps(message).encode() + b"\n")

        async for line in process.stdin:
            message = json.loads(line)
            self.asked.append(message)
            number = message["id"]
            match message["op"]:
                case "status":
                    say({"id": number, "ok": {"status": dump(status())}})
                case "watch":
                    say({"id": number, "ok": {"status": dump(status(AgentState.WAITING))}})
                    self.watchers.append(say)
                case "change":
                    for tell in self.watchers:
                        for start in range(5):
                            tell({"event": "status", "status": dump(status(start=start))})
                    say({"id": number, "ok": {}})
                case "fail":
                    say({"id": number, "problem": {"kind": "no_such_app", "detail": "x"}})
                case "flood":
                    process.stdout.write(b"x" * (5 * 1024 * 1024))
                case "silent":
                    pass
                case _:
                    say({"id": number, "ok": {"echo": message.get("value")}})


@pytest.fixture
def authority() -> LinkAuthority:
    return LinkAuthority(make_key_pair().private)


@pytest.fixture
async def agent(authority: LinkAuthority) -> AsyncIterator[Agent]:
    agent = Agent(authority)
    await agent.start()
    yield agent
    await agent.stop()


@pytest.fixture
async def pool(authority: LinkAuthority) -> AsyncIterator[LinkPool]:
    pool = LinkPool(authority, PoolSettings(patience_seconds=2.0))
    yield pool
    await pool.close()
