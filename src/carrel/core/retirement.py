"""What becomes of a workspace that rests: archived, in the trash, gone; never untold, never two steps at once (ADR 0036).

A step happens on its date, but never sooner after each of its notices than that notice promised. Nothing is concluded from
a clock alone: a step that is late by more than a day, because the server was off, its clock was wrong or an old backup was
restored, begins its notices anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from carrel.core import policy as policies
from carrel.core.durations import in_words
from carrel.core.keeping import due, watched
from carrel.core.policy import Policy
from carrel.core.schedule import Occurrence, Turn, upcoming
from carrel.core.workspace import Goal, PolicyMemory, Workspace

GRACE = timedelta(days=1)
"""A step that is later than this was not watched over, and is announced anew."""


class Retire(StrEnum):
    """The steps of retirement."""

    ARCHIVE = "archive"
    TRASH = "trash"
    PURGE = "purge"


TOLD = {
    Retire.ARCHIVE: "put aside (archived)",
    Retire.TRASH: "moved to the trash",
    Retire.PURGE: "removed for good, with its files",
}
"""What a step does, as people are told."""


@dataclass(frozen=True)
class Due:
    """The next step of a workspace that rests."""

    step: Retire
    since: datetime
    """The rest that it is about."""
    at: datetime
    """When it happens, notices considered."""
    given: tuple[datetime, ...] = ()
    """Its notices so far."""
    missing: tuple[timedelta, ...] = ()
    """How long before `at` the notices are due that were not given."""

    def reason(self, policy: Policy) -> str:
        """Which rule does it, as a sentence."""
        if self.step is Retire.PURGE:
            return f"It is in the trash since {self.since:%Y-%m-%d}."
        member = "archive_after_days" if self.step is Retire.ARCHIVE else "delete_after_days"
        days = in_words(timedelta(days=getattr(policy, member)))
        return f"It has not run since {self.since:%Y-%m-%d} (limit {days}, set by the {policy.origin(member).value})."


def next_step(workspace: Workspace, policy: Policy, now: datetime) -> Due | None:
    """What becomes of a workspace and when; None: it stays as it is."""
    found = _dated(workspace, policy)
    if found is None:
        return None
    step, since, date = found
    memory = workspace.remembered.policy
    is_about = memory.retiring == step and memory.resting_since == since
    # A notice from the future was given by a wrong clock.
    given = memory.noticed if is_about and all(one <= now for one in memory.noticed) else ()
    return _announced(Due(step, since, date, given), policy, now)


def _dated(workspace: Workspace, policy: Policy) -> tuple[Retire, datetime, datetime] | None:
    """The next step, since when it rests, and the date of the step by the policy alone."""
    if workspace.goal is Goal.DELETE:
        if workspace.purge or workspace.purge_after is None:
            return None
        return Retire.PURGE, workspace.goal_at or workspace.purge_after, workspace.purge_after
    since = workspace.stopped_at
    if workspace.goal is not Goal.STOP or since is None or workspace.is_prebuild:
        return None
    archive, trash = policy.archive_after_days, policy.delete_after_days
    if archive and not workspace.archived and not 0 < trash <= archive:
        return Retire.ARCHIVE, since, since + timedelta(days=archive)
    return (Retire.TRASH, since, since + timedelta(days=trash)) if trash else None


def _announced(due_: Due, policy: Policy, now: datetime) -> Due:
    """The step with the date that its notices leave it."""
    leads = tuple(timedelta(days=days) for days in sorted(policy.notice_days, reverse=True))
    # A time that is shorter than a notice has none, unless the step comes late.
    fitting = leads if due_.given and due_.given[0] > due_.at else tuple(n for n in leads if n < due_.at - due_.since)
    at = max([due_.at, *(given + lead for given, lead in zip(due_.given, fitting, strict=False))])
    missing = fitting[len(due_.given) :]
    if now > at + GRACE:
        return Due(due_.step, due_.since, now + leads[0] if leads else now, (), leads)
    if missing and now > at - missing[0]:
        at = now + missing[0]
    return Due(due_.step, due_.since, at, due_.given, missing)


@dataclass(frozen=True)
class Rest:
    """What is to be done now with a workspace that rests."""

    memory: PolicyMemory
    step: Due | None = None
    """To be taken now."""
    notice: Due | None = None
    """To be told now."""
    start: Occurrence | None = None
    """Its schedule starts it now."""
    look_at: datetime | None = None
    """When the next of these is; None: never."""


def rest(workspace: Workspace, policy: Policy, now: datetime) -> Rest:
    """What policy does with a workspace that is stopped or in the trash."""
    schedule, _ = policies.schedule_of(policy, workspace)
    memory = watched(workspace.remembered.policy, schedule, now)
    looks: list[datetime] = []
    start: Occurrence | None = None
    if schedule is not None and schedule.start and may_be_started(workspace):
        start = due(memory, schedule, workspace.goal_at, now)
        start = start if start is not None and start.turn is Turn.START else None
        following = upcoming(schedule, now, Turn.START)
        looks += [following.at] if following is not None else []
    found = next_step(workspace, policy, now)
    if found is None or start is not None:
        return Rest(memory, start=start, look_at=min(looks, default=None))
    if found.missing and now >= found.at - found.missing[0]:
        given = (*found.given, now)
        memory = replace(memory, retiring=found.step.value, resting_since=found.since, noticed=given)
        told = replace(found, given=given, missing=found.missing[1:])
        looks.append(told.at - told.missing[0] if told.missing else told.at)
        return Rest(memory, notice=told, look_at=min(looks))
    if not found.missing and now >= found.at:
        return Rest(memory, step=found, look_at=min(looks, default=None))
    looks.append(found.at - found.missing[0] if found.missing else found.at)
    return Rest(memory, look_at=min(looks))


def may_be_started(workspace: Workspace) -> bool:
    """Whether a schedule starts it: not what is put aside, in the trash, or made ready for somebody."""
    return workspace.goal is Goal.STOP and not workspace.archived and not workspace.is_prebuild


def is_purge_due(workspace: Workspace, policy: Policy, now: datetime) -> bool:
    """Whether the volumes of a deleted workspace go now: at once where that was asked, else when its people were told."""
    if workspace.goal is not Goal.DELETE or workspace.purge:
        return workspace.purge
    found = next_step(workspace, policy, now)
    return found is not None and not found.missing and now >= found.at
