"""The gateway's life: who is told what when it drains, when access is taken away, when the agent goes, when its port is taken."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncssh
import pytest
from asyncssh.packet import String
from prometheus_client.registry import CollectorRegistry
from tests.integration.links.conftest import Agent

from carrel.core.workspace import Phase
from carrel.gateway.jump import MOST_JUMPS
from carrel.gateway.limits import Limits
from carrel.gateway.server import GatewayServer, GatewaySettings
from carrel.links.access import Identity, NotRunning, Revocation
from carrel.links.authority import Credential, KeyPair, LinkAuthority, make_key_pair
from carrel.links.pool import LinkPool
from carrel.links.target import Target
from carrel.links.visits import Destination, Visit


class MemoryAuthority:
    """The control plane in memory, as the gateway knows it."""

    def __init__(self, authority: LinkAuthority, target: Target) -> None:
        self.authority = authority
        self.running = target
        self.goes_to: Target | NotRunning = target
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.host_key = make_key_pair()
        self.taken_away: set[str] = set()
        self.revoked: asyncio.Queue[Revocation] = asyncio.Queue()
        self.here: list[tuple[Identity, str]] = []
        self.came: list[str] = []
        self.starts_in_seconds = 0.0
        self.destination = Destination.WORKSPACE

    async def visit(self, login: str, key: str) -> Visit | None:
        known = self.key.export_public_key().decode().split()[1]
        if key.split()[1] != known:
            return None
        return Visit(login, key, "u1", "ana", self.destination, "w1", "blog", starts=login == "starter")

    async def came_in(self, visit: Visit, address: str) -> None:
        self.came.append(f"{visit.login} {address}")

    async def still_let_in(self, visits: Sequence[Visit]) -> list[bool]:
        return [visit.login not in self.taken_away for visit in visits]

    async def doorway(self, visit: Visit, name: str) -> Visit | None:
        return replace(visit, login=name, destination=Destination.WORKSPACE)

    async def target(self, workspace: str) -> Target | NotRunning:
        return self.goes_to

    async def credential(self, target: Target) -> Credential:
        return self.authority.issue(target.principal)

    async def gateway_host_key(self) -> KeyPair:
        return self.host_key

    async def start(self, workspace: str, identity: Identity) -> None:
        running, self.goes_to = self.running, NotRunning(Phase.STARTING, "blog", will_run=True)
        asyncio.get_running_loop().call_later(self.starts_in_seconds, setattr, self, "goes_to", running)

    async def revocations(self) -> AsyncIterator[Revocation]:
        while True:
            yield await self.revoked.get()

    async def present(self, identity: Identity, how: str) -> None:
        self.here.append((identity, how))


class Parts:
    """An agent, the authority, a gateway."""

    def __init__(self, agent: Agent, authority: LinkAuthority) -> None:
        self.agent = agent
        self.authority = MemoryAuthority(authority, agent.target())
        self.links = LinkPool(authority)
        self.registry = CollectorRegistry()
        settings = GatewaySettings(port=0, limits=Limits(grace_seconds=0.5), ask_again_seconds=0.1)
        self.gateway = GatewayServer(settings, self.authority, self.links, self.registry)

    @asynccontextmanager
    async def connected(self, login: str = "blog", **more: Any) -> AsyncIterator[asyncssh.SSHClientConnection]:
        options: dict[str, Any] = more | {
            "known_hosts": ([asyncssh.import_public_key(self.authority.host_key.public)], [], []),
            "client_keys": [self.authority.key],
            "username": login,
            "agent_path": None,
            "config": None,
        }
        async with asyncssh.connect("127.0.0.1", self.gateway.port, **options) as client:
            yield client

    def figure(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


@pytest.fixture
async def parts() -> AsyncIterator[Parts]:
    authority = LinkAuthority(make_key_pair().private)
    agent = Agent(authority)
    await agent.start()
    made = Parts(agent, authority)
    await made.gateway.start()
    yield made
    await made.gateway.close(0)
    await made.links.close()
    await agent.stop()


async def eventually(condition: Callable[[], object]) -> None:
    """Wait for something that nothing announces."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


async def ended(client: asyncssh.SSHClientConnection) -> None:
    async with asyncio.timeout(60):
        await client.wait_closed()


async def test_a_session_passes_and_is_counted(parts: Parts) -> None:
    async with parts.connected() as client:
        done = await client.run("echo", input="hello")
        assert (done.stdout, done.exit_status) == ("hello", 0)
        failed = await client.run("fail")
        assert (failed.stderr, failed.exit_status) == ("no", 3)
        assert parts.authority.came == ["blog 127.0.0.1"]
        assert parts.figure("carrel_gateway_connections") == 1
    await eventually(lambda: parts.figure("carrel_gateway_connections") == 0)
    assert parts.figure("carrel_gateway_channels_total") == 2
    assert parts.figure("carrel_gateway_open_channels") == 0
    assert parts.figure("carrel_gateway_logins_total", result="known") == 1
    assert (parts.figure("carrel_gateway_bytes_total", direction="out") or 0) > 0
    await eventually(lambda: all(connection.is_closed() for connection in parts.agent.connections))


async def test_who_lost_his_access_is_sent_away_and_others_stay(parts: Parts) -> None:
    async with parts.connected("blog") as stays, parts.connected("other") as goes:
        hanging = await goes.create_process("hang")
        parts.authority.taken_away.add("other")
        parts.authority.revoked.put_nowait(Revocation(is_unnamed=True))
        await ended(goes)
        assert hanging.exit_status is None
        assert (await stays.run("echo", input="here")).stdout == "here"


async def test_a_workspace_that_stops_or_starts_anew_loses_its_connections(parts: Parts) -> None:
    async with parts.connected() as client:
        await client.run("echo", input="x")
        parts.authority.revoked.put_nowait(Revocation(workspace="another"))
        parts.authority.revoked.put_nowait(Revocation(workspace="w1"))
        await asyncio.sleep(0.05)
        assert not client.is_closed(), "it runs where it ran"
        parts.authority.goes_to = NotRunning(Phase.STOPPED, "blog")
        parts.authority.revoked.put_nowait(Revocation(workspace="w1"))
        await ended(client)


async def test_an_agent_that_goes_takes_its_clients_along(parts: Parts) -> None:
    async with parts.connected() as client:
        await client.create_process("hang")
        await parts.agent.hanging.wait()
        for connection in parts.agent.connections:
            connection.abort()
        await ended(client)


async def test_a_gateway_that_ends_lets_nobody_in_and_sends_everybody_away(parts: Parts) -> None:
    async with parts.connected() as client:
        await client.create_process("hang")
        await parts.gateway.close(0.1)
        await ended(client)
    with pytest.raises(ConnectionRefusedError):
        async with parts.connected():
            pass


async def test_presence_is_told_for_each_person_once(parts: Parts) -> None:
    async with parts.connected() as one, parts.connected() as two:
        await asyncio.gather(one.run("echo", input="x"), two.run("echo", input="x"))
        await parts.gateway.gateway.tell_presence()
        assert parts.authority.here == [(Identity("u1", "w1", "ana"), "ssh")]


async def test_who_shows_no_key_is_sent_away_after_the_grace_time(parts: Parts) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", parts.gateway.port)
    async with asyncio.timeout(60):
        assert (await reader.read()).startswith(b"SSH-2.0-Carrel")
    writer.close()
    await eventually(lambda: parts.figure("carrel_gateway_connections") == 0)


async def test_keepalives_are_between_the_ends(parts: Parts) -> None:
    async with parts.connected() as client:
        client.set_keepalive(0.05, 2)
        await asyncio.sleep(0.5)
        assert (await client.run("echo", input="alive")).stdout == "alive"


async def test_a_person_with_a_terminal_waits_for_the_start(parts: Parts) -> None:
    parts.authority.goes_to = NotRunning(Phase.STOPPED, "blog")

    parts.authority.starts_in_seconds = 0.4
    async with parts.connected("starter") as client:
        process = await client.create_process("echo", term_type="xterm")
        process.stdin.write("typed meanwhile")
        process.stdin.write_eof()
        done = await process.wait()
        assert "typed meanwhile" in str(done.stdout)
        assert "blog is starting" in str(done.stderr)
        assert (await client.run("echo", input="second channel")).stdout == "second channel"


async def test_a_busy_port_is_a_problem_that_is_told(parts: Parts) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = GatewaySettings(port=taken.getsockname()[1])
        second = GatewayServer(settings, parts.authority, parts.links)
        await second.start_if_possible()
        assert "Cannot listen for SSH" in second.problem
        await second.close()


WIDE = 1 << 31
"""A window that never fills."""
FEW_BYTES = 16 << 20


def waiting_bytes(parts: Parts) -> int:
    """What the gateway holds for its clients."""
    found = 0
    for entrance in parts.gateway.gateway.entrances:
        ssh: Any = entrance._ssh
        found += sum(len(part) for _, args in ssh._deferred_packets for part in args)
        found += ssh._transport.get_write_buffer_size() if ssh._transport else 0
    return found


async def most_waiting(parts: Parts, seconds: float = 1.0) -> int:
    """The most that it held for a while."""
    most, until = 0, asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until:
        most = max(most, waiting_bytes(parts))
        await asyncio.sleep(0.02)
    return most


async def test_a_client_that_never_ends_an_exchange_of_keys_holds_its_workspace_back(parts: Parts) -> None:
    async with parts.connected() as client:
        pouring = await client.create_process("pour", encoding=None, window=WIDE)
        await pouring.stdout.readexactly(100_000)
        inside: Any = client
        inside._rekey_bytes_sent = inside._rekey_bytes
        inside.send_packet(80, String(b"keepalive@openssh.com") + b"\0")  # it begins an exchange of keys
        inside._transport.pause_reading()
        assert await most_waiting(parts) < FEW_BYTES
        inside._transport.resume_reading()
        await pouring.stdout.readexactly(64 << 20)


async def test_a_client_that_asks_and_does_not_read_is_cut_off(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("carrel.gateway.tap.MOST_WAITING_BYTES", 256 << 10)  # sooner, for the test's sake
    async with parts.connected() as client:
        inside: Any = client
        [entrance] = parts.gateway.gateway.entrances
        outside: Any = entrance._ssh
        outside._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        inside._transport.pause_reading()
        opening = String(b"x11") + bytes(12)  # a kind that is refused
        async with asyncio.timeout(60):
            while parts.gateway.gateway.entrances:
                for _ in range(200):
                    inside.send_packet(90, opening)
                assert waiting_bytes(parts) < 1 << 20
                await asyncio.sleep(0)


async def test_jumps_are_counted_audited_and_held_back_by_a_client_that_does_not_read(parts: Parts) -> None:
    parts.authority.destination = Destination.JUMP
    async with parts.connected("carrel") as client:
        reader, _ = await client.open_connection("blog.carrel", 22, window=WIDE, encoding=None)
        await reader.readexactly(100_000)
        inside: Any = client
        inside._transport.pause_reading()
        assert await most_waiting(parts) < 2 << 20
        inside._transport.resume_reading()
        await reader.readexactly(32 << 20)
        assert parts.authority.came == ["carrel 127.0.0.1", "blog 127.0.0.1"]
        opened = [await client.open_connection("blog.carrel", 22, encoding=None) for _ in range(MOST_JUMPS - 1)]
        with pytest.raises(asyncssh.ChannelOpenError, match="At most"):
            await client.open_connection("blog.carrel", 22)
        opened[0][1].close()
        await eventually(lambda: sum(1 for _ in parts.gateway.gateway.jumps.each()) < MOST_JUMPS)
        await client.open_connection("blog.carrel", 22)
    await eventually(lambda: not list(parts.gateway.gateway.jumps.each()))


async def test_keys_are_exchanged_again_and_again_without_a_byte_lost(parts: Parts) -> None:
    sent = os.urandom(1 << 20) * 6
    async with parts.connected(rekey_bytes=400_000) as client, asyncio.timeout(30):
        done = await client.run("echo", input=sent, encoding=None)
        assert done.stdout == sent
