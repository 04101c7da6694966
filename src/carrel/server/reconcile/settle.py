"""What to record when no step is to be taken: rest, policy of idleness and deadline, news from the agent."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from carrel.core.agent import AgentStatus, App, HookStatus, Progress, SignalKind
from carrel.core.events import Event, Span
from carrel.core.idle import Verdict
from carrel.core.keeping import Assessment, assess
from carrel.core.lifecycle import Decision
from carrel.core.policy import PLAIN, Policy, of_workspace
from carrel.core.port_events import port_events
from carrel.core.problems import PROBLEMS
from carrel.core.workspace import Failure, Goal, ListedApp, OnEnd, Phase, Workspace
from carrel.runtimes.contract import Log
from carrel.server.actions.scheduled import Starts
from carrel.server.reconcile.agents import Agents
from carrel.server.reconcile.observe import Observation
from carrel.server.reconcile.prebuild import prebuild_end
from carrel.server.reconcile.resting import resting
from carrel.server.reconcile.services import ends_of_services, trouble_with_services
from carrel.server.store.leases import Outcome

HOOKS_RUN = timedelta(seconds=1)
"""How soon to look again while hooks run after `waitFor`."""
APPS_START = timedelta(seconds=2)
"""How soon to look again while an app starts: its time is for the timeline only, nobody waits for it here."""
PEOPLE_HERE = timedelta(seconds=10)
"""How soon to look again while somebody is there, who wants to know of a port that begins to listen."""
ACTIVITY_STEP = timedelta(seconds=60)
"""Evidence that moves the idle stop by less is not worth an event."""
Stream = Callable[[str], Log]


@dataclass(frozen=True)
class Settle:
    """Makes the outcome of a turn without a step."""

    agents: Agents
    now: Callable[[], datetime]
    defaults: Policy = PLAIN
    """The installation's policy."""
    starts: Starts | None = None
    """Starts what a schedule starts; None: nothing does."""

    async def outcome(self, workspace: Workspace, seen: Observation, decision: Decision, stream: Stream) -> Outcome:
        """The outcome to record, with the time of the next look."""
        events: list[Event] = []
        if decision.phase is not workspace.phase:
            events.append(Event("phase_changed", {"phase": decision.phase, "previous": workspace.phase}))
        outcome = Outcome(
            generation=workspace.generation,
            start=workspace.start,
            phase=decision.phase,
            wake_at=decision.look_again_at,
        )
        if decision.phase is Phase.RUNNING and seen.status is not None:
            outcome = await self._running(workspace, seen, seen.status, outcome, stream)
        elif decision.phase in {Phase.STOPPED, Phase.DELETED}:
            outcome = await self._at_rest(workspace, decision, outcome)
        elif decision.problem:
            outcome = self._problem(workspace, decision, outcome)
        if decision.phase in {Phase.RUNNING, Phase.STOPPED, Phase.DELETED} and workspace.failure is not None:
            outcome = replace(outcome, clear_failure=True)
        return replace(outcome, events=(*events, *outcome.events))

    # --- running -------------------------------------------------------------------------------------------------

    async def _running(
        self, workspace: Workspace, seen: Observation, status: AgentStatus, outcome: Outcome, stream: Stream
    ) -> Outcome:
        now = self.now()
        decision_time = outcome.wake_at if isinstance(outcome.wake_at, datetime) else None
        memory = workspace.remembered
        if seen.runtime.endpoint is not None:
            memory = await self.agents.copy_logs(workspace, seen.runtime.endpoint, status, stream)
            memory = replace(memory, endpoint=seen.runtime.endpoint)  # the server of `await_agent` may have died of it
        since = workspace.running_since or now
        events: list[Event] = []
        spans: list[Span] = []
        if workspace.running_since is None:
            took = now - (workspace.goal_at or now)
            events.append(Event("ready", {"took_ms": round(took.total_seconds() * 1000)}))
        told = set(memory.hooks_told)
        for hook in status.hooks:
            if hook.ended is None or hook.state is Progress.SKIPPED or hook.run() in told:
                continue
            told.add(hook.run())
            events.append(hook_event(hook))
            if hook.began is not None:
                spans.append(Span("hooks", hook.began, hook.ended, workspace.start, f"{hook.stage} {hook.origin}"))
        spans += app_spans(status, memory.apps_told, workspace.start)
        ends, ends_told = ends_of_services(seen, memory.services_told)
        events += ends
        if not workspace.is_prebuild:
            of_ports, ports_told = port_events(status, memory.ports_told)
            events += of_ports
            memory = replace(memory, ports_told=ports_told)
        found = assess(workspace, of_workspace(self.defaults, workspace), since, status.signals, now)
        verdict = found.verdict
        last = max((s.at for s in status.signals), default=since)
        moved = workspace.last_activity_at is None or last - workspace.last_activity_at > ACTIVITY_STEP
        if moved and last > since and verdict.end is None:
            newest = max(status.signals, key=lambda s: s.at)
            events.append(activity_event(newest.kind, verdict))
        environment = seen.environment
        if set(status.configuration_changed) - set(memory.configuration_changed):
            events.append(Event("configuration_changed", {"files": list(status.configuration_changed)}))
        memory = replace(memory, configuration_changed=status.configuration_changed)
        memory = replace(memory, services_told=ends_told, apps_told=answering(status, memory.apps_told))
        outcome = replace(
            outcome,
            apps=tuple(map(listed, environment.apps())) if environment else None,
            remembered=replace(memory, hooks_told=tuple(sorted(told))),
            running_since=since,
            last_activity_at=max(last, since),
            deadline=verdict.deadline,
            stops_at=verdict.stops_at,
            cleared=frozenset(name for name in ("deadline", "stops_at") if getattr(verdict, name) is None),
            degraded=degraded(seen, status, now),
            spans=tuple(spans),
            wake_at=next_look(decision_time, status, found, now),
        )
        if workspace.is_prebuild and environment is not None:
            return prebuild_end(workspace, status, replace(outcome, events=tuple(events)), environment.plan)
        memory = replace(outcome.remembered or memory, policy=found.memory)
        return self._policy(workspace, replace(outcome, remembered=memory), found, events)

    def _policy(self, workspace: Workspace, outcome: Outcome, found: Assessment, events: list[Event]) -> Outcome:
        """Act on the verdict: policy asks for another goal in the same way as a person does."""
        verdict = found.verdict
        for warned in found.warnings:
            data = {"at": warned.at.isoformat(), "rule": warned.rule, "reason": warned.reason}
            events.append(Event("ending_soon", data))
        if verdict.end is not None:
            goal = Goal.STOP if verdict.end is OnEnd.STOP else Goal.DELETE
            in_trash = timedelta(days=of_workspace(self.defaults, workspace).trash_days)
            purge_after = self.now() + in_trash if goal is Goal.DELETE else None
            events.append(Event("goal_changed", {"goal": goal, "by": "policy", "reason": verdict.reason}))
            events.append(Event("stopping", {"reason": verdict.reason}))
            return replace(
                outcome,
                goal=goal,
                purge_after=purge_after,
                stop_reason=verdict.reason,
                wake_at=timedelta(0),
                events=tuple(events),
            )
        if verdict.extended and verdict.deadline is not None:
            events.append(Event("extended", {"until": verdict.deadline.isoformat(), "signal": verdict.reason}))
        return replace(outcome, events=tuple(events))

    # --- at rest -------------------------------------------------------------------------------------------------

    async def _at_rest(self, workspace: Workspace, decision: Decision, outcome: Outcome) -> Outcome:
        policy = of_workspace(self.defaults, workspace)
        outcome = await resting(workspace, policy, replace(outcome, ended=True), self.now(), self.starts)
        if decision.phase is workspace.phase:
            return outcome
        if decision.phase is Phase.STOPPED:
            return replace(outcome, events=(Event("stopped", {"reason": workspace.stop_reason}), *outcome.events))
        date = workspace.purge_after.isoformat() if workspace.purge_after else ""
        return replace(outcome, events=(Event("deleted", {"purge_after": date}), *outcome.events))

    def _problem(self, workspace: Workspace, decision: Decision, outcome: Outcome) -> Outcome:
        """A problem that the facts show (a lost volume) is kept as a failure, and told once."""
        if workspace.failure is not None and workspace.failure.kind == decision.problem:
            return outcome
        row = PROBLEMS[decision.problem]
        failure = Failure(step="", kind=row.kind, detail="", hint=row.hint)
        event = Event("failed", {"step": "", "kind": row.kind, "detail": row.title, "hint": row.hint})
        return replace(outcome, failure=failure, events=(event,))


def hook_event(hook: HookStatus) -> Event:
    """How the end of a hook is told."""
    data = {"stage": hook.stage, "name": hook.name, "origin": hook.origin, "exit_code": hook.exit_code}
    if hook.state is Progress.FAILED:
        return Event("hook_failed", data | {"log": hook.stream(), "detail": hook.detail})
    return Event("hook_finished", data)


def listed(app: App) -> ListedApp:
    """An app as lists show it."""
    return ListedApp(app.name, app.title, app.icon, app.open_path, app.share)


def app_spans(status: AgentStatus, told: Collection[str], start: int) -> list[Span]:
    """How long each app took from its process to its first answer, once in a start."""
    return [
        Span("app", app.began, app.answered, start, app.name)
        for app in status.apps
        if app.began is not None and app.answered is not None and app.name not in told
    ]


def answering(status: AgentStatus, told: Collection[str]) -> tuple[str, ...]:
    """Apps that have answered in this start, those that an agent before this one told of among them."""
    return tuple(sorted({*told, *(app.name for app in status.apps if app.answered is not None)}))


def activity_event(kind: SignalKind, verdict: Verdict) -> Event:
    """How evidence that moved the idle stop is told."""
    return Event("activity", {"signal": kind, "until": verdict.stops_at.isoformat() if verdict.stops_at else ""})


def degraded(seen: Observation, status: AgentStatus, now: datetime) -> str:
    """Why a person should look although it runs."""
    if seen.environment is not None and seen.environment.plan.recovery:
        return f"Recovery workspace: {seen.environment.plan.recovery}"
    return f"{status.degraded} {trouble_with_services(seen, now)}".strip()


def next_look(rest: datetime | None, status: AgentStatus, found: Assessment, now: datetime) -> datetime | None:
    """When to look again: soon while hooks run or apps start, in time for the next stop and its warning."""
    if any(hook.state in {Progress.RUNNING, Progress.PENDING} for hook in status.hooks):
        return now + HOOKS_RUN
    if any(app.state is Progress.RUNNING for app in status.apps):
        return now + APPS_START
    if status.people:
        rest = min(rest, now + PEOPLE_HERE) if rest is not None else now + PEOPLE_HERE
    if rest is None:
        return None
    dates = [date for date in (found.verdict.stops_at, found.look_at) if date is not None]
    return max(now + HOOKS_RUN, min([rest, *dates])) if dates else rest
