"""How a failed step ends: tried again after a while, or failed for good (style.md: retry, fail or warn)."""

from __future__ import annotations

from datetime import datetime, timedelta

from carrel.core.lifecycle import Step
from carrel.core.problems import Problem
from carrel.core.workspace import Failure

FOR_EVER = frozenset({"no_engine", "unavailable"})
"""Faults of the installation, not of the workspace: tried until they are gone (promise 3)."""
A_FEW_TIMES = frozenset(
    {
        "engine_error",
        "registry_unreachable",
        "source_unreachable",
        "toolbox_failed",
        "no_subnet",
        "no_progress",
        "agent_unreachable",
        "internal",
    }
)
ATTEMPTS = 3
LONGEST = timedelta(seconds=60)


def failure_of(step: Step, problem: Problem, previous: Failure | None, now: datetime) -> Failure:
    """The failure to record for `step`, with the time of the next try or none.

    Back-off doubles from 1 s to 60 s with the attempts of the same step.
    """
    attempts = previous.attempts + 1 if previous and previous.step == step else 1
    again = problem.kind in FOR_EVER or (problem.kind in A_FEW_TIMES and attempts < ATTEMPTS)
    pause = min(timedelta(seconds=2 ** min(attempts - 1, 10)), LONGEST)
    return Failure(
        step=step,
        kind=problem.kind,
        detail=problem.detail,
        hint=problem.hint,
        attempts=attempts,
        retry_at=now + pause if again else None,
    )
