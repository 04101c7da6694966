"""What a step works with: the workspace, what was seen of it, and the parts; what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from carrel.core.events import Event, Span
from carrel.core.workspace import Remembered, Workspace
from carrel.runtimes.contract import Log, Runtime
from carrel.server.reconcile.agents import Agents
from carrel.server.reconcile.environments import Environments
from carrel.server.reconcile.observe import Observation


@dataclass(frozen=True)
class StepContext:
    """Everything a step may use. `runtime` checks the lease before each call."""

    workspace: Workspace
    seen: Observation
    runtime: Runtime
    agents: Agents
    environments: Environments
    log: Callable[[str], Log]
    """A log stream by name; writing to it counts as progress."""
    now: Callable[[], datetime]


@dataclass(frozen=True)
class StepResult:
    """What a step that succeeded leaves to be recorded, besides the facts that anyone can see."""

    remembered: Remembered | None = None
    events: tuple[Event, ...] = ()
    spans: tuple[Span, ...] = ()
    degraded: str | None = None
    forget: bool = False
    """Nothing is left of the workspace but its events and the audit record."""


DONE = StepResult()
