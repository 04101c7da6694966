"""Running life-cycle hooks: stages in order, each command in a holder, so that the agent may die in the middle."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from carrel.agent.capped_log import CappedLog
from carrel.agent.changes import Changes
from carrel.agent.holding import Holder, Holders, Manner
from carrel.agent.hook_ledger import (
    STAGES,
    Era,
    Ledger,
    Outcome,
    Task,
    degradation,
    finished,
    pending_stages,
    statuses,
    tasks_of,
)
from carrel.agent.process import Command
from carrel.agent.state_folder import StateFolder
from carrel.agent.user_env import Environment, system_shell
from carrel.core.agent import AgentPlan, HookStatus, Progress
from carrel.core.problems import Problem
from carrel.core.records import dump, load

log = logging.getLogger("carrel.agent")

LEDGER_FILE = "hooks"
HOLDER_START_SECONDS = 1.0
STOP_SECONDS = 10.0
"""PID 1 ends everything sooner than that."""
CALLER_ENV = {"TERM": "xterm-256color", "PAGER": "cat", "GIT_PAGER": "cat", "GIT_TERMINAL_PROMPT": "0"}
"""A terminal to print to, and nobody to page for or to ask for a password."""


class Hooks:
    """The hooks of one run of the container."""

    def __init__(self, state: StateFolder, era: Era, changes: Changes) -> None:
        """Go on from what is recorded in `state`."""
        self._state = state
        self._era = era
        self._changes = changes
        self._holders = Holders(state.folder("hooks"))
        self._ledger = load(Ledger, state.read(LEDGER_FILE) or {}).of_now(era)
        self._plan = AgentPlan()
        self._environment: Environment | None = None
        self._is_running = False
        self._is_over = False
        self._is_attach_served = True
        """The start itself runs postAttach, for the first who attaches."""

    def statuses(self) -> tuple[HookStatus, ...]:
        """Every task of the plan."""
        return statuses(self._plan, self._ledger, self._era, is_over=self._is_over)

    def is_over(self) -> bool:
        """Whether nothing is left to run."""
        return self._is_over

    def degradation(self) -> str:
        """Why a person should look."""
        return degradation(self._ledger, self._era)

    def log_path(self, name: str) -> str:
        """Path of a task's log, by its name without the prefix."""
        return self._holders.get(name).log

    async def run(self, plan: AgentPlan, environment: Environment, ready: Callable[[], None]) -> None:
        """Run what is left to run; `ready` is called when `plan.wait_for` is done, or nothing more will be.

        Commands that an earlier agent started are waited for, not started again.
        """
        self._plan, self._environment = plan, environment
        if self._is_running:
            return
        await self._run_stages(ready)

    async def _run_stages(self, ready: Callable[[], None]) -> None:
        self._is_running, self._is_over = True, False
        try:
            for stage in STAGES:
                if self._is_past_wait(stage):
                    ready()
                pending = pending_stages(self._plan, self._ledger, self._era)
                if stage in pending:
                    await self._run_stage(stage)
        finally:
            self._is_running, self._is_over = False, True
            self._changes.note()
            ready()

    def _is_past_wait(self, stage: str) -> bool:
        wait_for = self._plan.wait_for
        return wait_for == "initialize" or STAGES.index(stage) > STAGES.index(wait_for)

    async def _run_stage(self, stage: str) -> None:
        for group in tasks_of(self._plan.hooks, stage):
            outcomes = await asyncio.gather(*(self._run_task(task) for task in group))
            if any(outcome.state is Progress.FAILED for outcome in outcomes):
                return

    def take_environment(self, environment: Environment) -> None:
        """Commands from now on have this environment."""
        if self._environment is not None:
            self._environment = environment

    def check_rerun(self, stage: str) -> None:
        """Whether a stage can be run again now.

        Raises:
            Problem: `bad_value`, or `wrong_state` while hooks run or before `begin`.
        """
        if stage not in STAGES:
            raise Problem("bad_value", f"{stage!r} is no stage.", f"The stages are {', '.join(STAGES)}.")
        if self._is_running or self._environment is None:
            raise Problem("wrong_state", "The hooks are still running.", "Wait until they have ended.")

    async def rerun(self, stage: str, ready: Callable[[], None]) -> None:
        """Run a stage again, and then what a failure had kept from running. Raises as `check_rerun`."""
        self.check_rerun(stage)
        self._keep(self._ledger.without(stage))
        await self._run_stages(ready)

    async def attach(self) -> None:
        """Somebody came: run postAttach (C392), unless this start has just done so, or an earlier hook failed."""
        was_served, self._is_attach_served = self._is_attach_served, False
        if was_served or self._is_running or self._environment is None:
            return
        if self._ledger.of_now(self._era).failure(STAGES[:-1]) is None:
            self._keep(self._ledger.without("postAttach"))
            await self._run_stages(lambda: None)

    async def _run_task(self, task: Task) -> Outcome:
        known = self._ledger.get(task.log)
        if known is not None and known.state is not Progress.RUNNING:
            return known
        key = self._era.key(task.stage)
        outcome = known or Outcome(
            task.stage,
            task.origin,
            task.name,
            task.log,
            key,
            self._era.boot_id,
            Progress.RUNNING,
            began=datetime.now(UTC),
        )
        try:
            if known is None:
                self._record(outcome)
            if known is None or not await self._was_started(task):
                await self._start(task)
            outcome = await self._await(task, outcome)
        except OSError as error:
            self._explain(task, error)
            outcome = finished(outcome, 127, datetime.now(UTC), f"cannot be executed: {error.strerror}")
        log.info("hook_ended stage=%s log=%s state=%s", task.stage, task.log, outcome.state.value)
        self._record(outcome)
        return outcome

    async def _was_started(self, task: Task) -> bool:
        """Whether an earlier agent got as far as starting it; a holder may just be on its way."""
        holder = self._holders.get(task.log)
        if not holder.record():
            await asyncio.sleep(HOLDER_START_SECONDS)
        return bool(holder.record())

    async def _start(self, task: Task) -> None:
        assert self._environment is not None  # noqa: S101  run() sets it
        environment = self._environment
        argv = (system_shell(), "-c", task.command) if isinstance(task.command, str) else task.command
        own = {name: secret.reveal() for name, secret in task.secrets.items()}
        variables = environment.variables(CALLER_ENV) | own
        command = Command(argv, variables, environment.folder, environment.user)
        masked = (*environment.masked, *own.values())
        await self._holders.start(task.log, command, Manner(tty=True, masked=masked))

    async def _await(self, task: Task, outcome: Outcome) -> Outcome:
        holder = self._holders.get(task.log)
        assert outcome.began is not None  # noqa: S101  every outcome that runs has begun
        left = self._plan.hook_timeout_seconds - (datetime.now(UTC) - outcome.began).total_seconds()
        ended = holder.exit()
        if ended is None:
            try:
                async with asyncio.timeout(max(0.0, left)):
                    ended = await holder.ended()
            except TimeoutError:
                return await self._overdue(holder, outcome)
        if ended is None:
            return finished(outcome, None, datetime.now(UTC))
        if ended.interrupted:
            # The workspace stops, and so shall we: the record stays as it is, so that the next start runs it again.
            await asyncio.sleep(STOP_SECONDS)
        return finished(outcome, ended.code, ended.ended)

    async def _overdue(self, holder: Holder, outcome: Outcome) -> Outcome:
        await holder.terminate()
        ended = holder.exit()
        detail = f"was ended after its time limit of {self._plan.hook_timeout_seconds:g} s"
        return finished(outcome, ended.code if ended and ended.code else None, datetime.now(UTC), detail)

    def _explain(self, task: Task, error: OSError) -> None:
        with suppress(OSError):
            written = CappedLog(self._holders.get(task.log).log)
            written.write(f"carrel: {error}\n".encode())
            written.close()

    def _record(self, outcome: Outcome) -> None:
        self._keep(self._ledger.with_outcome(outcome))

    def _keep(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._state.write(LEDGER_FILE, dump(ledger))
        self._changes.note()
