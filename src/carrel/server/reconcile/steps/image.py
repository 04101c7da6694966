"""The step that makes all images of the environment present: pull, then build in order."""

from __future__ import annotations

from carrel.core.events import Event
from carrel.core.problems import Problem
from carrel.runtimes.contract import BuildJob
from carrel.server.reconcile.context import DONE, StepContext, StepResult
from carrel.server.reconcile.steps.resolve import recover

LEADS_TO_RECOVERY = frozenset(
    {"build_failed", "image_missing", "registry_denied", "refused_by_policy", "feature_failed"}
)


async def prepare_image(context: StepContext) -> StepResult:
    """Pull and build what is not there; a build that fails gives a recovery workspace with the log."""
    environment = context.seen.environment
    if environment is None:
        return DONE
    try:
        built = await _prepare(context)
    except Problem as problem:
        if problem.kind not in LEADS_TO_RECOVERY or environment.problem is not None:
            raise
        context.log("build")(str(problem))
        return await recover(context, problem)
    return StepResult(events=(Event("image_ready", {"image": environment.image, "built": built}),))


async def _prepare(context: StepContext) -> bool:
    environment = context.seen.environment
    if environment is None:
        return False
    log = context.log("build")
    credentials = await context.environments.registry_credentials(context.workspace)
    for image in environment.plan.build.pulls:
        if await context.runtime.inspect_image(image) is None:
            log(f"Pulling {image}")
            await context.runtime.pull_image(image, credentials, log)
    built = False
    for step in environment.plan.build.steps:
        if await context.runtime.inspect_image(step.tag) is None:
            log(f"Building: {step.title or step.tag}")
            job = BuildJob(
                ref=context.workspace.ref(),
                step=step,
                source=context.workspace.source,
                registry_credentials=credentials,
            )
            await context.runtime.build_image(job, log)
            built = True
    return built
