"""A prebuild runs its hooks up to updateContent, stops, and waits; one that failed is not kept."""

from __future__ import annotations

import pytest
from tests.integration.reconcile.world import IMAGE, World

from carrel.core.agent import HookStatus, Progress
from carrel.core.workspace import PREBUILD, Goal, Phase

HOOKS = {
    "image": IMAGE,
    "onCreateCommand": "one",
    "updateContentCommand": "two",
    "postCreateCommand": "three",
    "postStartCommand": "four",
    "waitFor": "postCreateCommand",
}


@pytest.mark.conformance("C393")
async def test_a_prebuild_stops_after_update_content_and_is_kept(world: World) -> None:
    world.write(".devcontainer.json", HOOKS)
    workspace = await world.create(labels={PREBUILD: "yes"})
    async with world.server():
        now = await world.until_phase(workspace, Phase.STOPPED)
    plan = world.agents.plans[workspace.id]
    assert [hook.stage for hook in plan.hooks] == ["onCreate", "updateContent"]
    assert (plan.wait_for, plan.secrets, plan.apps) == ("updateContent", {}, ())
    assert (now.goal, now.remembered.prebuilt, now.stop_reason) == (Goal.STOP, IMAGE, "The prebuild is ready.")
    (told,) = [event for event in await world.events(workspace) if event.kind == "prebuilt"]
    assert told.data == {"image": IMAGE, "commit": "c" * 40, "failed": False}
    assert world.containers(workspace) == ["main"], "what the hooks changed in the container is kept"


async def test_a_prebuild_whose_hook_fails_is_not_kept(world: World) -> None:
    world.write(".devcontainer.json", HOOKS)
    world.agents.hooks = (HookStatus("onCreate", "devcontainer.json", "", Progress.FAILED, "hook/1", exit_code=1),)
    workspace = await world.create(labels={PREBUILD: "yes"})
    async with world.server():
        now = await world.until_phase(workspace, Phase.STOPPED)
    assert now.remembered.prebuilt == ""
    assert now.stop_reason == "The prebuild failed: onCreate of devcontainer.json"


async def test_a_workspace_that_is_no_prebuild_runs_everything(world: World) -> None:
    world.write(".devcontainer.json", HOOKS)
    workspace = await world.create()
    async with world.server():
        await world.until_phase(workspace, Phase.RUNNING)
    assert len(world.agents.plans[workspace.id].hooks) == 4
