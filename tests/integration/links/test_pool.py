"""One link per target, connected on demand."""

from __future__ import annotations

import asyncio
import sys

import pytest
from tests.integration.links.conftest import Agent

from carrel.core.problems import Problem
from carrel.core.spec import Endpoint
from carrel.links.authority import LinkAuthority, make_key_pair
from carrel.links.pool import LinkPool, PoolSettings
from carrel.links.target import Target


async def test_concurrent_callers_share_one_connection(agent: Agent, pool: LinkPool) -> None:
    links = await asyncio.gather(*(pool.link(agent.target()) for _ in range(20)))
    assert len(set(links)) == 1
    assert len(agent.connections) == 1


async def test_an_agent_that_boots_later_is_reached_as_soon_as_it_listens(authority: LinkAuthority) -> None:
    agent = Agent(authority)
    await agent.start()
    await agent.stop()
    pool = LinkPool(authority)
    waiting = asyncio.ensure_future(pool.link(agent.target(), patience_seconds=10))
    await asyncio.sleep(0.05)
    await agent.start(agent.port)
    loop = asyncio.get_running_loop()
    began = loop.time()
    link = await waiting
    assert loop.time() - began < 5
    assert not link.closed
    await pool.close()
    await agent.stop()


async def test_an_agent_that_never_answers_is_a_problem_after_the_patience(pool: LinkPool, agent: Agent) -> None:
    await agent.stop()
    with pytest.raises(Problem) as raised:
        await pool.link(agent.target(), patience_seconds=0.05)
    assert raised.value.kind == "agent_unreachable"


async def test_another_host_key_is_refused_at_once(pool: LinkPool, agent: Agent) -> None:
    with pytest.raises(Problem, match="another host key"):
        await pool.link(agent.target(host_key=make_key_pair().public), patience_seconds=60)


async def test_a_certificate_of_another_start_is_refused_at_once(pool: LinkPool, agent: Agent) -> None:
    with pytest.raises(Problem, match="another start"):
        await pool.link(agent.target(start=2), patience_seconds=60)


async def test_a_certificate_of_another_installation_is_refused(agent: Agent) -> None:
    pool = LinkPool(LinkAuthority(make_key_pair().private))
    with pytest.raises(Problem, match="does not accept"):
        await pool.link(agent.target())


async def test_a_lost_link_is_replaced_by_the_next_call(pool: LinkPool, agent: Agent) -> None:
    first = await pool.link(agent.target())
    lost = asyncio.Event()
    first.on_close(lost.set)
    agent.connections[0].abort()
    await lost.wait()
    assert first.closed
    with pytest.raises(Problem):
        await first.control.request("anything")
    second = await pool.link(agent.target())
    assert second is not first
    assert pool.live("w1") is second


async def test_a_new_start_replaces_the_older_link(pool: LinkPool, agent: Agent, authority: LinkAuthority) -> None:
    old = await pool.link(agent.target())
    closed = asyncio.Event()
    old.on_close(closed.set)
    newer = Agent(authority)
    await newer.start(principal="w1:2")
    new = await pool.link(newer.target(start=2))
    await closed.wait()
    assert pool.live("w1") is new
    await newer.stop()


async def test_a_stale_target_that_cannot_connect_leaves_the_live_link_alone(pool: LinkPool, agent: Agent) -> None:
    link = await pool.link(agent.target())
    with pytest.raises(Problem):
        await pool.link(agent.target(start=7))
    assert pool.live("w1") is link
    assert not link.closed


async def test_drop_closes_the_link_and_ends_what_runs_in_it(pool: LinkPool, agent: Agent) -> None:
    link = await pool.link(agent.target())
    process = await link.start("hang")
    await pool.drop("w1")
    await process.wait_closed()
    assert link.closed
    assert pool.live("w1") is None


async def test_a_caller_that_is_cancelled_does_not_take_the_attempt_from_the_others(
    pool: LinkPool, agent: Agent
) -> None:
    first = asyncio.ensure_future(pool.link(agent.target()))
    second = asyncio.ensure_future(pool.link(agent.target()))
    await asyncio.sleep(0)
    first.cancel()
    assert not (await second).closed


async def test_an_idle_link_is_closed_and_a_used_one_is_not(authority: LinkAuthority, agent: Agent) -> None:
    pool = LinkPool(authority, PoolSettings(idle_seconds=0.1))
    link = await pool.link(agent.target())
    process = await link.start("hang")
    await asyncio.sleep(0.3)
    assert not link.closed
    closed = asyncio.Event()
    link.on_close(closed.set)
    process.close()
    async with asyncio.timeout(60):
        await closed.wait()
    await pool.close()


async def test_a_program_can_be_the_byte_stream(pool: LinkPool, agent: Agent) -> None:
    program = (
        "import socket, sys, threading, os\n"
        f"s = socket.create_connection(('127.0.0.1', {agent.port}))\n"
        "def up():\n"
        "    while data := os.read(0, 65536): s.sendall(data)\n"
        "    os._exit(0)\n"
        "threading.Thread(target=up, daemon=True).start()\n"
        "while data := s.recv(65536): os.write(1, data)\n"
    )
    endpoint = Endpoint("command", argv=(sys.executable, "-S", "-c", program))
    link = await pool.link(Target("w1", endpoint, "w1:1", agent.host_key.public))
    assert (await link.run("cat", stdin=b"through a pipe")).stdout == b"through a pipe"


async def test_what_a_failing_program_says_is_in_the_problem(pool: LinkPool, agent: Agent) -> None:
    endpoint = Endpoint("command", argv=("/bin/sh", "-c", "echo no such container >&2; exit 1"))
    with pytest.raises(Problem, match="no such container"):
        await pool.link(Target("w1", endpoint, "w1:1", agent.host_key.public), patience_seconds=0)


async def test_a_closed_pool_makes_no_links(pool: LinkPool, agent: Agent) -> None:
    await pool.close()
    with pytest.raises(Problem, match="ending"):
        await pool.link(agent.target())
