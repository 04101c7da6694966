"""A running workspace under its policy: the end of its life, its warning, its schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from carrel.core.agent import Signal, SignalKind
from carrel.core.definition import Definition
from carrel.core.keeping import Assessment, assess
from carrel.core.policy import Policy
from carrel.core.schedule import DAYS, Schedule
from carrel.core.workspace import AskedRetention, OnEnd, Workspace

START = datetime(2026, 7, 1, 8, tzinfo=UTC)
POLICY = Policy(ttl_seconds=0, max_life_seconds=7200)
NIGHTLY = Schedule("", "18:00", DAYS, "UTC")


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def made(**members: Any) -> Workspace:
    values: dict[str, Any] = {"goal_at": START, "running_since": START}
    return Workspace("id", "u", "ana", "blog", **values | members)


def scheduled(schedule: Schedule, **members: Any) -> Workspace:
    return made(definition=Definition(schedule=schedule), **members)


def looked(
    workspace: Workspace, after: float, policy: Policy = POLICY, signals: Sequence[Signal] | None = ()
) -> tuple[Workspace, Assessment]:
    """The workspace as it is remembered after a look, and what was found."""
    found = assess(workspace, policy, START, signals, START + minutes(after))
    kept = replace(workspace.remembered, policy=found.memory)
    return replace(workspace, remembered=kept, deadline=found.verdict.deadline), found


def busy(after: float) -> list[Signal]:
    return [Signal(SignalKind.BUSY, START + minutes(after), "python")]


def test_the_end_of_a_life_is_warned_of_once() -> None:
    workspace, found = looked(made(), 0)
    assert (found.warnings, found.look_at) == ((), START + minutes(105))
    workspace, found = looked(workspace, 105)
    assert [(one.at, one.rule) for one in found.warnings] == [(START + minutes(120), "deadline")]
    workspace, found = looked(workspace, 110)
    assert found.warnings == ()
    workspace, found = looked(workspace, 120)
    assert (found.verdict.end, found.verdict.rule) == (OnEnd.STOP, "deadline")


def test_an_end_that_nobody_was_warned_of_waits_for_its_warning() -> None:
    workspace, found = looked(made(), 0)
    workspace, found = looked(workspace, 300)  # the server was off
    assert (found.verdict.end, found.verdict.deadline) == (None, START + minutes(315))
    assert [one.at for one in found.warnings] == [START + minutes(315)]
    workspace, found = looked(workspace, 314)
    assert (found.verdict.end, found.warnings) == (None, ())
    assert looked(workspace, 315)[1].verdict.end is OnEnd.STOP


def test_a_look_that_is_a_moment_late_moves_nothing() -> None:
    workspace, _ = looked(made(), 0)
    workspace, found = looked(workspace, 105.5)
    assert found.verdict.deadline == START + minutes(120)


def test_a_short_life_is_warned_of_at_its_half() -> None:
    policy = replace(POLICY, max_life_seconds=600)
    workspace, found = looked(made(), 4, policy)
    assert found.warnings == ()
    workspace, found = looked(workspace, 5, policy)
    assert [one.at for one in found.warnings] == [START + minutes(10)]
    assert looked(workspace, 10, policy)[1].verdict.end is OnEnd.STOP


def test_while_a_process_is_busy_the_end_moves_and_nobody_is_warned() -> None:
    workspace, _ = looked(made(), 0)
    for after, end in ((110, 120), (120, 180), (150, 180)):
        workspace, found = looked(workspace, after, signals=busy(after))
        assert (found.warnings, found.verdict.deadline) == ((), START + minutes(end))
    # It ends five minutes before the deadline: there is time for the warning all the same.
    workspace, found = looked(workspace, 175, signals=busy(160))
    assert [one.at for one in found.warnings] == [START + minutes(190)]


def test_a_ceiling_is_warned_of_although_it_is_busy() -> None:
    policy = replace(POLICY, hard_life_seconds=9000)
    workspace, _ = looked(made(), 0, policy)
    workspace, found = looked(workspace, 120, policy, busy(120))
    assert found.verdict.deadline == START + minutes(150)
    workspace, found = looked(workspace, 135, policy, busy(135))
    assert [one.at for one in found.warnings] == [START + minutes(150)]
    assert looked(workspace, 150, policy, busy(150))[1].verdict.end is OnEnd.STOP


def test_an_edit_of_the_maximum_life_moves_the_end_and_keeps_extensions() -> None:
    workspace, _ = looked(made(), 0)
    workspace = replace(workspace, deadline=START + minutes(180))  # extended by an hour
    workspace, found = looked(workspace, 10, replace(POLICY, max_life_seconds=3600))
    assert found.verdict.deadline == START + minutes(120)
    workspace, found = looked(workspace, 20, replace(POLICY, max_life_seconds=10800))
    assert found.verdict.deadline == START + minutes(240)
    workspace, found = looked(workspace, 30, replace(POLICY, max_life_seconds=0))
    assert (found.verdict.deadline, found.verdict.stops_at) == (None, None)
    workspace, found = looked(workspace, 90, replace(POLICY, max_life_seconds=3600))
    assert found.verdict.deadline == START + minutes(105)
    assert found.warnings


def test_an_edit_that_ends_a_life_in_the_past_leaves_the_time_of_a_warning() -> None:
    workspace, _ = looked(made(), 0)
    workspace, found = looked(workspace, 90, replace(POLICY, max_life_seconds=1800))
    assert (found.verdict.end, found.verdict.deadline) == (None, START + minutes(105))
    assert [one.at for one in found.warnings] == [START + minutes(105)]


def test_a_ceiling_that_is_lowered_moves_the_end() -> None:
    workspace, _ = looked(made(), 0)
    _, found = looked(workspace, 10, replace(POLICY, hard_life_seconds=3600))
    assert found.verdict.deadline == START + minutes(60)


def test_a_ttl_that_is_lowered_stops_what_is_idle_at_once() -> None:
    workspace, found = looked(made(), 20, replace(POLICY, ttl_seconds=1800))
    assert found.verdict.end is None
    _, found = looked(workspace, 20, replace(POLICY, ttl_seconds=600))
    assert (found.verdict.end, found.verdict.rule) == (OnEnd.STOP, "idle")


def test_a_scheduled_stop_is_warned_of_and_is_a_stop() -> None:
    policy = replace(POLICY, max_life_seconds=0)
    workspace, found = looked(scheduled(NIGHTLY), 0, policy)
    assert (found.verdict.stops_at, found.verdict.rule) == (START + minutes(600), "schedule")
    assert found.look_at == START + minutes(585)
    workspace, found = looked(workspace, 585, policy)
    assert [(one.at, one.rule) for one in found.warnings] == [(START + minutes(600), "schedule")]
    _, found = looked(workspace, 600, policy)
    assert (found.verdict.end, found.verdict.reason) == (OnEnd.STOP, "Its schedule stopped it, at 18:00 (UTC).")


def test_a_scheduled_stop_never_deletes() -> None:
    asked = AskedRetention(on_idle=OnEnd.DELETE, on_deadline=OnEnd.DELETE)
    policy = replace(POLICY, max_life_seconds=0)
    workspace, _ = looked(scheduled(NIGHTLY, retention=asked), 585, policy)
    assert looked(workspace, 600, policy)[1].verdict.end is OnEnd.STOP


def test_a_scheduled_stop_waits_for_a_busy_process_and_then_for_its_warning() -> None:
    policy = replace(POLICY, max_life_seconds=0)
    workspace, _ = looked(scheduled(NIGHTLY), 0, policy)
    for after in (585, 600):
        workspace, found = looked(workspace, after, policy, busy(after))
        assert (found.verdict.end, found.warnings) == (None, ())
    workspace, found = looked(workspace, 700, policy, busy(700))
    assert found.verdict.end is None
    assert found.stop_waits == "Its scheduled stop of 18:00 (UTC) waits because a process is busy (python)."
    workspace, found = looked(workspace, 710, policy, busy(700))
    assert [one.at for one in found.warnings] == [START + minutes(725)]
    assert looked(workspace, 725, policy, busy(700))[1].verdict.end is OnEnd.STOP


def test_unknown_activity_holds_a_scheduled_stop_back() -> None:
    policy = replace(POLICY, max_life_seconds=0)
    workspace, _ = looked(scheduled(NIGHTLY), 585, policy)
    _, found = looked(workspace, 600, policy, None)
    assert found.verdict.end is None
    assert "its activity is unknown" in found.stop_waits


def test_what_was_started_after_a_stop_and_a_schedule_that_is_new_begin_with_the_next_moment() -> None:
    policy = replace(POLICY, max_life_seconds=0)
    late = scheduled(NIGHTLY, goal_at=START + minutes(630))
    _, found = looked(late, 640, policy)
    assert (found.verdict.end, found.warnings) == (None, ())
    workspace, _ = looked(made(), 590, policy)
    workspace = replace(workspace, definition=Definition(schedule=NIGHTLY))
    workspace, found = looked(workspace, 640, policy)
    assert found.verdict.stops_at == START + timedelta(days=1, minutes=600)


def test_a_start_that_has_come_since_makes_a_missed_stop_void() -> None:
    policy = replace(POLICY, max_life_seconds=0)
    workspace, _ = looked(scheduled(Schedule("06:00", "18:00", DAYS, "UTC")), 0, policy)
    _, found = looked(workspace, 24 * 60 - 60, policy)  # 07:00 of the next day
    assert (found.verdict.end, found.stop_waits) == (None, "")
