"""What became of each hook: which stages ran, when they count as done, what is left to do. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from carrel.core.agent import AgentPlan, CommandLine, Hook, HookStatus, Progress
from carrel.core.secret import Secret

STAGES = ("onCreate", "updateContent", "postCreate", "dotfiles", "postStart", "postAttach")
PER_CREATION = frozenset({"onCreate", "updateContent", "postCreate", "dotfiles"})
"""Run once for each creation of the container; the others once for each run of it."""
FORGIVEN = frozenset({"dotfiles"})
"""A failure of these neither stops later stages nor degrades the workspace (C401)."""
LOG_PREFIX = "hook/"


@dataclass(frozen=True)
class Era:
    """Which creation and which run of the container is now."""

    creation: str
    boot_id: str

    def key(self, stage: str) -> str:
        """A stage that ran under this key is not run again."""
        return self.creation if stage in PER_CREATION else self.boot_id


@dataclass(frozen=True)
class Task:
    """One command of a hook."""

    stage: str
    origin: str
    name: str
    command: CommandLine
    log: str
    """Also the name of its holder."""
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    """Variables of this command alone."""


@dataclass(frozen=True)
class Outcome:
    """What is recorded of one task."""

    stage: str
    origin: str
    name: str
    log: str
    key: str
    """Era.key of its stage when it ran."""
    boot_id: str
    """The run of the container in which it ran."""
    state: Progress
    exit_code: int | None = None
    began: datetime | None = None
    ended: datetime | None = None
    detail: str = ""


@dataclass(frozen=True)
class Ledger:
    """All that is recorded; kept in the container's own layer."""

    outcomes: tuple[Outcome, ...] = ()

    def of_now(self, era: Era) -> Ledger:
        """Without what is out of date: another creation or run, or interrupted by the end of the container's run.

        A command that was running when the container stopped did not fail; it is run again.
        """
        kept = (
            outcome
            for outcome in self.outcomes
            if outcome.key == era.key(outcome.stage)
            and (outcome.state is not Progress.RUNNING or outcome.boot_id == era.boot_id)
        )
        return Ledger(tuple(kept))

    def has_run(self, tasks: Iterable[Task]) -> bool:
        """Whether one of the tasks is recorded: the mark is made before the command starts (C389)."""
        logs = {task.log for task in tasks}
        return any(outcome.log in logs for outcome in self.outcomes)

    def get(self, log: str) -> Outcome | None:
        """The record of a task."""
        return next((outcome for outcome in self.outcomes if outcome.log == log), None)

    def with_outcome(self, outcome: Outcome) -> Ledger:
        """With `outcome` in the place of an earlier one of the same task."""
        return Ledger((*(o for o in self.outcomes if o.log != outcome.log), outcome))

    def without(self, stage: str) -> Ledger:
        """With the stage forgotten, so that it runs again."""
        return Ledger(tuple(outcome for outcome in self.outcomes if outcome.stage != stage))

    def failure(self, stages: Iterable[str] = STAGES) -> Outcome | None:
        """The first failed task of these stages, forgiven ones left out."""
        wanted = [stage for stage in stages if stage not in FORGIVEN]
        failed = [o for o in self.outcomes if o.state is Progress.FAILED and o.stage in wanted]
        return min(failed, key=lambda o: STAGES.index(o.stage), default=None)


def tasks_of(hooks: Iterable[Hook], stage: str) -> list[list[Task]]:
    """The stage's tasks: hooks in order, those of one hook together (C383, C400); empty commands are left out (C385)."""
    groups = []
    for position, hook in enumerate(hook for hook in hooks if hook.stage == stage):
        group = [
            Task(stage, hook.origin, name, command, _log_name(stage, position, name), hook.secrets)
            for name, command in hook.commands.items()
            if command
        ]
        if group:
            groups.append(group)
    return groups


def _log_name(stage: str, position: int, name: str) -> str:
    suffix = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:40]
    return f"{stage}-{position}" + (f"-{suffix}" if suffix else "")


def pending_stages(plan: AgentPlan, ledger: Ledger, era: Era) -> list[str]:
    """Stages that are still to run, in order; those after a failure in this run of the container are not (C386)."""
    current = ledger.of_now(era)
    to_run: list[str] = []
    for stage in STAGES:
        if any(o.stage == stage and o.state is Progress.FAILED and o.boot_id == era.boot_id for o in current.outcomes):
            if stage not in FORGIVEN:
                return to_run
            continue
        is_unfinished = any(o.stage == stage and o.state is Progress.RUNNING for o in current.outcomes)
        tasks = [task for group in tasks_of(plan.hooks, stage) for task in group]
        if tasks and (is_unfinished or not current.has_run(tasks)):
            to_run.append(stage)
    return to_run


def statuses(plan: AgentPlan, ledger: Ledger, era: Era, *, is_over: bool) -> tuple[HookStatus, ...]:
    """Every task of the plan, in order, with what became of it.

    Args:
        plan: the plan of this start.
        ledger: what is recorded.
        era: now.
        is_over: nothing more will run; what has not run was skipped.
    """
    current = ledger.of_now(era)
    rows: list[HookStatus] = []
    for stage in STAGES:
        for group in tasks_of(plan.hooks, stage):
            rows.extend(_status(task, current.get(task.log), is_over=is_over) for task in group)
    return tuple(rows)


def _status(task: Task, outcome: Outcome | None, *, is_over: bool) -> HookStatus:
    log = LOG_PREFIX + task.log
    if outcome is None:
        return HookStatus(task.stage, task.origin, task.name, Progress.SKIPPED if is_over else Progress.PENDING, log)
    return HookStatus(
        stage=task.stage,
        origin=task.origin,
        name=task.name,
        state=outcome.state,
        log=log,
        exit_code=outcome.exit_code,
        began=outcome.began,
        ended=outcome.ended,
        detail=outcome.detail,
    )


def degradation(ledger: Ledger, era: Era) -> str:
    """Why a person should look, as a sentence; empty when no hook that counts has failed."""
    failed = ledger.of_now(era).failure()
    if failed is None:
        return ""
    what = f"{failed.stage} {failed.name!r}" if failed.name else failed.stage
    how = failed.detail or f"failed with exit code {failed.exit_code}"
    return f"The hook {what} ({failed.origin}) {how}."


def finished(outcome: Outcome, code: int | None, ended: datetime, detail: str = "") -> Outcome:
    """The record of a task that has ended; `code` None: nobody knows how."""
    state = Progress.DONE if code == 0 else Progress.FAILED
    if code is None and not detail:
        detail = "was lost: its process was killed from outside"
    elif code is not None and code < 0 and not detail:
        detail = f"was killed by signal {-code}"
    return replace(
        outcome, state=state, exit_code=None if code is None else _shell_code(code), ended=ended, detail=detail
    )


def _shell_code(code: int) -> int:
    """As a shell reports it: 128 + signal."""
    return code if code >= 0 else 128 - code
