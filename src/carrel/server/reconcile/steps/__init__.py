"""The steps: one async function each, idempotent, found in the table STEPS."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from carrel.core.lifecycle import Step
from carrel.server.reconcile.context import StepContext, StepResult
from carrel.server.reconcile.steps import containers, image, resolve, source, start, volumes

Perform = Callable[[StepContext], Awaitable[StepResult]]

STEPS: Mapping[Step, Perform] = {
    Step.ENSURE_TOOLBOX: start.ensure_toolbox,
    Step.CREATE_VOLUMES: volumes.create_volumes,
    Step.FETCH_SOURCE: source.fetch_source,
    Step.RESOLVE_ENVIRONMENT: resolve.resolve_environment,
    Step.PREPARE_IMAGE: image.prepare_image,
    Step.REMOVE_CONTAINERS: containers.remove_containers,
    Step.STOP_CONTAINERS: containers.stop_containers,
    Step.SEED_HOME: volumes.seed_home,
    Step.CREATE_CONTAINERS: containers.create_containers,
    Step.START_CONTAINERS: start.start_containers,
    Step.AWAIT_AGENT: start.await_agent,
    Step.REMOVE_VOLUMES: volumes.remove_volumes,
    Step.FORGET: volumes.forget,
}
"""How each step is performed."""

LONG_STEPS = frozenset({Step.ENSURE_TOOLBOX, Step.FETCH_SOURCE, Step.PREPARE_IMAGE, Step.AWAIT_AGENT})
"""Steps that may be silent for as long as the settings allow (`step_idle_seconds`): deadlines are measured in progress,
not in total time."""
SHORT_STEP_SECONDS = 120.0
"""How long any other step may be."""
