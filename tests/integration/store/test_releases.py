"""Leases that end without news: given back in groups, and nobody is woken."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from sqlalchemy import event, select
from tests.integration.conftest import add_workspace, notices_heard

from carrel.core.access import Actor
from carrel.core.workspace import Phase
from carrel.server.store.engine import Store
from carrel.server.store.leases import Leases, Outcome
from carrel.server.store.schema import workspaces
from carrel.server.store.wakeups import WORKSPACES

LATER = datetime(2100, 1, 1, tzinfo=UTC)
QUIET = Outcome(generation=1, start=1, wake_at=LATER, release=True)


def test_only_what_changes_nothing_is_quiet() -> None:
    assert QUIET.is_quiet
    assert not Outcome(wake_at=LATER).is_quiet
    assert not Outcome(release=True, phase=Phase.RUNNING).is_quiet
    assert not Outcome(release=True, clear_failure=True).is_quiet
    assert not Outcome(release=True, ended=True).is_quiet


async def test_quiet_outcomes_are_given_back_together_and_wake_nobody(store: Store, ana: Actor) -> None:
    made = [await add_workspace(store, ana) for _ in range(20)]
    commits = 0

    def count(_: object) -> None:
        nonlocal commits
        commits += 1

    await notices_heard(store)
    async with Leases(store) as leases, store.wakeups.listen(WORKSPACES) as bell:
        assert len(await leases.claim(20, "t", 60)) == 20
        event.listen(store._writer.sync_engine, "commit", count)
        written = await asyncio.gather(*(leases.record(one.id, "t", QUIET) for one in made))
        assert written == [True] * 20
        assert commits == 1
        await notices_heard(store)
        assert not bell.rung
        due = await leases.due_in()
        assert due is not None
        assert due > 10**6
        async with store.reading() as session:
            rows = await session.all(select(workspaces.c.lease_token, workspaces.c.wake_at))
        assert {tuple(row) for row in rows} == {(None, LATER)}
        assert await leases.claim(20, "u", 60) == []


async def test_who_lost_the_lease_is_told_and_an_earlier_wake_up_stays(store: Store, ana: Actor) -> None:
    lost, woken = await add_workspace(store, ana), await add_workspace(store, ana)
    async with Leases(store) as leases:
        await leases.claim(2, "t", 60)
        await leases.wake(woken.id)
        answers = await asyncio.gather(leases.record(lost.id, "another", QUIET), leases.record(woken.id, "t", QUIET))
        assert list(answers) == [False, True]
        assert [one.id for one in await leases.claim(2, "u", 60)] == [woken.id]


async def test_what_waits_is_written_before_the_end(store: Store, ana: Actor) -> None:
    one = await add_workspace(store, ana)
    async with Leases(store) as leases:
        await leases.claim(1, "t", 60)
        record = asyncio.create_task(leases.record(one.id, "t", QUIET))
        await asyncio.sleep(0)
    assert await record
    async with store.reading() as session:
        assert await session.scalar(select(workspaces.c.lease_until)) is None
