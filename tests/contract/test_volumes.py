from __future__ import annotations

import pytest
from tests.contract.workbench import VOLUMES, Workbench, down, new_ref, quiet, up, workspace

from carrel.core.problems import Problem
from carrel.core.spec import HOME_VOLUME, PROJECT_VOLUME, VolumeSpec


async def test_volumes_are_created_once(bench: Workbench) -> None:
    ref = new_ref()
    await bench.runtime.create_volumes(ref, VOLUMES)
    await bench.write_volume(ref, HOME_VOLUME, {"notes.txt": b"mine"})
    await bench.runtime.create_volumes(ref, VOLUMES)
    facts = await bench.runtime.observe(ref)
    assert facts.volumes == {PROJECT_VOLUME, HOME_VOLUME}
    assert await bench.read_volume(ref, HOME_VOLUME) == {"notes.txt": b"mine"}
    assert not facts.network
    assert facts.containers == ()


async def test_volumes_are_not_mixed_between_workspaces(bench: Workbench) -> None:
    one, other = new_ref(), new_ref()
    await bench.runtime.create_volumes(one, VOLUMES)
    assert (await bench.runtime.observe(other)).volumes == frozenset()
    await bench.runtime.create_volumes(other, VOLUMES)
    await bench.write_volume(one, HOME_VOLUME, {"a": b"1"})
    assert await bench.read_volume(other, HOME_VOLUME) == {}
    await bench.runtime.remove_volumes(one)
    assert (await bench.runtime.observe(other)).volumes == {PROJECT_VOLUME, HOME_VOLUME}


async def test_a_shared_volume_belongs_to_the_project_and_outlives_its_workspaces(bench: Workbench) -> None:
    cache = VolumeSpec("cache", shared=True)
    one, other, elsewhere = new_ref("blog"), new_ref("blog"), new_ref("shop")
    await bench.runtime.create_volumes(one, [cache])
    await bench.write_volume(one, "cache", {"wheel": b"1"})
    await bench.runtime.create_volumes(other, [cache])
    assert (await bench.runtime.observe(other)).volumes == {"cache"}
    assert (await bench.runtime.observe(elsewhere)).volumes == frozenset()
    await bench.runtime.remove_volumes(one)
    assert await bench.read_volume(other, "cache") == {"wheel": b"1"}


async def test_removing_volumes_twice_is_removing_them_once(bench: Workbench) -> None:
    ref = new_ref()
    await bench.runtime.create_volumes(ref, VOLUMES)
    await bench.runtime.remove_volumes(ref)
    await bench.runtime.remove_volumes(ref)
    assert (await bench.runtime.observe(ref)).volumes == frozenset()


async def test_create_with_a_missing_volume_fails_and_makes_none_in_its_place(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await bench.runtime.create_volumes(spec.ref, [VolumeSpec(PROJECT_VOLUME)])
    with pytest.raises(Problem) as caught:
        await bench.runtime.create(spec, quiet)
    assert caught.value.kind == "volume_missing"
    assert HOME_VOLUME in caught.value.detail
    assert (await bench.runtime.observe(spec.ref)).volumes == {PROJECT_VOLUME}


async def test_a_volume_removed_by_hand_fails_the_next_create_loudly(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await up(bench, spec)
    await bench.lose_volume(spec.ref, HOME_VOLUME)
    for _ in range(2):
        with pytest.raises(Problem) as caught:
            await bench.runtime.create(spec, quiet)
        assert caught.value.kind == "volume_missing"
    assert (await bench.runtime.observe(spec.ref)).volumes == {PROJECT_VOLUME}


async def test_after_a_purge_nothing_labelled_is_left(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await up(bench, spec)
    assert await bench.leftovers()
    await down(bench, spec.ref)
    assert await bench.leftovers() == []
    await down(bench, spec.ref)


async def test_disk_usage_is_of_a_workspaces_own_volumes(bench: Workbench) -> None:
    ref = new_ref()
    await bench.runtime.create_volumes(ref, [*VOLUMES, VolumeSpec("cache", shared=True)])
    await bench.write_volume(ref, HOME_VOLUME, {"a": b"x" * 300_000})
    await bench.write_volume(ref, PROJECT_VOLUME, {"b": b"x" * 200_000})
    await bench.write_volume(ref, "cache", {"c": b"x" * 4_000_000})
    used = (await bench.runtime.disk_usage())[ref.id]
    assert 500_000 <= used < 2_000_000
