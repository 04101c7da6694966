"""Links to a real agent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from tests.integration.proxy.conftest import AgentProcess, agent_process

from carrel.core.agent import AgentPlan, AgentState
from carrel.core.problems import Problem
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
    async with asyncio.timeout(20):
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
