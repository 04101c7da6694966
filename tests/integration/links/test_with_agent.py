"""Links to a real agent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncssh
import pytest
from tests.integration.proxy.conftest import AgentProcess, agent_process

from carrel.core.agent import AgentPlan, AgentState
from carrel.core.problems import Problem
from carrel.core.stream import Frames, Hello, Kind, hello
from carrel.links.link import Link, PtySize
from carrel.links.pool import LinkPool

__all__ = ["agent_process"]


@pytest.fixture
async def link(agent_process: AgentProcess) -> AsyncIterator[Link]:
    pool = LinkPool(agent_process.authority)
    link = await pool.link(agent_process.target)
    await link.control.begin("begin-1", AgentPlan(user_env_probe="none"))
    yield link
    await pool.close()


async def test_the_ledger_is_read_and_watched(link: Link) -> None:
    statuses = link.control.watch()
    async with asyncio.timeout(60):
        async for status in statuses:
            if status.state is AgentState.READY:
                break
    await statuses.aclose()
    assert (await link.control.status()).workspace == link.target.workspace


async def test_a_command_runs_and_reports(link: Link) -> None:
    completed = await link.run("cat; echo err >&2; exit 7", stdin=b"in")
    assert (completed.exit_code, completed.stdout, completed.stderr) == (7, b"in", b"err\n")


async def test_a_command_on_a_terminal_sees_its_size(link: Link) -> None:
    process = await link.start("stty size", pty=PtySize(132, 43))
    stdout, _ = await process.communicate()
    assert stdout is not None
    assert bytes(stdout).strip() == b"43 132"


async def test_a_named_terminal_outlives_the_channel(link: Link) -> None:
    first = await link.terminal("links-test", PtySize())
    first.stdin.write(b"echo kept=$((6*7))\n")
    await first.stdout.readuntil(b"kept=42")
    first.close()
    await first.wait_closed()
    again = await link.terminal("links-test", PtySize())
    await again.stdout.readuntil(b"kept=42")
    again.close()
    await link.control.request("terminal.close", name="links-test")


async def test_an_agents_problem_keeps_its_kind(link: Link) -> None:
    with pytest.raises(Problem) as raised:
        await link.control.request("app.start", name="nosuch")
    assert raised.value.kind == "no_such_app"


async def test_nothing_beyond_the_workspace_is_dialled(link: Link) -> None:
    with pytest.raises(PermissionError):
        await link.dial(80, "169.254.169.254")


async def test_ssh_is_spoken_on_a_channel_as_bytes(link: Link) -> None:
    process = await link.ssh_stream("u1", None)
    assert await process.stdout.readuntil(b"\r\n") == b"SSH-2.0-Carrel\r\n"
    assert link.idle_seconds == 0
    process.close()
    await process.wait_closed()

    class Half(asyncssh.SSHClientSession[bytes]):
        def __init__(self) -> None:
            self.first: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        def data_received(self, data: bytes, _datatype: int | None) -> None:
            self.first.set_result(data)

    half = await link.ssh(Half)
    assert (await half.first).startswith(b"SSH-2.0-Carrel\r\n")


async def test_a_stream_begins_with_a_welcome(link: Link) -> None:
    process = await link.ssh_stream("a person / of any name", 60)
    process.stdin.write(hello(Hello(bytes(16), True, 0)))
    frames, found = Frames(), list[int]()
    while len(found) < 2:
        found += [kind for kind, _ in frames.feed(await process.stdout.read(1000))]
    assert found == [Kind.WELCOME, Kind.DATA]
    process.close()
