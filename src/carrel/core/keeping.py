"""A workspace that runs, under its policy: idleness, end of life, schedule, and the warning before the last two (ADR 0036)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from carrel.core import policy as policies
from carrel.core import schedule as schedules
from carrel.core.agent import Signal
from carrel.core.idle import Verdict, busy_signal, evaluate, phrase
from carrel.core.policy import Policy
from carrel.core.schedule import Occurrence, Schedule, Turn
from carrel.core.workspace import OnEnd, PolicyMemory, Retention, Workspace

ABOUT = timedelta(minutes=1)
"""A warning that comes later by less moves nothing: the loop looks once a minute."""


@dataclass(frozen=True)
class Warned:
    """What people are to be told: that it will be stopped."""

    at: datetime
    rule: str
    """`deadline` or `schedule`."""
    reason: str


@dataclass(frozen=True)
class Assessment:
    """What policy makes of a running workspace."""

    verdict: Verdict
    memory: PolicyMemory
    warnings: tuple[Warned, ...] = ()
    look_at: datetime | None = None
    """When something may change by itself; None: nothing does."""
    stop_waits: str = ""
    """Why a scheduled stop that is due has not happened."""


@dataclass(frozen=True)
class _Case:
    """What all rules look at."""

    retention: Retention
    lead: timedelta
    since: datetime
    signals: Sequence[Signal] | None
    now: datetime

    @property
    def may_be_busy(self) -> bool:
        """A counted busy signal lasts, or nobody knows."""
        return self.signals is None or busy_signal(self.signals, self.now) is not None


def assess(
    workspace: Workspace, policy: Policy, since: datetime, signals: Sequence[Signal] | None, now: datetime
) -> Assessment:
    """Whether a running workspace lives on, and what its people are to be told.

    Args:
        workspace: with what was asked, its stored deadline and what policy remembers.
        policy: in force now.
        since: when this start became ready.
        signals: latest evidence of each kind; None: the agent could not be asked.
        now: timezone-aware UTC.
    """
    retention = policies.retention(policy, workspace.retention)
    case = _Case(retention, policies.warning_lead(policy, retention), since, signals, now)
    memory = workspace.remembered.policy
    deadline = _rebased(workspace.deadline, memory.life_seconds, case)
    verdict = evaluate(retention, since, signals, deadline, now)
    memory = replace(memory, life_seconds=retention.max_life_seconds)
    found = _with_warning(Assessment(verdict, memory), case)
    schedule, _ = policies.schedule_of(policy, workspace)
    return _with_schedule(found, schedule, workspace.goal_at, case)


def _rebased(deadline: datetime | None, reckoned: int | None, case: _Case) -> datetime | None:
    """The deadline under the maximum life of now: an edit moves it by the difference, so that extensions stay.

    An edit that leaves less than the time of a warning leaves that much.
    """
    life, hard = case.retention.max_life_seconds, case.retention.hard_life_seconds
    if not life:
        return None
    soonest = case.now + case.lead
    if deadline is None:
        moved = case.since + timedelta(seconds=life)
        return moved if reckoned is None else max(moved, soonest)
    moved = deadline
    if reckoned is not None and reckoned != life:
        moved += timedelta(seconds=life - reckoned)
    if hard:
        moved = min(moved, case.since + timedelta(seconds=hard))
    return moved if moved >= deadline else max(moved, min(deadline, soonest))


def _with_warning(found: Assessment, case: _Case) -> Assessment:
    """Nobody's life ends without a warning that was given in time."""
    verdict, deadline = found.verdict, found.verdict.deadline
    if deadline is None or found.memory.warned_end == deadline:
        return found
    if verdict.end is not None and verdict.rule == "idle":
        return found
    hard = case.retention.hard_life_seconds
    may_move = not hard or deadline < case.since + timedelta(seconds=hard)
    ends = verdict.end is not None
    if not ends and (case.now < deadline - case.lead or (may_move and case.may_be_busy)):
        look = max(case.now, deadline - case.lead)
        return replace(found, look_at=look if look > case.now else None)
    late = case.now + case.lead - deadline
    if late >= ABOUT:
        deadline = case.now + case.lead
    if ends and deadline <= case.now:  # a life too short for a warning
        return found
    if ends:
        verdict = replace(verdict, end=None, reason="It reached the end of its life; its people are being warned.")
    stops_at = deadline if verdict.stops_at is None or ends else min(verdict.stops_at, deadline)
    rule = "deadline" if stops_at == deadline else verdict.rule
    verdict = replace(verdict, deadline=deadline, stops_at=stops_at, rule=rule)
    warned = Warned(deadline, "deadline", "Its life ends.")
    memory = replace(found.memory, warned_end=deadline)
    return Assessment(verdict, memory, (*found.warnings, warned), found.look_at)


# --- schedule --------------------------------------------------------------------------------------------------------


def watched(memory: PolicyMemory, schedule: Schedule | None, now: datetime) -> PolicyMemory:
    """The memory with this schedule in it: of a new one, the moments before now do not count."""
    if memory.schedule == schedule:
        return memory
    since = now if schedule is not None else None
    return replace(memory, schedule=schedule, schedule_since=since, warned_stop=None, stop_from=None, start_refused="")


def due(memory: PolicyMemory, schedule: Schedule, goal_at: datetime | None, now: datetime) -> Occurrence | None:
    """The latest moment of a schedule, if nobody has asked for anything since, and it was not dealt with."""
    found = schedules.latest(schedule, now)
    if found is None or memory.schedule_since is None or found.at <= memory.schedule_since:
        return None
    return None if goal_at is not None and found.at <= goal_at else found


def _with_schedule(
    found: Assessment, schedule: Schedule | None, goal_at: datetime | None, case: _Case
) -> Assessment:  # fmt: skip
    memory = watched(found.memory, schedule, case.now)
    found = replace(found, memory=memory)
    if schedule is None or not schedule.stop or found.verdict.end is not None:
        return found
    one = due(memory, schedule, goal_at, case.now)
    pending = one if one is not None and one.turn is Turn.STOP else None
    coming = pending or schedules.upcoming(schedule, case.now, Turn.STOP)
    if coming is None:
        return found
    when = _spoken(coming.at, schedule)
    if pending is not None and case.may_be_busy:
        cause = phrase(busy_signal(case.signals, case.now)) if case.signals is not None else "its activity is unknown"
        waits = f"Its scheduled stop of {when} waits because {cause}."
        return replace(found, stop_waits=waits, memory=replace(memory, stop_from=None, warned_stop=None))
    if memory.warned_stop != coming.at:
        if case.now < coming.at - case.lead or case.may_be_busy:
            return _stopping_at(found, coming.at, max(case.now, coming.at - case.lead), case)
        late = case.now + case.lead - coming.at
        at = case.now + case.lead if late >= ABOUT else coming.at
        warned = Warned(at, "schedule", f"Its schedule stops it at {when}.")
        memory = replace(memory, warned_stop=coming.at, stop_from=at)
        found = replace(found, memory=memory, warnings=(*found.warnings, warned))
    at = max(coming.at, memory.stop_from or coming.at)
    if pending is not None and at <= case.now:
        reason = f"Its schedule stopped it, at {when}."
        return replace(found, verdict=replace(found.verdict, end=OnEnd.STOP, reason=reason, rule="schedule"))
    return _stopping_at(found, at, at, case)


def _stopping_at(found: Assessment, at: datetime, look: datetime, case: _Case) -> Assessment:
    """It stops then by its schedule, unless something else stops it before."""
    verdict = found.verdict
    if verdict.stops_at is None or at < verdict.stops_at:
        verdict = replace(verdict, stops_at=at, rule="schedule")
    looks = [one for one in (found.look_at, look) if one is not None and one > case.now]
    return replace(found, verdict=verdict, look_at=min(looks, default=None))


def _spoken(at: datetime, schedule: Schedule) -> str:
    return f"{at.astimezone(schedules.zone(schedule.time_zone)):%H:%M} ({schedule.time_zone})"
