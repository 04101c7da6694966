"""Leases on both databases: who works on what, and what late writers can do (nothing)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.integration.conftest import Clock, add_workspace

from carrel.core.access import Actor
from carrel.core.events import Event, Span
from carrel.core.workspace import Failure, Goal, ListedApp, Phase, Remembered
from carrel.server.store import events, spans, workspaces
from carrel.server.store.engine import Store
from carrel.server.store.leases import Leases, Outcome


@pytest.fixture
async def leases(store: Store) -> AsyncIterator[Leases]:
    async with Leases(store) as leases:
        yield leases


async def test_a_new_workspace_is_due_and_claimed_once(store: Store, leases: Leases, ana: Actor) -> None:
    new = await add_workspace(store, ana)
    assert [w.id for w in await leases.claim(10, "first", 30)] == [new.id]
    assert await leases.claim(10, "second", 30) == []


async def test_claim_takes_at_most_the_limit(store: Store, leases: Leases, ana: Actor) -> None:
    ids = {(await add_workspace(store, ana)).id for _ in range(3)}
    taken = [*(await leases.claim(2, "a", 30)), *(await leases.claim(2, "b", 30))]
    assert {w.id for w in taken} == ids
    assert len(taken) == 3


async def test_parallel_claims_share_the_work_without_overlap(store: Store, leases: Leases, ana: Actor) -> None:
    ids = [(await add_workspace(store, ana)).id for _ in range(12)]
    claimed = await asyncio.gather(*(leases.claim(2, f"token {n}", 30) for n in range(8)))
    taken = [w.id for batch in claimed for w in batch]
    assert len(taken) == len(set(taken))
    rest = await leases.claim(20, "rest", 30)  # PostgreSQL may skip what another claim was just looking at
    assert sorted([*taken, *(w.id for w in rest)]) == sorted(ids)


async def test_an_expired_lease_passes_to_another_and_the_late_writer_changes_nothing(
    store: Store, leases: Leases, ana: Actor
) -> None:
    new = await add_workspace(store, ana)
    await leases.claim(1, "frozen", 0)
    [again] = await leases.claim(1, "next", 30)
    assert again.id == new.id
    late = Outcome(phase=Phase.RUNNING, events=(Event("started"),), release=True)
    assert await leases.record(new.id, "frozen", late) is False
    assert await leases.renew(new.id, "frozen", 30) is None
    async with store.reading() as session:
        now = await workspaces.find(session, new.id)
        assert now is not None
        assert now.phase is Phase.PENDING
        assert await events.of_one(session, new.id, 0, 10) == []
    assert await leases.record(new.id, "next", Outcome(phase=Phase.CLONING)) is True


async def test_renewing_returns_the_current_goal(store: Store, leases: Leases, ana: Actor) -> None:
    new = await add_workspace(store, ana)
    await leases.claim(1, "t", 30)
    async with store.writing() as session:
        await workspaces.change(session, new.id, {"goal": Goal.DELETE})
    renewed = await leases.renew(new.id, "t", 30)
    assert renewed is not None
    assert renewed.goal is Goal.DELETE


async def test_a_renewed_lease_is_not_expired(store: Store, leases: Leases, ana: Actor) -> None:
    new = await add_workspace(store, ana)
    await leases.claim(1, "t", 0)
    assert await leases.renew(new.id, "t", 30) is not None
    assert await leases.claim(1, "other", 30) == []


async def test_an_outcome_is_recorded_whole(store: Store, leases: Leases, ana: Actor, clock: Clock) -> None:
    new = await add_workspace(store, ana)
    await leases.claim(1, "t", 30)
    at = clock()
    outcome = Outcome(
        phase=Phase.RUNNING,
        remembered=Remembered(volumes=("home",), commit="abc"),
        failure=Failure("await_agent", "agent_unreachable", "It sleeps."),
        degraded="a hook failed",
        running_since=at,
        deadline=at + timedelta(days=1),
        stops_at=at + timedelta(minutes=30),
        last_activity_at=at,
        stop_reason="none yet",
        apps=(ListedApp("code", "VS Code"),),
        events=(Event("started", {"start": 1}), Event("ready", {"took_ms": 7})),
        spans=(Span("create", at, at + timedelta(seconds=1), start=1),),
    )
    assert await leases.record(new.id, "t", outcome)
    async with store.reading() as session:
        now = await workspaces.find(session, new.id)
        assert now is not None
        for name in ("phase", "remembered", "failure", "degraded", "running_since", "deadline", "stops_at"):
            assert getattr(now, name) == getattr(outcome, name), name
        for name in ("last_activity_at", "stop_reason", "apps"):
            assert getattr(now, name) == getattr(outcome, name), name
        stored = await events.of_one(session, new.id, 0, 10)
        assert [(e.number, e.kind, e.at) for e in stored] == [(1, "started", at), (2, "ready", at)]
        assert await spans.of_start(session, new.id) == list(outcome.spans)
    await leases.record(new.id, "t", Outcome(ended=True, clear_failure=True))
    async with store.reading() as session:
        now = await workspaces.find(session, new.id)
    assert now is not None
    assert (now.running_since, now.deadline, now.stops_at, now.degraded, now.apps) == (None, None, None, "", ())
    assert (now.failure, now.phase) == (None, Phase.RUNNING)


async def test_what_an_outcome_does_not_name_is_kept(store: Store, leases: Leases, ana: Actor) -> None:
    new = await add_workspace(store, ana)
    await leases.claim(1, "t", 30)
    failure = Failure("fetch_source", "source_denied", "No.")
    await leases.record(new.id, "t", Outcome(phase=Phase.CLONING, failure=failure, degraded="x"))
    await leases.record(new.id, "t", Outcome())
    async with store.reading() as session:
        now = await workspaces.find(session, new.id)
    assert now is not None
    assert (now.phase, now.failure, now.degraded) == (Phase.CLONING, failure, "x")


async def test_a_failure_of_an_older_intent_is_not_recorded(store: Store, leases: Leases, ana: Actor) -> None:
    new = await add_workspace(store, ana)
    await leases.claim(1, "t", 30)
    async with store.writing() as session:
        await workspaces.change(session, new.id, {"generation": 2, "start": 2})
    outcome = Outcome(
        generation=1,
        phase=Phase.CLONING,
        failure=Failure("fetch_source", "source_denied", ""),
        goal=Goal.STOP,
        release=True,
        wake_at=timedelta(hours=1),
    )
    assert await leases.record(new.id, "t", outcome)
    [now] = await leases.claim(1, "next", 30)  # due at once, not in an hour
    assert (now.phase, now.failure, now.goal, now.generation) == (Phase.CLONING, None, Goal.RUN, 2)


async def test_a_policy_changes_the_goal(store: Store, leases: Leases, ana: Actor, clock: Clock) -> None:
    new = await add_workspace(store, ana, failure=Failure("x", "internal", ""))
    await leases.claim(1, "t", 30)
    clock.move(seconds=5)
    outcome = Outcome(generation=1, goal=Goal.DELETE, purge=True, stop_reason="It was idle.", release=True)
    await leases.record(new.id, "t", outcome)
    async with store.reading() as session:
        now = await workspaces.find(session, new.id)
    assert now is not None
    assert (now.goal, now.purge, now.generation, now.goal_at) == (Goal.DELETE, True, 2, clock())
    assert (now.failure, now.stop_reason) == (None, "It was idle.")


async def test_what_was_concluded_from_an_older_intent_changes_no_newer_one(
    store: Store, leases: Leases, ana: Actor, clock: Clock
) -> None:
    new = await add_workspace(store, ana)
    await leases.claim(1, "t", 30)
    async with store.writing() as session:  # a restart, accepted while the loop looks at the start before it
        await workspaces.change(session, new.id, {"generation": 2, "start": 2, "running_since": None, "deadline": None})
    late = Outcome(generation=1, start=1, running_since=clock(), deadline=clock(), stop_reason="It was idle.")
    await leases.record(new.id, "t", replace(late, goal=Goal.DELETE, purge_after=clock(), phase=Phase.RUNNING))
    async with store.reading() as session:
        now = await workspaces.find(session, new.id)
    assert now is not None
    assert (now.goal, now.running_since, now.deadline) == (Goal.RUN, None, None)
    assert (now.stop_reason, now.purge_after, now.phase) == ("", None, Phase.RUNNING)


async def test_a_released_workspace_is_due_when_it_said(store: Store, leases: Leases, ana: Actor) -> None:
    new = await add_workspace(store, ana)
    await leases.claim(1, "t", 30)
    await leases.record(new.id, "t", Outcome(release=True, wake_at=timedelta(hours=1)))
    assert await leases.claim(1, "u", 30) == []
    due_in = await leases.due_in()
    assert due_in is not None
    assert 3590 < due_in <= 3600
    await leases.wake(new.id)
    assert await leases.due_in() == 0
    assert [w.id for w in await leases.claim(1, "u", 30)] == [new.id]


async def test_a_wake_up_during_the_work_is_not_lost(store: Store, leases: Leases, ana: Actor) -> None:
    new = await add_workspace(store, ana)
    await leases.claim(1, "t", 30)
    await leases.wake(new.id)
    assert await leases.claim(1, "u", 30) == []
    await leases.record(new.id, "t", Outcome(release=True, wake_at=timedelta(hours=1)))
    assert [w.id for w in await leases.claim(1, "u", 30)] == [new.id]


async def test_a_workspace_without_a_time_sleeps_until_it_is_woken(store: Store, leases: Leases, ana: Actor) -> None:
    new = await add_workspace(store, ana)
    await leases.claim(1, "t", 30)
    await leases.record(new.id, "t", Outcome(release=True))
    assert await leases.due_in() is None
    await leases.wake_all()
    assert [w.id for w in await leases.claim(1, "u", 30)] == [new.id]


async def test_a_forgotten_workspace_is_found_by_nobody_and_never_due(store: Store, leases: Leases, ana: Actor) -> None:
    new = await add_workspace(store, ana, goal=Goal.DELETE)
    await leases.append_log(new.id, "build", "line\n")
    await leases.claim(1, "t", 30)
    await leases.record(new.id, "t", Outcome(forget=True, events=(Event("purged"),), release=True))
    await leases.wake(new.id)
    await leases.wake_all()
    assert await leases.claim(1, "u", 30) == []
    async with store.reading() as session:
        assert await workspaces.find(session, new.id) is None
        assert [e.kind for e in await events.of_one(session, new.id, 0, 10)] == ["purged"]


async def test_the_loop_is_woken_by_a_new_workspace(store: Store, leases: Leases, ana: Actor) -> None:
    waiting = asyncio.create_task(leases.wait_for_work(30))
    await add_workspace(store, ana)
    async with asyncio.timeout(60):
        await waiting


async def test_work_that_came_before_the_wait_ends_it(store: Store, leases: Leases, ana: Actor) -> None:
    await add_workspace(store, ana)
    async with asyncio.timeout(60):
        await leases.wait_for_work()


async def test_a_step_under_way_is_told_of_a_change_also_one_that_came_before_it_waits(
    store: Store, leases: Leases, ana: Actor
) -> None:
    new = await add_workspace(store, ana)
    await leases.claim(1, "t", 30)
    async with store.writing() as session:
        await workspaces.change(session, new.id, {"goal": Goal.DELETE})
    async with asyncio.timeout(60):
        await leases.wait_for_change(new.id)
    waiting = asyncio.create_task(leases.wait_for_change(new.id))
    await leases.record(new.id, "t", Outcome(phase=Phase.CLONING))  # its own news are no change of intent
    async with store.writing() as session:
        await workspaces.change(session, new.id, {"purge": True})
    async with asyncio.timeout(60):
        await waiting
