"""What rests: told two days and one day before each step, and no jump of a clock takes a step untold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from carrel.core.definition import Definition
from carrel.core.policy import Policy
from carrel.core.retirement import Retire, is_purge_due, next_step, rest
from carrel.core.schedule import DAYS, Schedule
from carrel.core.workspace import PREBUILD, Goal, Remembered, Workspace

STOP = datetime(2026, 7, 1, 8, tzinfo=UTC)
POLICY = Policy()


def days(count: float) -> datetime:
    return STOP + timedelta(days=count)


def made(**members: Any) -> Workspace:
    values: dict[str, Any] = {"goal": Goal.STOP, "goal_at": STOP, "stopped_at": STOP}
    return Workspace("id", "u", "ana", "blog", **values | members)


def looked(workspace: Workspace, now: datetime, policy: Policy = POLICY) -> tuple[Workspace, str]:
    """The workspace after a look, and what was done: `told STEP`, a step, or nothing."""
    found = rest(workspace, policy, now)
    workspace = replace(workspace, remembered=Remembered(policy=found.memory))
    if found.notice is not None:
        return workspace, f"told {found.notice.step}"
    return workspace, found.step.step.value if found.step is not None else ""


def after(workspace: Workspace, *looks: tuple[float, str]) -> Workspace:
    """The workspace after looks on these days, each of which did what is given with it."""
    for day, expected in looks:
        workspace, done = looked(workspace, days(day))
        assert done == expected, day
    return workspace


def test_each_notice_is_given_once_and_the_step_comes_on_its_date() -> None:
    after(made(), (11.9, ""), (12, "told archive"), (12.5, ""), (13, "told archive"), (13.5, ""), (14, "archive"))
    after(made(archived=True), (27, ""), (28, "told trash"), (29, "told trash"), (29.9, ""), (30, "trash"))
    trash = made(goal=Goal.DELETE, purge_after=days(7))
    after(trash, (4.9, ""), (5, "told purge"), (6, "told purge"), (6.9, ""), (7, "purge"))


def test_a_look_is_only_needed_on_the_dates() -> None:
    for day, look in ((0, 12), (12, 13), (13, 14)):
        workspace = after(made(), *[(d, "told archive") for d in (12, 13) if d < day])
        assert rest(workspace, POLICY, days(day)).look_at == days(look)
    assert rest(made(), replace(POLICY, archive_after_days=0, delete_after_days=0), days(50)).look_at is None


def test_a_notice_that_is_late_moves_the_step() -> None:
    workspace = after(made(), (13.5, "told archive"))
    found = next_step(workspace, POLICY, days(13.5))
    assert found is not None
    assert found.at == days(15.5)
    after(workspace, (14.4, ""), (14.5, "told archive"), (15.4, ""), (15.5, "archive"))


def test_after_two_months_without_a_server_all_is_told_anew() -> None:
    for told in ((), ((12, "told archive"),), ((12, "told archive"), (13, "told archive"))):
        workspace = after(made(), *told, (70, "told archive"))
        after(workspace, (70.5, ""), (71, "told archive"), (71.9, ""), (72, "archive"))
    trash = after(made(goal=Goal.DELETE, purge_after=days(7)), (5, "told purge"), (6, "told purge"))
    assert not is_purge_due(trash, POLICY, days(70))
    trash = after(trash, (70, "told purge"), (71, "told purge"))
    assert not is_purge_due(trash, POLICY, days(71.9))
    assert is_purge_due(trash, POLICY, days(72))


def test_a_server_that_is_off_for_hours_only_does_it_late() -> None:
    after(made(), (12, "told archive"), (13, "told archive"), (14.8, "archive"))


def test_a_notice_from_the_future_does_not_count() -> None:
    workspace, done = looked(made(), days(400))
    assert done == "told archive"
    # The clock is right again.
    after(workspace, (5, ""), (12, "told archive"), (13, "told archive"), (14, "archive"))


@pytest.mark.parametrize("trash_days", [0, 1])
def test_a_time_that_is_shorter_than_a_notice_has_none_unless_it_is_late(trash_days: int) -> None:
    trash = made(goal=Goal.DELETE, purge_after=days(trash_days))
    assert is_purge_due(trash, POLICY, days(trash_days))
    assert not is_purge_due(trash, POLICY, days(trash_days + 30))
    after(trash, (40, "told purge"), (41, "told purge"), (42, "purge"))


def test_a_purge_that_was_asked_for_is_at_once() -> None:
    assert is_purge_due(made(goal=Goal.DELETE, purge=True), POLICY, STOP)
    assert not is_purge_due(made(goal=Goal.DELETE), POLICY, days(500))


def test_another_rest_begins_the_notices_anew() -> None:
    workspace = after(made(), (12, "told archive"), (13, "told archive"))
    workspace = replace(workspace, stopped_at=days(13.5))
    after(workspace, (14, ""), (25.5, "told archive"))


@pytest.mark.parametrize(
    ("policy", "step", "day"),
    [
        (POLICY, Retire.ARCHIVE, 14),
        (replace(POLICY, archive_after_days=0), Retire.TRASH, 30),
        (replace(POLICY, archive_after_days=40), Retire.TRASH, 30),
        (replace(POLICY, archive_after_days=30), Retire.TRASH, 30),
        (replace(POLICY, delete_after_days=0), Retire.ARCHIVE, 14),
    ],
)
def test_the_next_step_is_the_policys(policy: Policy, step: Retire, day: int) -> None:
    found = next_step(made(), policy, STOP)
    assert found is not None
    assert (found.step, found.at) == (step, days(day))


@pytest.mark.parametrize(
    "members",
    [{"goal": Goal.RUN}, {"stopped_at": None}, {"labels": {PREBUILD: "x"}}, {"goal": Goal.DELETE}],
)
def test_what_does_not_rest_is_not_retired(members: dict[str, Any]) -> None:
    assert next_step(made(**members), POLICY, days(100)) is None


def test_an_archived_one_stays_where_nothing_is_ever_deleted() -> None:
    assert next_step(made(archived=True), replace(POLICY, delete_after_days=0), days(100)) is None


def test_an_edit_that_makes_a_step_overdue_tells_of_it_first() -> None:
    workspace = after(made(archived=True), (20, ""))
    short = replace(POLICY, delete_after_days=10)
    workspace, done = looked(workspace, days(20), short)
    assert done == "told trash"
    found = next_step(workspace, short, days(20))
    assert found is not None
    assert found.at == days(22)


def test_the_reason_names_the_rule_and_who_set_it() -> None:
    found = next_step(made(), POLICY, STOP)
    assert found is not None
    assert found.reason(POLICY) == "It has not run since 2026-07-01 (limit 14 days, set by the installation)."
    found = next_step(made(goal=Goal.DELETE, purge_after=days(7)), POLICY, STOP)
    assert found is not None
    assert found.reason(POLICY) == "It is in the trash since 2026-07-01."


def test_a_schedule_starts_what_rests_once_and_not_what_is_archived() -> None:
    daily = Definition(schedule=Schedule("09:00", "", DAYS, "UTC"))
    workspace = made(definition=daily)
    first = rest(workspace, POLICY, STOP)
    assert (first.start, first.look_at) == (None, STOP + timedelta(hours=1))
    workspace = replace(workspace, remembered=Remembered(policy=first.memory))
    found = rest(workspace, POLICY, STOP + timedelta(hours=1))
    assert found.start is not None
    assert rest(replace(workspace, archived=True), POLICY, STOP + timedelta(hours=1)).start is None
    stopped_after = replace(workspace, goal_at=STOP + timedelta(hours=2))
    assert rest(stopped_after, POLICY, STOP + timedelta(hours=3)).start is None
