"""A configuration that was changed in the workspace is offered as a rebuild, and told once."""

from __future__ import annotations

import pytest
from tests.integration.reconcile.world import World

from carrel.core.workspace import Phase
from carrel.devcontainer.configuration_files import digest_of

CONFIG = ".devcontainer.json"


@pytest.mark.conformance("C101", "C426")
async def test_a_changed_configuration_is_offered_until_it_is_applied(world: World) -> None:
    workspace = await world.create()
    async with world.server():
        await world.until_phase(workspace, Phase.RUNNING)
        (file,) = (one for one in world.agents.plans[workspace.id].configuration if one.name == CONFIG)
        assert (file.place, file.digests) == (f"/workspaces/blog/{CONFIG}", (digest_of(world.files[CONFIG]),))

        world.agents.configuration_changed = (CONFIG,)
        await world.ask(workspace)
        now = await world.until(workspace, lambda w: w.remembered.configuration_changed == (CONFIG,))
        assert now.phase is Phase.RUNNING, "nothing happens by itself"
        await world.ask(workspace)

        world.agents.configuration_changed = ()
        with world.engine.by_hand() as state:
            volume = next(v for v in state.volumes.values() if v.name == "project")
            volume.files[CONFIG] = b'{"image": "default:1"}'
        await world.ask(workspace, revision=2)
        await world.until(workspace, lambda w: w.remembered.resolved == 2 and w.phase is Phase.RUNNING)
    (file,) = (one for one in world.agents.plans[workspace.id].configuration if one.name == CONFIG)
    assert file.digests == (digest_of(b'{"image": "default:1"}'),)
    assert (await world.read(workspace)).remembered.configuration_changed == ()
    told = [event for event in await world.events(workspace) if event.kind == "configuration_changed"]
    assert [event.data for event in told] == [{"files": [CONFIG]}]
