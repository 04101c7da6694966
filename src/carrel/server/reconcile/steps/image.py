"""The step that makes all images of the environment present: pull, then build in order."""

from __future__ import annotations

from dataclasses import replace

from carrel.core.events import Event
from carrel.core.problems import Problem
from carrel.server.reconcile.context import DONE, StepContext, StepResult
from carrel.server.reconcile.steps.resolve import recover

LEADS_TO_RECOVERY = frozenset(
    {"build_failed", "image_missing", "registry_denied", "refused_by_policy", "feature_failed"}
)


async def prepare_image(context: StepContext) -> StepResult:
    """Pull and build what is not there; a build that fails gives a recovery workspace with the log."""
    environment, workspace = context.seen.environment, context.workspace
    if environment is None:
        return DONE
    log = context.log("build")
    try:
        made = await context.environments.make_present(workspace, environment, context.runtime, log)
    except Problem as problem:
        if problem.kind not in LEADS_TO_RECOVERY or environment.plan.recovery:
            raise
        log(str(problem))
        return await recover(context, problem)
    completed = await context.environments.complete(workspace, environment, context.runtime)
    events = [Event("image_ready", {"image": environment.image, "built": made.built, "fetched": made.fetched})]
    if made.trouble:
        events.insert(0, Event("build_cache", {"detail": made.trouble}))
    return StepResult(
        remembered=replace(workspace.remembered, environment=completed.digest),
        events=tuple(events),
    )
