"""Limits on what people may have and run: what is asked for, what is used, what is the ceiling; pure."""

from __future__ import annotations

from dataclasses import dataclass

from carrel.core.problems import Problem
from carrel.core.spec import Limits


@dataclass(frozen=True)
class Ceilings:
    """The most that a user may have; 0 means no limit (gpus: none)."""

    workspaces: int = 0
    """In number, the trash excluded."""
    running: int = 0
    """In number, with the goal `run`."""
    cpus: float = 0.0
    """Of one workspace."""
    memory_bytes: int = 0
    """Of one workspace."""
    gpus: int = 0
    """Of one workspace."""


@dataclass(frozen=True)
class Usage:
    """What counts against the ceilings now."""

    workspaces: int = 0
    running: int = 0


def check_limits(asked: Limits, ceilings: Ceilings) -> None:
    """Raise `over_quota` where one workspace asks for more than it may have, naming the limit."""
    for what, wanted, most, unit in (
        ("cpus", asked.cpus or 0, ceilings.cpus, ""),
        ("memory", asked.memory_bytes or 0, ceilings.memory_bytes, " bytes"),
    ):
        if most and wanted > most:
            raise _over(what, f"{wanted:g}{unit} asked for, at most {most:g}{unit} for one workspace")
    if asked.gpus > ceilings.gpus:
        raise _over("gpus", f"{asked.gpus} asked for, at most {ceilings.gpus} for one workspace")


def check_create(usage: Usage, ceilings: Ceilings) -> None:
    """Raise `over_quota` where one more workspace is one too many."""
    if ceilings.workspaces and usage.workspaces >= ceilings.workspaces:
        raise _over("workspaces", f"you have {usage.workspaces} of {ceilings.workspaces}", "Delete one of them.")


def check_run(usage: Usage, ceilings: Ceilings) -> None:
    """Raise `over_quota` where one more running workspace is one too many."""
    if ceilings.running and usage.running >= ceilings.running:
        raise _over("running", f"you run {usage.running} of {ceilings.running}", "Stop one of them.")


def _over(limit: str, detail: str, hint: str = "") -> Problem:
    return Problem("over_quota", f"The limit {limit!r}: {detail}.", hint=hint, extra={"limit": limit})
