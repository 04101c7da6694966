"""The same scenario through the product's own functions: looked at when it is due, as the loop does."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from tests.unit.core.seven_weeks.oracle import Happening
from tests.unit.core.seven_weeks.scenario import (
    BEGIN,
    DAY,
    END,
    PROJECTS,
    SCHEDULES,
    TICK,
    Person,
    Scenario,
    is_off,
    moment,
)

from carrel.core import policy as policies
from carrel.core.agent import Signal, SignalKind
from carrel.core.definition import Definition
from carrel.core.events import Event
from carrel.core.keeping import assess
from carrel.core.policy import Policy
from carrel.core.problems import Problem
from carrel.core.project import ProjectPolicy
from carrel.core.retirement import is_purge_due
from carrel.core.workspace import AskedRetention, Goal, OnEnd, Phase, Workspace
from carrel.server.reconcile.resting import resting
from carrel.server.store.leases import Outcome

DEFAULTS = Policy(ttl_min_seconds=300, ttl_max_seconds=86400)
TOLD = {"deadline": "warned of the end", "schedule": "warned of the schedule"}


@cache
def in_force(chosen: ProjectPolicy | None) -> Policy:
    """What applies in a project."""
    return policies.effective(DEFAULTS, chosen)


def minute(at: datetime) -> int:
    """The inverse of `moment`."""
    return (at - BEGIN) // timedelta(minutes=1)


@dataclass
class Desk:
    """One workspace as the engine knows it."""

    person: Person
    workspace: Workspace | None = None
    due: int = 0
    log: list[Happening] = field(default_factory=list)
    looks: int = 0

    def say(self, at: int, what: str, detail: int = 0) -> None:
        self.log.append((at, what, detail))


@dataclass
class Starts:
    """Starts by a schedule, where the owner's limit lets them."""

    desk: Desk
    now: int

    async def start(self, workspace: Workspace) -> Problem | None:
        if self.now // DAY in self.desk.person.poor:
            return Problem("over_quota")
        self.desk.say(self.now, "started")
        return None


async def run(scenario: Scenario) -> list[Desk]:
    """What happens to each workspace."""
    chosen = list(PROJECTS)
    desks = [Desk(person) for person in scenario.people]
    for now in range(0, END, TICK):
        if is_off(now):
            continue
        edited = scenario.edits.get(now)
        if edited is not None:
            chosen[edited[0]] = edited[1]
        for desk in desks:
            if edited is not None and desk.person.project == edited[0] and desk.due >= 0:
                desk.due = now
            if desk.workspace is None or now in desk.person.asks:
                _asked(desk, now, in_force(chosen[desk.person.project]))
            while 0 <= desk.due <= now and desk.workspace is not None:
                if desk.workspace.policy is not chosen[desk.person.project]:
                    desk.workspace = replace(desk.workspace, policy=chosen[desk.person.project])
                await _look(desk, now)
    return desks


def _started(workspace: Workspace, now: int) -> Workspace:
    return replace(
        workspace,
        goal=Goal.RUN,
        goal_at=moment(now),
        running_since=moment(now),
        deadline=None,
        stops_at=None,
        stopped_at=None,
        phase=Phase.RUNNING,
    )


def _asked(desk: Desk, now: int, policy: Policy) -> None:
    """What the actions do."""
    person = desk.person
    if desk.workspace is None:
        if now < person.created:
            return
        made = Workspace("id", "u", "ana", "blog", retention=AskedRetention(person.ttl, person.life))
        desk.workspace = _started(_scheduled(made, person), now)
    if desk.due < 0:
        return
    desk.due = now
    if now not in person.asks:
        return
    what, number = person.asks[now]
    desk.workspace = _changed(desk.workspace, what, number, now, policy)


def _scheduled(workspace: Workspace, person: Person) -> Workspace:
    return replace(workspace, definition=Definition(schedule=person.schedule) if person.schedule else None)


def _changed(now_: Workspace, what: str, number: int, now: int, policy: Policy) -> Workspace:
    match what, now_.goal:
        case "start", Goal.STOP if not now_.archived:
            return _started(now_, now)
        case "stop", Goal.RUN:
            return replace(now_, goal=Goal.STOP, goal_at=moment(now), running_since=None, deadline=None)
        case "extend", Goal.RUN:
            limits = policies.retention(policy, now_.retention)
            if not limits.max_life_seconds or now_.running_since is None or now_.deadline is None:
                return now_
            wanted = now_.deadline + timedelta(minutes=number)
            if limits.hard_life_seconds:
                wanted = min(wanted, now_.running_since + timedelta(seconds=limits.hard_life_seconds))
            return replace(now_, deadline=max(wanted, now_.deadline))
        case "delete", Goal.RUN | Goal.STOP:
            goes = moment(now + policy.trash_days * DAY)
            ended: dict[str, Any] = {"running_since": None, "deadline": None}
            return replace(now_, goal=Goal.DELETE, goal_at=moment(now), purge_after=goes, **ended)
        case "undelete", Goal.DELETE:
            back: dict[str, Any] = {"goal": Goal.STOP, "purge_after": None, "archived": False, "archived_at": None}
            return replace(now_, goal_at=moment(now), stopped_at=moment(now), **back)
        case "unarchive", Goal.STOP if now_.archived:
            return replace(now_, archived=False, archived_at=None, stopped_at=moment(now))
        case "ttl", _:
            return replace(now_, retention=replace(now_.retention, ttl_seconds=900))
        case "schedule", _:
            return replace(now_, definition=Definition(schedule=SCHEDULES[number]))
    return now_


async def _look(desk: Desk, now: int) -> None:
    desk.looks += 1
    assert desk.workspace is not None
    assert desk.looks < 200_000, "it looks for ever"
    policy = in_force(desk.workspace.policy)
    if desk.workspace.goal is Goal.RUN:
        _look_at_running(desk, desk.workspace, policy, now)
    elif is_purge_due(desk.workspace, policy, moment(now)):
        desk.say(now, "purge")
        desk.due = -1
    else:
        await _look_at_rest(desk, desk.workspace, policy, now)


def _signals(person: Person, now: int) -> list[Signal]:
    place = bisect_right(person.inputs, now)
    found = [Signal(SignalKind.INPUT, moment(person.inputs[place - 1]))] if place else []
    working = [min(now, end) for begin, end in person.busy if begin <= now]
    return found + ([Signal(SignalKind.BUSY, moment(max(working)))] if working else [])


def _look_at_running(desk: Desk, workspace: Workspace, policy: Policy, now: int) -> None:
    assert workspace.running_since is not None
    signals = _signals(desk.person, now)
    found = assess(workspace, policy, workspace.running_since, signals, moment(now))
    verdict = found.verdict
    if verdict.extended and verdict.deadline is not None:
        # The warning that follows at once may give it more than the extension did.
        desk.say(now, "extended", minute(verdict.deadline))
    for warned in found.warnings:
        desk.say(now, TOLD[warned.rule], minute(warned.at))
    desk.due = now + TICK
    if found.memory != workspace.remembered.policy or verdict.deadline != workspace.deadline:
        kept = replace(workspace.remembered, policy=found.memory)
        workspace = replace(workspace, remembered=kept, deadline=verdict.deadline)
    if verdict.end is OnEnd.STOP:
        desk.say(now, f"stopped: {verdict.rule}")
        ended: dict[str, Any] = {"running_since": None, "deadline": None, "stops_at": None, "phase": Phase.STOPPED}
        workspace = replace(workspace, goal=Goal.STOP, goal_at=moment(now), **ended)
        desk.due = now
    desk.workspace = workspace


async def _look_at_rest(desk: Desk, workspace: Workspace, policy: Policy, now: int) -> None:
    outcome = await resting(workspace, policy, Outcome(), moment(now), Starts(desk, now))
    for event in outcome.events:
        _tell(desk, event, now)
    changes: dict[str, Any] = {
        name: getattr(outcome, name)
        for name in ("remembered", "stopped_at", "archived", "archived_at", "purge_after", "goal")
        if getattr(outcome, name) is not None
    }
    workspace = replace(workspace, **changes)
    if outcome.goal is not None:
        workspace = replace(workspace, goal_at=moment(now))
    if desk.log and desk.log[-1][:2] == (now, "started"):
        workspace = _started(workspace, now)
    wake = outcome.wake_at
    assert wake is not None
    if not isinstance(wake, datetime) or wake <= moment(now) + timedelta(seconds=1):
        desk.due = now
    else:
        desk.due = -(-minute(wake) // TICK) * TICK
    desk.workspace = workspace


def _tell(desk: Desk, event: Event, now: int) -> None:
    match event.kind:
        case "retention_notice":
            desk.say(now, f"notice: {event.data['step']}", minute(datetime.fromisoformat(event.data["at"])))
        case "archived":
            desk.say(now, "archive")
        case "goal_changed":
            desk.say(now, "trash")
        case "schedule_refused":
            desk.say(now, "start refused")
