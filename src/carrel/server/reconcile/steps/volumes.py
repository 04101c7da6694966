"""Steps about volumes: made once, seeded when the image changes, removed only by a purge."""

from __future__ import annotations

from dataclasses import replace

from carrel.core.events import Event
from carrel.core.problems import Problem
from carrel.core.spec import HOME_VOLUME, Mount
from carrel.server.reconcile.context import DONE, StepContext, StepResult
from carrel.server.reconcile.observe import own_volumes


async def create_volumes(context: StepContext) -> StepResult:
    """Create the volumes that are missing and were never created before."""
    workspace = context.workspace
    wanted = {volume.name: volume for volume in own_volumes(workspace)}
    if context.seen.spec is not None:
        wanted |= {volume.name: volume for volume in context.seen.spec.volumes}
    await context.runtime.create_volumes(workspace.ref(), list(wanted.values()))
    names = tuple(sorted({*workspace.remembered.volumes, *wanted}))
    return StepResult(remembered=replace(workspace.remembered, volumes=names))


async def seed_home(context: StepContext) -> StepResult:
    """Bring what the new image has under the home folder into the home volume; the user's changes win."""
    workspace, spec = context.workspace, context.seen.spec
    if spec is None:
        return DONE
    primary = spec.primary_container()
    home = next((mount for mount in primary.mounts if _is_home(mount)), None)
    image = await context.runtime.inspect_image(primary.image)
    if image is None:
        raise Problem("image_missing", f"{primary.image} is not there any more.")
    if home is not None:
        log = context.log("start")
        await context.runtime.seed_home(workspace.ref(), primary.image, home.target, spec.toolbox, log)
    return StepResult(remembered=replace(workspace.remembered, seeded_image=image.id))


def _is_home(mount: Mount) -> bool:
    return mount.source == HOME_VOLUME


async def remove_volumes(context: StepContext) -> StepResult:
    """Remove the workspace's volumes for ever: it was asked for, or the date in the trash has passed."""
    await context.runtime.remove_volumes(context.workspace.ref())
    return StepResult(remembered=replace(context.workspace.remembered, volumes=(), fetched=False))


async def forget(context: StepContext) -> StepResult:
    """Nothing is left outside: the store drops all but the audit record."""
    await context.environments.forget(context.workspace)
    return StepResult(events=(Event("purged"),), forget=True)
