"""What goes through a link."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncssh
import pytest
from tests.integration.links.conftest import Agent

from carrel.core.agent import AgentState
from carrel.core.problems import Problem
from carrel.links.link import TUNNEL_WINDOW_BYTES, Link
from carrel.links.pool import LinkPool


@pytest.fixture
async def link(agent: Agent, pool: LinkPool) -> Link:
    return await pool.link(agent.target())


@pytest.fixture
async def echo_port() -> AsyncIterator[int]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.write(b"bye")
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_a_command_gets_its_input_and_gives_its_output_and_status(link: Link) -> None:
    completed = await link.run("cat", stdin=b"\x00\xffabc")
    assert (completed.exit_code, completed.stdout) == (0, b"\x00\xffabc")
    failed = await link.run("fail")
    assert (failed.exit_code, failed.stderr) == (3, b"no")


async def test_a_command_that_takes_too_long_is_ended(link: Link) -> None:
    with pytest.raises(TimeoutError):
        await link.run("hang", timeout_seconds=0.05)


async def test_a_command_that_is_cut_off_is_unreachable_not_a_success(link: Link, agent: Agent) -> None:
    running = asyncio.ensure_future(link.run("hang"))
    await agent.hanging.wait()
    agent.connections[0].abort()
    with pytest.raises(Problem) as raised:
        await running
    assert raised.value.kind == "agent_unreachable"


async def test_a_dialled_stream_carries_both_ways_and_closes_by_halves(link: Link, echo_port: int) -> None:
    reader, writer = await link.dial(echo_port)
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    writer.write_eof()
    assert await reader.read() == b"bye"


async def test_a_port_without_a_listener_refuses(link: Link, unused_port: int) -> None:
    with pytest.raises(ConnectionRefusedError):
        await link.dial(unused_port)


@pytest.fixture
async def unused_port() -> int:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


class Stalled(asyncssh.SSHTCPSession[bytes]):
    """A reader that takes the first piece and then stops."""

    def __init__(self) -> None:
        self.received = 0
        self.first = asyncio.Event()
        self.ended = asyncio.Event()
        self.channel: asyncssh.SSHTCPChannel[bytes] | None = None

    def connection_made(self, chan: asyncssh.SSHTCPChannel[bytes]) -> None:
        self.channel = chan

    def data_received(self, data: bytes, datatype: int | None) -> None:
        assert self.channel is not None
        self.received += len(data)
        if not self.first.is_set():
            self.channel.pause_reading()
            self.first.set()

    def eof_received(self) -> bool:
        self.ended.set()
        return False


async def test_a_tunnel_whose_reader_stalls_holds_the_sender_back(link: Link) -> None:
    total = 64 * 1024 * 1024
    sent = 0
    stuck = asyncio.Event()

    async def pour(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        piece = bytes(65536)
        while sent < total:
            writer.write(piece)
            try:
                async with asyncio.timeout(0.2):
                    await writer.drain()
            except TimeoutError:
                stuck.set()
                await writer.drain()
            sent += len(piece)
        writer.close()

    server = await asyncio.start_server(pour, "127.0.0.1", 0)
    tunnel = await link.tunnel(Stalled, server.sockets[0].getsockname()[1])
    await tunnel.first.wait()
    await stuck.wait()
    # What is under way: our window, the sender's SSH buffer and the kernel's; far less than all of it.
    assert sent < 24 * 1024 * 1024
    assert tunnel.channel is not None
    assert sum(len(data) for data, _ in tunnel.channel._recv_buf) <= TUNNEL_WINDOW_BYTES
    tunnel.channel.resume_reading()
    await tunnel.ended.wait()
    assert tunnel.received == total
    server.close()


async def test_files_are_reached_by_sftp(link: Link) -> None:
    client = await link.sftp()
    assert await client.isdir("/")
    client.exit()
    await client.wait_closed()


async def test_a_control_request_is_answered(link: Link) -> None:
    assert await link.control.request("echo", value=("a", "b")) == {"echo": ["a", "b"]}


async def test_many_control_requests_share_one_channel(link: Link, agent: Agent) -> None:
    answers = await asyncio.gather(*(link.control.request("echo", value=n) for n in range(50)))
    assert [a["echo"] for a in answers] == list(range(50))
    assert len(agent.connections[0]._channels) == 1


async def test_the_agents_problem_is_raised_as_it_is(link: Link) -> None:
    with pytest.raises(Problem) as raised:
        await link.control.request("fail")
    assert raised.value.kind == "no_such_app"


async def test_a_silent_agent_is_unreachable_after_the_timeout(link: Link) -> None:
    with pytest.raises(Problem, match="did not answer"):
        await link.control.request("silent", timeout_seconds=0.05)
    assert not link.control.busy


async def test_an_agent_that_floods_the_control_channel_is_cut_off(link: Link) -> None:
    with pytest.raises(Problem, match="lost"):
        await link.control.request("flood")


async def test_status_is_a_record(link: Link) -> None:
    assert (await link.control.status()).state is AgentState.READY


async def test_a_slow_watcher_sees_the_latest_status_and_not_a_backlog(link: Link, agent: Agent) -> None:
    statuses = link.control.watch()
    assert (await anext(statuses)).state is AgentState.WAITING
    await link.control.request("change")
    assert (await anext(statuses)).start == 4
    await statuses.aclose()
    assert not link.control.busy


async def test_a_watch_ends_with_a_problem_when_the_agent_is_lost(link: Link, agent: Agent) -> None:
    statuses = link.control.watch()
    await anext(statuses)
    agent.connections[0].abort()
    with pytest.raises(Problem) as raised:
        await anext(statuses)
    assert raised.value.kind == "agent_unreachable"
