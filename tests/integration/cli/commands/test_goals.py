"""`start`, `stop`, `rm` and the like."""

from __future__ import annotations

import asyncio

from sqlalchemy import select
from tests.integration.api.conftest import Running
from tests.integration.cli.commands.conftest import BLOG, Carrel
from tests.integration.cli.loop_play import LoopPlay

from carrel.core.events import Event
from carrel.core.workspace import Goal, Phase
from carrel.server.store import events, schema
from carrel.server.store.engine import Store


async def test_goals_are_waited_for(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    for words, sentence in (
        (("stop", "blog"), "blog is stopped"),
        (("stop", "blog"), "blog is stopped"),
        (("start", "blog"), "blog is running"),
        (("start", "blog"), "blog is running"),
        (("restart", "blog"), "blog is running"),
        (("rebuild", "--no-cache", "blog"), "blog is running"),
    ):
        ended = await carrel(*words)
        assert ended.status == 0
        assert ended.err.splitlines()[-1].startswith(sentence)
    shown = (await carrel("show", "blog", "-o", "json")).json
    assert (shown["start"], shown["revision"]) == (4, 2)


async def test_a_stop_that_comes_before_the_start_began_is_not_waited_for_in_vain(
    carrel: Carrel, loop: LoopPlay
) -> None:
    await carrel("up", BLOG)
    await carrel("stop", "blog")
    loop.held.add("blog")
    await carrel("start", "--detach", "blog")
    assert (await carrel("stop", "blog")).status == 0


async def test_how_a_step_of_before_ended_does_not_end_the_waiting(
    carrel: Carrel, loop: LoopPlay, running: Running
) -> None:
    found = (await carrel("up", BLOG, "-o", "json")).json
    await carrel("stop", "blog")
    loop.held.add("blog")
    store = running.parts.store
    async with store.wakeups.listen("workspaces") as bell:
        starting = asyncio.create_task(carrel("start", "blog"))
        while (await goal_of(store, found["id"])) != Goal.RUN:
            await bell.wait(60)
    async with store.writing() as session:
        told = Event("phase_changed", {"phase": Phase.STOPPED, "previous": Phase.STOPPING})
        await events.append(session, found["id"], [told])
    loop.held.clear()
    store.wakeups.ring_all()
    ended = await starting
    assert ended.status == 0, ended.err
    assert ended.err.splitlines()[-1].startswith("blog is running")


async def goal_of(store: Store, workspace_id: str) -> str:
    """What the workspace is asked to be."""
    async with store.reading() as session:
        return str(await session.scalar(select(schema.workspaces.c.goal).where(schema.workspaces.c.id == workspace_id)))


async def test_somebody_elses_wish_ends_the_waiting(carrel: Carrel, loop: LoopPlay, running: Running) -> None:
    loop.held.add("blog")
    starting = asyncio.create_task(carrel("up", BLOG))
    store = running.parts.store
    async with store.wakeups.listen("workspaces") as bell:
        await bell.wait(20)
    await carrel("stop", "blog", "--detach")
    loop.held.clear()
    store.wakeups.ring_all()
    await starting
    assert (await carrel("show", "blog", "-o", "json")).json["phase"] == "stopped"


async def test_rm_puts_into_the_trash_and_undelete_takes_out(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    ended = await carrel("rm", "--yes", "blog")
    assert ended.status == 0
    assert "blog is in the trash until" in ended.err
    assert "There is no workspace." in (await carrel("ls")).err
    assert "blog" in (await carrel("ls", "--deleted")).out
    await carrel("up", BLOG)
    assert (await carrel("undelete", "blog")).err.startswith("The name is taken")
    back = (await carrel("undelete", "blog", "--name", "old-blog", "-o", "json")).json
    assert (back["name"], back["goal"]) == ("old-blog", "stop")
    assert (await carrel("undelete", "blog")).status == 3


async def test_purge_leaves_nothing(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    ended = await carrel("rm", "--purge", "-y", "blog")
    assert (ended.status, ended.err.splitlines()[-1]) == (0, "blog: nothing is left of it.")
    await carrel("up", BLOG)
    await carrel("rm", "-y", "blog")
    in_trash = (await carrel("ls", "--deleted", "-o", "json")).json[0]["id"]
    assert (await carrel("rm", "--purge", "-y", in_trash)).status == 0
    assert (await carrel("ls", "--deleted", "-o", "json")).json == []


async def test_nobody_is_asked_where_nobody_cananswer(carrel: Carrel) -> None:
    await carrel("up", BLOG)
    ended = await carrel("rm", "blog")
    assert (ended.status, "--yes" in ended.err) == (1, True)
    assert (await carrel("show", "blog")).status == 0


async def test_extend_moves_the_end(carrel: Carrel) -> None:
    before = (await carrel("up", BLOG, "-o", "json")).json
    after = (await carrel("extend", "blog", "2h", "-o", "json")).json
    assert after["deadline"]
    assert after["deadline"] != before["deadline"]
