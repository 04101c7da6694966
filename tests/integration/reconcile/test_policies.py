"""The loop under a policy: warnings, schedules, retirement, edits that apply at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.conftest import Clock
from tests.integration.reconcile.world import World

from carrel.core.access import Actor
from carrel.core.definition import Definition
from carrel.core.events import Event
from carrel.core.project import ProjectPolicy
from carrel.core.schedule import DAYS, Schedule
from carrel.core.workspace import AskedRetention, Goal, Phase, Workspace
from carrel.server.actions import goals
from carrel.server.actions.scheduled import ScheduledStarts
from carrel.server.settings import load_settings
from carrel.server.store import audit, policies, projects
from carrel.server.store.leases import Leases

SECONDS = 60
"""Only bounds a failure."""


async def look(world: World, workspace: Workspace, wanted: Callable[[Workspace], bool]) -> Workspace:
    """The loop looks at it now; the workspace once it is as wanted."""
    await Leases(world.store).wake(workspace.id)
    return await world.until(workspace, wanted, SECONDS)


async def told(world: World, workspace: Workspace, kind: str, count: int) -> list[Event]:
    """The events of a kind, once there are so many; the loop looks at it now."""
    await Leases(world.store).wake(workspace.id)

    async def found() -> list[Event]:
        return [event for event in await world.events(workspace) if event.kind == kind]

    async with world.store.wakeups.listen(f"workspace:{workspace.id}") as bell:
        for _ in range(SECONDS * 5):
            if len(events := await found()) >= count:
                return events
            await bell.wait(0.2)
    raise AssertionError(kind, await world.events(workspace))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def stopped(world: World, **members: Any) -> Workspace:
    """A workspace that has come to rest."""
    workspace = await world.create(goal=Goal.STOP, **members)
    return await world.until(workspace, lambda w: w.stopped_at is not None, SECONDS)


async def test_what_rests_is_told_of_archived_and_goes_by_the_trash(world: World, clock: Clock) -> None:
    async with world.server():
        workspace = await world.create()
        await world.until_phase(workspace, Phase.RUNNING, SECONDS)
        clock.move(minutes=31)
        now = await look(world, workspace, lambda w: w.phase is Phase.STOPPED)
        rests = now.stopped_at
        assert rests == clock.now
        clock.move(days=12)
        await told(world, workspace, "retention_notice", 1)
        clock.move(days=1)
        notices = await told(world, workspace, "retention_notice", 2)
        date = rests + timedelta(days=14)
        assert [event.data["step"] for event in notices] == ["archive", "archive"]
        assert {event.data["at"] for event in notices} == {date.isoformat()}
        clock.move(days=1)
        now = await look(world, workspace, lambda w: w.archived)
        assert now.archived_at == date
        clock.move(days=14)
        await told(world, workspace, "retention_notice", 3)
        clock.move(days=1)
        await told(world, workspace, "retention_notice", 4)
        clock.move(days=1)
        now = await look(world, workspace, lambda w: w.phase is Phase.DELETED)
        assert now.purge_after == clock.now + timedelta(days=7)
        assert "has not run since" in now.stop_reason
        assert world.volumes(workspace)
        clock.move(days=5)
        await told(world, workspace, "retention_notice", 5)
        clock.move(days=1)
        await told(world, workspace, "retention_notice", 6)
        clock.move(days=1)
        await told(world, workspace, "purged", 1)
        assert not world.volumes(workspace)


async def test_two_months_without_a_server_cost_nothing_but_a_notice(world: World, clock: Clock) -> None:
    async with world.server():
        workspace = await stopped(world)
        in_trash = await world.create(goal=Goal.DELETE, purge_after=clock() + timedelta(days=7))
        await world.until_phase(in_trash, Phase.DELETED, SECONDS)
    clock.move(days=70)
    async with world.server():
        for one in (workspace, in_trash):
            notices = await told(world, one, "retention_notice", 1)
            assert notices[0].data["at"] == (clock.now + timedelta(days=2)).isoformat()
        now = await world.read(workspace)
        assert (now.archived, now.goal) == (False, Goal.STOP)
        assert (await world.read(in_trash)).purge_after == clock.now + timedelta(days=2)


async def test_a_start_begins_the_time_at_rest_anew(world: World, clock: Clock) -> None:
    settings = load_settings({})
    async with world.server():
        workspace = await stopped(world)
        clock.move(days=12)
        await told(world, workspace, "retention_notice", 1)
        async with world.store.writing() as session:
            await goals.start(world.owner, session, settings, workspace.id)
        await world.until_phase(workspace, Phase.RUNNING, SECONDS)
        async with world.store.writing() as session:
            await goals.stop(world.owner, session, workspace.id)
        now = await world.until(workspace, lambda w: w.phase is Phase.STOPPED and bool(w.stopped_at), SECONDS)
        assert now.stopped_at == clock.now
        clock.move(days=12)
        notices = await told(world, workspace, "retention_notice", 2)
        assert notices[1].data["at"] == (now.stopped_at + timedelta(days=14)).isoformat()


async def test_an_edit_of_the_policy_applies_to_what_runs_at_once(world: World, clock: Clock) -> None:
    async with world.server():
        workspace = await world.create()
        asked = await world.create(retention=AskedRetention(ttl_seconds=7200))
        elsewhere = await world.create(project="other")
        for one in (workspace, asked, elsewhere):
            await world.until_phase(one, Phase.RUNNING, SECONDS)
        clock.move(minutes=20)
        async with world.store.writing() as session:
            await projects.ensure(session, "default")
            await policies.put(session, "default", ProjectPolicy(ttl_seconds=600, max_life_seconds=3600))
        now = await world.until_phase(workspace, Phase.STOPPED, SECONDS)
        assert "limit 10 min" in now.stop_reason
        begun = (await world.read(asked)).running_since
        assert begun is not None
        now = await world.until(asked, lambda w: w.deadline == begun + timedelta(hours=1), SECONDS)
        assert now.goal is Goal.RUN
        assert (await world.read(elsewhere)).goal is Goal.RUN


async def test_people_are_warned_once_before_the_end_of_a_life_and_can_extend_it(world: World, clock: Clock) -> None:
    settings = load_settings({})
    async with world.server():
        workspace = await world.create(retention=AskedRetention(ttl_seconds=0, max_life_seconds=7200))
        now = await world.until(workspace, lambda w: w.deadline is not None, SECONDS)
        end = now.deadline
        assert end is not None
        clock.move(minutes=105)
        warned = await told(world, workspace, "ending_soon", 1)
        assert (warned[0].data["at"], warned[0].data["rule"]) == (end.isoformat(), "deadline")
        async with world.store.writing() as session:
            await goals.extend(world.owner, session, settings, workspace.id, timedelta(hours=1))
        clock.move(minutes=60)
        warned = await told(world, workspace, "ending_soon", 2)
        assert warned[1].data["at"] == (end + timedelta(hours=1)).isoformat()
        clock.move(minutes=15)
        now = await look(world, workspace, lambda w: w.phase is Phase.STOPPED)
        assert "maximum life" in now.stop_reason
        assert len([event for event in await world.events(workspace) if event.kind == "ending_soon"]) == 2


async def test_a_schedule_stops_and_starts_and_a_limit_that_is_reached_is_told(world: World, clock: Clock) -> None:
    clock.now = at("2027-03-01T12:00")
    world.starts = ScheduledStarts(world.store, load_settings({}, overrides={"max_running": 1}))
    schedule = Schedule("08:00", "18:00", DAYS, "Europe/Berlin")
    members: dict[str, Any] = {"definition": Definition(schedule=schedule), "retention": AskedRetention(ttl_seconds=0)}
    async with world.server():
        workspace = await world.create(**members)
        await world.until(workspace, lambda w: w.stops_at == at("2027-03-01T17:00"), SECONDS)
        clock.now = at("2027-03-01T16:45")
        assert (await told(world, workspace, "ending_soon", 1))[0].data["rule"] == "schedule"
        clock.now = at("2027-03-01T17:00")
        now = await look(world, workspace, lambda w: w.phase is Phase.STOPPED and bool(w.stopped_at))
        assert now.stop_reason == "Its schedule stopped it, at 18:00 (Europe/Berlin)."
        other = await world.create(retention=AskedRetention(ttl_seconds=0, max_life_seconds=0))
        await world.until_phase(other, Phase.RUNNING, SECONDS)
        clock.now = at("2027-03-02T07:00")
        refused = await told(world, workspace, "schedule_refused", 1)
        assert (refused[0].data["kind"], refused[0].data["next"]) == ("over_quota", "2027-03-03T07:00:00+00:00")
        assert (await world.read(workspace)).remembered.policy.start_refused
        async with world.store.writing() as session:
            await goals.stop(world.owner, session, other.id)
        await world.until_phase(other, Phase.STOPPED, SECONDS)
        clock.now = at("2027-03-03T07:00")
        await look(world, workspace, lambda w: w.phase is Phase.RUNNING)
    async with world.store.reading() as session:
        newest = await audit.newest(session, f"workspace:{workspace.id}")
    assert [(row.actor, row.action) for row in newest][:1] == [("policy", "workspace.start")]


async def test_what_is_archived_is_not_started_by_a_schedule(world: World, clock: Clock, ana: Actor) -> None:
    clock.now = at("2027-03-01T12:00")
    world.starts = ScheduledStarts(world.store, load_settings({}))
    daily = Definition(schedule=Schedule("08:00", "", DAYS, "UTC"))
    async with world.server():
        put_aside, other = await stopped(world, definition=daily), await stopped(world, definition=daily)
        async with world.store.writing() as session:
            await goals.archive(ana, session, put_aside.id)
        await world.until(put_aside, lambda w: w.archived, SECONDS)
        clock.now = at("2027-03-02T08:00")
        await Leases(world.store).wake(put_aside.id)
        await look(world, other, lambda w: w.phase is Phase.RUNNING)
        assert (await world.read(put_aside)).goal is Goal.STOP
