"""Steps about containers and the network: create, stop, remove."""

from __future__ import annotations

from dataclasses import replace

from carrel.core.problems import Problem
from carrel.core.spec import WorkspaceSpec
from carrel.core.workspace import Remembered
from carrel.server.reconcile.context import DONE, StepContext, StepResult


async def create_containers(context: StepContext) -> StepResult:
    """Find or create network and containers of the wanted spec."""
    spec = context.seen.spec
    if spec is None:
        return DONE
    await context.runtime.create(spec, context.log("start"))
    return StepResult(remembered=await home_was_filled(context, spec))


async def home_was_filled(context: StepContext, spec: WorkspaceSpec) -> Remembered:
    """What is remembered once containers exist: a home that was not seeded was filled from their image.

    Creating says so, and starting again: a server may have died after creating, before it was written down.
    """
    memory = context.workspace.remembered
    if memory.seeded_image:
        return memory
    image = await context.runtime.inspect_image(spec.primary_container().image)
    if image is None:
        raise Problem("image_missing", f"{spec.primary_container().image} is not there any more.")
    return replace(memory, seeded_image=image.id)


async def stop_containers(context: StepContext) -> StepResult:
    """Let the agent write out what it holds, stop the containers, release the network."""
    await context.agents.quiesce(context.workspace, context.seen.runtime.endpoint)
    await context.runtime.stop(context.workspace.ref())
    await context.agents.forget(context.workspace)
    return DONE


async def remove_containers(context: StepContext) -> StepResult:
    """Remove containers and networks; volumes stay."""
    await context.agents.quiesce(context.workspace, context.seen.runtime.endpoint)
    await context.runtime.remove(context.workspace.ref())
    await context.agents.forget(context.workspace)
    return DONE
