"""Why a workspace is alive and when it will stop, why it was stopped, and what becomes of it: by which rule, set by whom."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from carrel.core import policy as policies
from carrel.core import schedule as schedules
from carrel.core.agent import SignalKind
from carrel.core.durations import in_words
from carrel.core.keeping import Assessment, assess
from carrel.core.policy import Origin, Policy
from carrel.core.retirement import next_step
from carrel.core.schedule import Turn
from carrel.core.workspace import Goal, Phase, Retention, Workspace
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.standing import PolicyNotice, notices
from carrel.server.api.workspace_documents import ANSWER
from carrel.server.api.workspaces import find, standing_of

router = APIRouter(tags=["workspaces"])


class SignalDocument(BaseModel):
    """The latest evidence of one kind of activity."""

    model_config = {**ANSWER, "title": "Signal"}

    kind: SignalKind
    at: datetime
    detail: str


class PolicyRule(BaseModel):
    """A rule of the policy that applies to the workspace."""

    model_config = ANSWER

    name: Literal["idle", "life", "ceiling", "schedule", "archive", "trash", "purge"]
    value: str
    """In words: `30 min`, `never`, `08:30 to 19:00, mon-fri, Europe/Berlin`."""
    set_by: Origin
    next_at: datetime | None
    """When it does something next, if nothing happens; null: unknown, or never."""


class Why(BaseModel):
    """What policy makes of the evidence."""

    model_config = ANSWER

    alive: bool
    reason: str
    """A sentence: why it lives, or why it was stopped."""
    degraded: str
    """Why a person should look although it runs; empty: all is well."""
    stops_at: datetime | None
    """When it will stop if nothing happens; null: never, or unknown."""
    stops_by: Literal["", "idle", "deadline", "schedule"]
    """The rule that stops it then."""
    waits: str
    """Why a scheduled stop that is due has not happened; empty: none is."""
    deadline: datetime | None
    """End of life of this start, extensions included."""
    idle_since: datetime | None
    retention: Retention
    rules: list[PolicyRule]
    notices: list[PolicyNotice]
    signals: list[SignalDocument] | None
    """Newest first; null: the agent could not be asked."""


@router.get("/workspaces/{workspace}/why")
async def get_why(parts: WithParts, actor: Asking, workspace: str) -> Why:
    """Why it is alive and when it will stop, from recorded signals; why it was stopped, and what becomes of it."""
    found = await find(parts, actor, workspace)
    policy, now = standing_of(parts).policy(found), parts.store.clock()
    if found.phase is not Phase.RUNNING or found.goal is not Goal.RUN or found.running_since is None:
        return _not_running(found, policy, now)
    status = await parts.live.status(found)
    signals = status.signals if status is not None else None
    made = assess(found, policy, found.running_since, signals, now)
    verdict = made.verdict
    documents = [SignalDocument(kind=s.kind, at=s.at, detail=s.detail) for s in signals or ()]
    return Why(
        alive=verdict.end is None,
        reason=verdict.reason,
        degraded=found.degraded,
        stops_at=verdict.stops_at,
        stops_by=verdict.rule if verdict.stops_at else "",
        waits=made.stop_waits,
        deadline=verdict.deadline,
        idle_since=verdict.idle_since,
        retention=policies.retention(policy, found.retention),
        rules=_running_rules(found, policy, made, now),
        notices=notices(found, None),
        signals=sorted(documents, key=lambda s: s.at, reverse=True) if signals is not None else None,
    )


def _not_running(workspace: Workspace, policy: Policy, now: datetime) -> Why:
    reason = workspace.stop_reason
    if workspace.goal is Goal.RUN:
        reason = f"It is to run, and is {workspace.phase.value} now."
        if workspace.failure is not None:
            reason += f" {workspace.failure.detail}".rstrip()
    due = next_step(workspace, policy, now)
    return Why(
        alive=False,
        reason=reason or "It was never started.",
        degraded="",
        stops_at=None,
        stops_by="",
        waits="",
        deadline=None,
        idle_since=None,
        retention=policies.retention(policy, workspace.retention),
        rules=_resting_rules(workspace, policy, now),
        notices=notices(workspace, due),
        signals=None,
    )


def _running_rules(workspace: Workspace, policy: Policy, made: Assessment, now: datetime) -> list[PolicyRule]:
    asked = workspace.retention
    kept, verdict = policies.retention(policy, asked), made.verdict
    ttl, life, hard = kept.ttl_seconds, kept.max_life_seconds, kept.hard_life_seconds
    idle_at = verdict.stops_at if verdict.rule == "idle" else None
    rules = [
        _rule("idle", f"{kept.on_idle} after {in_words(ttl)}" if ttl else "never", policies.ttl_origin(policy, asked)),
        _rule(
            "life",
            f"{kept.on_deadline} after {in_words(life)}" if life else "no cap",
            policies.life_origin(policy, asked),
        ),
    ]
    rules[0].next_at, rules[1].next_at = idle_at, verdict.deadline
    if hard:
        rules.append(_rule("ceiling", in_words(hard), policy.origin("hard_life_seconds")))
    return rules + _schedule_rule(workspace, policy, Turn.STOP, now)


def _resting_rules(workspace: Workspace, policy: Policy, now: datetime) -> list[PolicyRule]:
    rules = _schedule_rule(workspace, policy, Turn.START, now) if workspace.goal is Goal.STOP else []
    due = next_step(workspace, policy, now)
    if workspace.goal is Goal.STOP:
        days = (("archive", policy.archive_after_days), ("trash", policy.delete_after_days))
        members = {"archive": "archive_after_days", "trash": "delete_after_days"}
        for name, count in days:
            words = f"after {count} days at rest" if count else "never"
            rules.append(_rule(name, words, policy.origin(members[name])))
    if workspace.goal is not Goal.RUN:
        words = "at once" if workspace.purge else f"after {policy.trash_days} days in the trash"
        rules.append(_rule("purge", words, policy.origin("trash_days")))
    for rule in rules:
        if due is not None and rule.name == due.step.value:
            rule.next_at = due.at
    return rules


def _schedule_rule(workspace: Workspace, policy: Policy, turn: Turn, now: datetime) -> list[PolicyRule]:
    schedule, origin = policies.schedule_of(policy, workspace)
    if schedule is None:
        return []
    rule = _rule("schedule", schedules.describe(schedule), origin)
    coming = None if workspace.archived else schedules.upcoming(schedule, now, turn)
    rule.next_at = coming.at if coming is not None else None
    return [rule]


def _rule(name: str, value: str, origin: Origin) -> PolicyRule:
    return PolicyRule.model_validate({"name": name, "value": value, "set_by": origin, "next_at": None})
