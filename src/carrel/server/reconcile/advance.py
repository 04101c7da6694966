"""Advances one workspace under its lease: observe, decide, perform one step, record; again until nothing is to do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import structlog

from carrel.core.events import Event, Span
from carrel.core.lifecycle import Step, decide
from carrel.core.problems import Problem
from carrel.core.workspace import Failure, Phase, Workspace
from carrel.runtimes.contract import Runtime
from carrel.server.reconcile.agents import Agents
from carrel.server.reconcile.context import StepContext, StepResult
from carrel.server.reconcile.environments import Environments
from carrel.server.reconcile.lease import GuardedRuntime, Lease, LeaseLostError
from carrel.server.reconcile.logs import LogSink
from carrel.server.reconcile.news import news, together
from carrel.server.reconcile.observe import Observation, Observer
from carrel.server.reconcile.retry import failure_of
from carrel.server.reconcile.secret_updates import bring_secrets
from carrel.server.reconcile.settle import Settle
from carrel.server.reconcile.steps import LONG_STEPS, SHORT_STEP_SECONDS, Perform
from carrel.server.store.leases import Leases, Outcome

log = structlog.get_logger(__name__)
SPANS: Mapping[Step, str] = {
    Step.ENSURE_TOOLBOX: "toolbox",
    Step.CREATE_VOLUMES: "volumes",
    Step.FETCH_SOURCE: "source",
    Step.RESOLVE_ENVIRONMENT: "environment",
    Step.PREPARE_IMAGE: "build",
    Step.SEED_HOME: "home",
    Step.CREATE_CONTAINERS: "create",
    Step.START_CONTAINERS: "start",
    Step.AWAIT_AGENT: "agent",
    Step.STOP_CONTAINERS: "stop",
    Step.REMOVE_CONTAINERS: "remove",
    Step.REMOVE_VOLUMES: "purge",
    Step.FORGET: "forget",
}
"""What the timeline calls the time of a step."""
RESTING = frozenset({Phase.PENDING, Phase.STOPPED, Phase.FAILED, Phase.DELETED})
OBSERVE = "observe"
"""Stands for a step in the failure of an observation: no rung has it, so it holds nothing back."""


@dataclass(frozen=True)
class Advance:
    """Everything it takes to advance a workspace."""

    leases: Leases
    runtime: Runtime
    agents: Agents
    environments: Environments
    steps: Mapping[Step, Perform]
    settle: Settle
    now: Callable[[], datetime]
    idle_seconds: float = 600.0
    """How long a long step may be silent."""

    async def run(self, workspace: Workspace, lease: Lease) -> None:
        """Advance until at rest, or until the lease is lost."""
        sink = LogSink(workspace.id, self.leases.append_log)
        current: Workspace | None = workspace
        try:
            while current is not None:
                current = await self._once(current, lease, sink)
        except LeaseLostError:
            log.warning("lease_lost", workspace=workspace.id)
        finally:
            await sink.close()

    async def _once(self, workspace: Workspace, lease: Lease, sink: LogSink) -> Workspace | None:
        """One turn; returns the workspace as it is now, or None when it is at rest."""
        runtime = cast("Runtime", GuardedRuntime(self.runtime, lease))
        try:
            seen = await self._observer(runtime).observe(workspace, self.now())
        except Problem as problem:
            await self._observation_failed(workspace, lease, problem)
            return None
        decision = decide(workspace.goal, seen.facts, workspace.failure, self.now())
        if decision.step is None:
            outcome = await self.settle.outcome(workspace, seen, decision, sink.stream)
            if decision.phase is Phase.RUNNING:
                told = await bring_secrets(self.agents, self.environments.credentials, workspace, seen)
                outcome = replace(outcome, events=(*outcome.events, *told))
            await sink.flush()  # who is told of a hook's end finds its whole log
            if outcome.wake_at is not None and outcome.wake_at == decision.look_again_at:
                outcome = replace(outcome, wake_at=together(decision.look_again_at))
            await self._record(workspace, lease, replace(news(outcome, workspace), release=True))
            return None
        if decision.phase is not workspace.phase:
            await self._record(workspace, lease, self._phase_change(workspace, decision.phase))
        outcome = await self._take(decision.step, workspace, seen, lease, sink)
        await sink.flush()
        await self._record(workspace, lease, outcome)
        return None if outcome.release else await self._renew(workspace, lease)

    def _observer(self, runtime: Runtime) -> Observer:
        return Observer(runtime, self.environments, self.agents, self.settle.defaults)

    async def _observation_failed(self, workspace: Workspace, lease: Lease, problem: Problem) -> None:
        failure = failure_of(cast("Step", OBSERVE), problem, workspace.failure, self.now())
        pause = failure.retry_at or self.now()
        await self._record(workspace, lease, outcome_of(workspace, failure=failure, wake_at=pause, release=True))

    def _phase_change(self, workspace: Workspace, phase: Phase) -> Outcome:
        event = Event("phase_changed", {"phase": phase, "previous": workspace.phase})
        return outcome_of(workspace, phase=phase, events=(event,))

    async def _take(self, step: Step, workspace: Workspace, seen: Observation, lease: Lease, sink: LogSink) -> Outcome:
        """Perform `step`; its outcome, also when it failed or was not wanted any more."""
        began = self.now()
        context = StepContext(
            workspace=workspace,
            seen=seen,
            runtime=cast("Runtime", GuardedRuntime(self.runtime, lease)),
            agents=self.agents,
            environments=self.environments,
            log=sink.stream,
            now=self.now,
        )
        try:
            result = await self._perform(step, context, lease, sink)
        except Problem as problem:
            return self._failed(step, workspace, problem)
        except LeaseLostError:
            raise
        except Exception as error:
            log.exception("step_broke", workspace=workspace.id, step=step)
            return self._failed(step, workspace, Problem("internal", f"{type(error).__name__} in step {step}."))
        if result is None:
            return outcome_of(workspace)
        span = Span(SPANS[step], began, self.now(), workspace.start)
        return outcome_of(
            workspace,
            remembered=result.remembered,
            degraded=result.degraded,
            clear_failure=True,
            events=result.events,
            spans=(*_waited(workspace, began), *result.spans, span),
            forget=result.forget,
            release=result.forget,
        )

    async def _perform(self, step: Step, context: StepContext, lease: Lease, sink: LogSink) -> StepResult | None:
        """The step's result, or None where it was cancelled because the intent changed. The lease is kept meanwhile."""
        sink.last_line_at = time.monotonic()
        work = asyncio.ensure_future(self.steps[step](context))
        keep = asyncio.create_task(self._keep(step, context.workspace, lease, sink))
        both: set[asyncio.Future[Any]] = {work, keep}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            keep.result()
            return None
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    async def _keep(self, step: Step, workspace: Workspace, lease: Lease, sink: LogSink) -> None:
        """Keep the lease; return when the intent has changed. Raises LeaseLostError, or Problem `no_progress`."""
        limit = self.idle_seconds if step in LONG_STEPS else min(SHORT_STEP_SECONDS, self.idle_seconds)
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(lease.seconds / 3):
                    await self.leases.wait_for_change(workspace.id)
            current = await _to_its_end(self._renew(workspace, lease))
            if intent(current) != intent(workspace):
                log.info("step_not_wanted", workspace=workspace.id, step=step, goal=current.goal)
                return
            if time.monotonic() - sink.last_line_at > limit:
                raise Problem("no_progress", f"The step {step} has been silent for {limit:.0f} s.")

    async def _renew(self, workspace: Workspace, lease: Lease) -> Workspace:
        asked_at = lease.now()
        current = await self.leases.renew(workspace.id, lease.token, lease.seconds)
        if current is None:
            raise LeaseLostError
        lease.renewed(asked_at)
        return current

    def _failed(self, step: Step, workspace: Workspace, problem: Problem) -> Outcome:
        failure = failure_of(step, problem, workspace.failure, self.now())
        log.warning("step_failed", workspace=workspace.id, step=step, kind=failure.kind, attempts=failure.attempts)
        return outcome_of(workspace, failure=failure, events=(failure_event(failure),))

    async def _record(self, workspace: Workspace, lease: Lease, outcome: Outcome) -> None:
        if not await self.leases.record(workspace.id, lease.token, outcome):
            raise LeaseLostError


async def _to_its_end(asking: Coroutine[Any, Any, Workspace]) -> Workspace:
    """Await a question to the store also where the asker is cancelled: one that is cut off costs its connection."""
    task = asyncio.ensure_future(asking)
    try:
        return await asyncio.shield(task)
    finally:
        await asyncio.gather(task, return_exceptions=True)


def outcome_of(workspace: Workspace, **changes: Any) -> Outcome:
    """An outcome of work on `workspace` as it was read."""
    return Outcome(generation=workspace.generation, **changes)


def _waited(workspace: Workspace, began: datetime) -> tuple[Span, ...]:
    """From the accepted wish to the first step of it: how long it waited for a server."""
    began_before = workspace.phase is Phase.PENDING and workspace.remembered.toolbox
    if workspace.goal_at is None or began_before or workspace.phase not in RESTING:
        return ()
    return (Span("wait", workspace.goal_at, began, workspace.start),)


def failure_event(failure: Failure) -> Event:
    """How a failure is told."""
    data = {"step": failure.step, "kind": failure.kind, "detail": failure.detail}
    if failure.retry_at is None:
        return Event("failed", data | {"hint": failure.hint})
    return Event("step_failed", data | {"retry_at": failure.retry_at.isoformat()})


def intent(workspace: Workspace) -> tuple[object, ...]:
    """What a step serves: when it changes, the step under way may not be wanted any more."""
    return (workspace.goal, workspace.revision, workspace.start, workspace.purge)
