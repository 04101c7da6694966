"""The step that reads the configuration and makes the plan of the environment."""

from __future__ import annotations

from dataclasses import replace

from carrel.core.events import Event
from carrel.core.problems import Problem
from carrel.server.reconcile.context import StepContext, StepResult
from carrel.server.reconcile.environment import Environment

ENDS_THE_START = frozenset({"choose_configuration", "no_engine", "engine_error", "no_space", "unavailable"})
"""Problems that a recovery workspace would not help with; all others lead to one."""


async def resolve_environment(context: StepContext) -> StepResult:
    """Resolve the wanted revision; a configuration that cannot be used gives a recovery workspace with the files."""
    log = context.log("build")
    await context.environments.credentials.check_secrets(context.workspace)  # before the build that may take long
    try:
        environment = await context.environments.resolve(context.workspace, context.runtime, log)
    except Problem as problem:
        if problem.kind in ENDS_THE_START:
            raise
        log(f"The configuration cannot be used: {problem}")
        return await recover(context, problem)
    return _resolved(context, environment)


async def recover(context: StepContext, problem: Problem) -> StepResult:
    """Put a recovery environment in the place of the wanted one (design.md: never a dead end)."""
    environment = await context.environments.recover(context.workspace, context.runtime, problem, context.log("build"))
    result = _resolved(context, environment)
    event = Event("recovery", {"kind": problem.kind, "detail": problem.detail})
    return replace(result, events=(*result.events, event), degraded=f"Recovery workspace: {problem}")


def _resolved(context: StepContext, environment: Environment) -> StepResult:
    workspace = context.workspace
    memory = replace(
        workspace.remembered,
        resolved=workspace.revision,
        environment=environment.digest,
        configuration_changed=(),
    )
    notices = tuple(
        Event(
            "notice",
            {"level": one.level, "subject": one.key, "place": one.place, "detail": one.message, "who": one.who},
        )
        for one in environment.plan.notices
    )
    summary = Event(
        "environment_resolved",
        {"config": environment.plan.config_path, "image": environment.image, "revision": workspace.revision},
    )
    return StepResult(remembered=memory, events=(summary, *notices), degraded="")
