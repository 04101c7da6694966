"""A workspace at rest under its policy: a schedule starts it, time retires it, its people are told before (ADR 0036)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from carrel.core import schedule as schedules
from carrel.core.events import Event
from carrel.core.policy import Policy, schedule_of
from carrel.core.retirement import Due, Rest, Retire, rest
from carrel.core.schedule import Turn
from carrel.core.workspace import Goal, Workspace
from carrel.server.actions.scheduled import Starts
from carrel.server.store.leases import Outcome

AT_REST = timedelta(hours=6)
"""How soon a workspace at rest is looked at again without a date or a wake-up: nothing there changes by itself."""


async def resting(
    workspace: Workspace, policy: Policy, outcome: Outcome, now: datetime, starts: Starts | None
) -> Outcome:
    """`outcome` with what policy does now, and with the time of the next look.

    Args:
        workspace: stopped, or in the trash.
        policy: in force now.
        outcome: what would be recorded without a policy.
        now: timezone-aware UTC.
        starts: starts what a schedule starts.
    """
    if workspace.goal is Goal.STOP and workspace.stopped_at is None:
        workspace = replace(workspace, stopped_at=now)
        outcome = replace(outcome, stopped_at=now)
    found = rest(workspace, policy, now)
    if found.start is not None and starts is not None:
        return await _started(workspace, policy, outcome, found, starts, now)
    outcome = replace(outcome, remembered=replace(workspace.remembered, policy=found.memory))
    if found.notice is not None:
        outcome = _noticed(workspace, policy, outcome, found.notice)
    if found.step is not None:
        return _retired(policy, outcome, found.step, now)
    limit = now + AT_REST
    return replace(outcome, wake_at=limit if found.look_at is None else min(limit, found.look_at))


async def _started(
    workspace: Workspace, policy: Policy, outcome: Outcome, found: Rest, starts: Starts, now: datetime
) -> Outcome:  # fmt: skip
    assert found.start is not None  # noqa: S101  asked by the caller
    refused = await starts.start(workspace)
    memory = replace(found.memory, schedule_since=found.start.at, start_refused="")
    if refused is None:
        # The row has another intent by now: it is due at once, and what is concluded here from the old one is dropped.
        return replace(outcome, remembered=replace(workspace.remembered, policy=memory), wake_at=now)
    schedule, _ = schedule_of(policy, workspace)
    again = schedules.upcoming(schedule, now, Turn.START) if schedule is not None else None
    data = {"at": found.start.at.isoformat(), "kind": refused.kind, "detail": refused.detail}
    event = Event("schedule_refused", data | {"next": again.at.isoformat() if again else ""})
    memory = replace(memory, start_refused=str(refused))
    kept = replace(workspace.remembered, policy=memory)
    return replace(outcome, remembered=kept, events=(*outcome.events, event), wake_at=now + timedelta(seconds=1))


def _noticed(workspace: Workspace, policy: Policy, outcome: Outcome, notice: Due) -> Outcome:
    data = {"step": notice.step.value, "at": notice.at.isoformat(), "reason": notice.reason(policy)}
    late = workspace.purge_after is not None and notice.at > workspace.purge_after
    if notice.step is Retire.PURGE and late:
        outcome = replace(outcome, purge_after=notice.at)
    return replace(outcome, events=(*outcome.events, Event("retention_notice", data)))


def _retired(policy: Policy, outcome: Outcome, step: Due, now: datetime) -> Outcome:
    """The outcome with a step of retirement taken; a purge is the loop's next turn."""
    reason = step.reason(policy)
    outcome = replace(outcome, wake_at=timedelta(0))
    if step.step is Retire.ARCHIVE:
        event = Event("archived", {"reason": reason})
        return replace(outcome, archived=True, archived_at=now, events=(*outcome.events, event))
    if step.step is Retire.TRASH:
        event = Event("goal_changed", {"goal": Goal.DELETE, "by": "policy", "reason": reason})
        return replace(
            outcome,
            goal=Goal.DELETE,
            purge_after=now + timedelta(days=policy.trash_days),
            stop_reason=reason,
            events=(*outcome.events, event),
        )
    return outcome
