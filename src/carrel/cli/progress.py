"""The steps of what is under way, made of a workspace's events: what is done, what takes how long."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from carrel.core.workspace import Phase

LABELS: dict[str, str] = {
    Phase.PENDING: "Prepare",
    Phase.CLONING: "Fetch the source",
    Phase.BUILDING: "Build the environment",
    Phase.STARTING: "Start",
    Phase.RUNNING: "Ready",
    Phase.STOPPING: "Stop",
    Phase.STOPPED: "Stopped",
    Phase.DELETING: "Remove",
    Phase.DELETED: "Removed",
    Phase.FAILED: "Failed",
}
"""What a person reads while the workspace is in a phase."""
AT_REST = frozenset({Phase.RUNNING, Phase.STOPPED, Phase.DELETED, Phase.FAILED})
"""Phases that end by a wish only: they are no steps."""


class Happening(Protocol):
    """What is needed of an event."""

    @property
    def kind(self) -> str:
        """A key of core.events.EVENTS."""

    @property
    def at(self) -> datetime | None:
        """When."""

    @property
    def data(self) -> dict[str, Any]:
        """Its particulars."""


@dataclass
class Step:
    """One phase that was entered."""

    phase: str
    began: datetime
    ended: datetime | None = None
    failed: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """For people."""
        return LABELS.get(self.phase, self.phase)

    def took(self, now: datetime) -> timedelta:
        """Until it ended, or until now."""
        return max(timedelta(), (self.ended or now) - self.began)


@dataclass
class Progress:
    """Steps in their order, and what a person should know besides."""

    began: datetime
    phase: str = Phase.PENDING
    steps: list[Step] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def feed(self, event: Happening) -> None:
        """Take note of an event."""
        at = event.at or self.began
        if event.kind == "phase_changed":
            self.enter(str(event.data.get("phase", "")), at)
        elif (remark := _remark(event)) and self.steps:
            self.steps[-1].notes.append(remark)
        elif (warning := _warning(event)) and warning not in self.warnings:
            self.warnings.append(warning)

    def enter(self, phase: str, at: datetime) -> None:
        """It is in another phase."""
        self.phase = phase
        if self.steps and self.steps[-1].ended is None:
            self.steps[-1].ended = at
            self.steps[-1].failed = phase == Phase.FAILED
        if phase not in AT_REST:
            self.steps.append(Step(phase, at))


def _remark(event: Happening) -> str:
    """What belongs beside the step."""
    data = event.data
    if event.kind == "source_fetched":
        return " ".join(part for part in (_text(data, "branch"), _text(data, "commit")[:10]) if part)
    if event.kind == "environment_resolved":
        return _text(data, "config") or "no devcontainer.json: the default image"
    if event.kind == "image_ready" and data.get("built") is False:
        return "nothing had to be built"
    return ""


def _warning(event: Happening) -> str:
    """What a person should read even when all goes well."""
    data = event.data
    if event.kind == "step_failed":
        return f"{_text(data, 'step')} failed and is tried again: {_text(data, 'detail')}"
    if event.kind == "recovery":
        return f"The environment could not be made; a recovery workspace with your files is started: {_text(data, 'detail')}"
    if event.kind == "hook_failed":
        return (
            f"The hook {_text(data, 'stage')} of {_text(data, 'origin')} failed with status {_text(data, 'exit_code')}"
        )
    if event.kind == "container_ended":
        why = "out of memory" if data.get("out_of_memory") else f"status {_text(data, 'exit_code')}"
        return f"The container ended ({why}) and is started again"
    if event.kind == "notice" and data.get("level") != "info":
        who = _text(data, "who")
        allowed = f" ({who} can allow it)" if who else ""
        place = f" ({_text(data, 'place')})" if _text(data, "place") else ""
        return f"{_text(data, 'subject')}{place}: {_text(data, 'detail')}{allowed}"
    return ""


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    return "" if value is None else str(value)
