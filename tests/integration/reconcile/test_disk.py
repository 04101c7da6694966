"""What the runtime measures and has is in the database, for every server."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.integration.conftest import Clock, notices_heard
from tests.integration.reconcile.world import World

from carrel.core.accelerators import Machine
from carrel.core.access import Actor
from carrel.core.quota import Tier
from carrel.core.workspace import Goal, Phase
from carrel.runtimes.contract import Capacity, RuntimeInfo
from carrel.runtimes.fake.engine import FakeVolume
from carrel.runtimes.fake.runtime import FakeRuntime
from carrel.server.actions.installation import ensure_installation
from carrel.server.reconcile.disk import measure
from carrel.server.reconcile.machine import keep_machine
from carrel.server.settings import Settings
from carrel.server.store import quota
from carrel.server.store.engine import Store


async def test_disk_is_measured_and_what_is_in_the_trash_counts(store: Store, ana: Actor, clock: Clock) -> None:
    world = World(store, ana)
    runtime = FakeRuntime(world.engine)
    kept, trashed, bare = [await world.create(goal=Goal.STOP, phase=Phase.STOPPED) for _ in range(3)]
    await world.ask(trashed, goal=Goal.DELETE)
    for workspace, sizes in ((kept, (100, 20)), (trashed, (3,))):
        with world.engine.by_hand() as state:
            for number, size in enumerate(sizes):
                volume = _volume(runtime.installation, workspace.id, f"v{number}")
                volume.files["file"] = b"x" * size
                state.volumes[f"{workspace.id}/v{number}"] = volume
    assert (await world.read(kept)).disk_bytes is None
    async with store.wakeups.listen(f"workspace:{kept.id}") as bell:
        assert await measure(store, runtime) < 60
        await notices_heard(store)
        assert await bell.wait(60)
        clock.move(minutes=10)
        await measure(store, runtime)
        await notices_heard(store)
        assert not bell.rung  # nothing is new but the time
    found = [(await world.read(one)).disk_bytes for one in (kept, trashed, bare)]
    assert found == [120, 3, 0]
    assert (await world.read(kept)).disk_measured_at == clock()
    async with store.reading() as session:
        used = await quota.used(session, Tier.USER, ana.user_id, "default")
    assert (used.disk_bytes, used.workspaces, used.running) == (123, 2, 0)


def _volume(installation: str, workspace: str, name: str) -> FakeVolume:
    return FakeVolume(installation, workspace, "default", name)


@pytest.mark.parametrize(
    ("capacity", "settings", "kept"),
    [
        ({}, {}, Machine()),
        ({"gpus": 1}, {}, Machine(1)),
        ({"gpus": 1}, {"machine_gpus": 4, "machine_accelerator": "nvidia-l4"}, Machine(4, True, "nvidia-l4")),
        ({"gpus": 2, "gpus_counted": True, "accelerator": "nvidia-h100"}, {}, Machine(2, True, "nvidia-h100")),
    ],
    ids=["none", "some", "said", "counted"],
)
async def test_what_the_machine_has_is_kept(
    store: Store, capacity: dict[str, object], settings: dict[str, object], kept: Machine
) -> None:
    await ensure_installation(store)
    info = RuntimeInfo("fake", "1", "amd64", replace(Capacity(4, 2**33), **capacity))  # type: ignore[arg-type]
    wanted = replace(Settings(), **settings)  # type: ignore[arg-type]
    await keep_machine(store, wanted, info)
    await keep_machine(store, wanted, info)
    async with store.reading() as session:
        assert await quota.machine(session) == kept
