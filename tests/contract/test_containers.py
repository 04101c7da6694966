from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.contract.workbench import BOOT, VOLUMES, Wanted, Workbench, new_ref, quiet, up, workspace

from carrel.core.problems import Problem
from carrel.core.spec import HOME_VOLUME, ContainerSpec, Dependency, HealthCheck
from carrel.runtimes.contract import ContainerFact, ContainerState


def by_name(containers: tuple[ContainerFact, ...]) -> dict[str, ContainerFact]:
    return {c.name: c for c in containers if not c.throw_away}


async def test_create_makes_network_and_containers_and_starts_none(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await bench.runtime.create_volumes(spec.ref, spec.volumes)
    await bench.runtime.create(spec, quiet)
    facts = await bench.runtime.observe(spec.ref)
    assert facts.network
    assert facts.endpoint is None
    [main] = facts.containers
    assert (main.name, main.state, main.spec_digest) == ("main", ContainerState.CREATED, spec.digest())
    assert main.exit_code is None
    assert not main.throw_away


@pytest.mark.conformance("C174")
async def test_what_was_made_and_never_ran_is_removed_and_made_anew(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await bench.runtime.create_volumes(spec.ref, spec.volumes)
    await bench.runtime.create(spec, quiet)
    [left] = (await bench.runtime.observe(spec.ref)).containers
    assert left.state is ContainerState.CREATED
    await bench.runtime.remove(spec.ref)
    assert (await bench.runtime.observe(spec.ref)).containers == ()
    await up(bench, spec)
    [main] = (await bench.runtime.observe(spec.ref)).containers
    assert (main.state, main.creation != left.creation) == (ContainerState.RUNNING, True)


async def test_create_twice_is_one_set_of_containers(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await bench.runtime.create_volumes(spec.ref, spec.volumes)
    await bench.runtime.create(spec, quiet)
    first = await bench.runtime.observe(spec.ref)
    await bench.again().create(spec, quiet)
    assert await bench.runtime.observe(spec.ref) == first


async def test_two_creates_at_the_same_time_are_one_set_of_containers(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await bench.runtime.create_volumes(spec.ref, spec.volumes)
    other = bench.again()
    await asyncio.gather(bench.runtime.create(spec, quiet), other.create(spec, quiet))
    assert len((await bench.runtime.observe(spec.ref)).containers) == 1
    await other.close()


@pytest.mark.conformance("C173")
async def test_start_runs_the_containers_and_reports_an_endpoint(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await up(bench, spec)
    facts = await bench.runtime.observe(spec.ref)
    assert facts.endpoint is not None
    [main] = facts.containers
    assert main.state is ContainerState.RUNNING
    assert main.started_at is not None
    assert main.started_at.tzinfo is not None


async def test_boot_files_reach_the_primary_container_anew_in_each_start(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await up(bench, spec)
    assert (await bench.boot_files(spec.ref))["boot.json"] == BOOT["boot.json"]
    await bench.runtime.stop(spec.ref)
    await bench.runtime.create(spec, quiet)
    await bench.runtime.start(spec, {"boot.json": b"second"}, quiet)
    assert (await bench.boot_files(spec.ref))["boot.json"] == b"second"


async def test_start_leaves_running_containers_alone(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await up(bench, spec)
    first = await bench.runtime.observe(spec.ref)
    await bench.again().start(spec, {"boot.json": b"other"}, quiet)
    assert await bench.runtime.observe(spec.ref) == first
    assert (await bench.boot_files(spec.ref))["boot.json"] == BOOT["boot.json"]


async def test_stop_keeps_containers_and_volumes_and_releases_the_network(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await up(bench, spec)
    await bench.write_volume(spec.ref, HOME_VOLUME, {"notes.txt": b"mine"})
    before = await bench.runtime.observe(spec.ref)
    for _ in range(2):
        await bench.runtime.stop(spec.ref, grace_seconds=1)
        facts = await bench.runtime.observe(spec.ref)
        [main] = facts.containers
        assert main.state is ContainerState.EXITED
        assert main.exit_code is not None
        assert main.creation == before.containers[0].creation
        assert not facts.network
        assert facts.endpoint is None
        assert facts.volumes == before.volumes
    assert await bench.read_volume(spec.ref, HOME_VOLUME) == {"notes.txt": b"mine"}


async def test_a_stopped_workspace_starts_again_with_the_same_containers_and_files(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await up(bench, spec)
    await bench.write_volume(spec.ref, HOME_VOLUME, {"notes.txt": b"mine"})
    before = await bench.runtime.observe(spec.ref)
    await bench.runtime.stop(spec.ref, grace_seconds=1)
    await bench.runtime.start(spec, BOOT, quiet)
    facts = await bench.runtime.observe(spec.ref)
    assert facts.network
    assert facts.endpoint is not None
    assert facts.containers[0].state is ContainerState.RUNNING
    assert facts.containers[0].creation == before.containers[0].creation
    assert await bench.read_volume(spec.ref, HOME_VOLUME) == {"notes.txt": b"mine"}


async def test_remove_takes_containers_and_network_and_keeps_volumes(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await up(bench, spec)
    await bench.write_volume(spec.ref, HOME_VOLUME, {"notes.txt": b"mine"})
    for _ in range(2):
        await bench.runtime.remove(spec.ref)
        facts = await bench.runtime.observe(spec.ref)
        assert facts.containers == ()
        assert not facts.network
    assert await bench.read_volume(spec.ref, HOME_VOLUME) == {"notes.txt": b"mine"}
    await up(bench, spec)
    assert await bench.read_volume(spec.ref, HOME_VOLUME) == {"notes.txt": b"mine"}


async def test_a_container_that_is_made_anew_is_another_creation(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await bench.runtime.create_volumes(spec.ref, spec.volumes)
    await bench.runtime.create(spec, quiet)
    first = (await bench.runtime.observe(spec.ref)).containers[0].creation
    await bench.lose_container(spec.ref, "main")
    assert (await bench.runtime.observe(spec.ref)).containers == ()
    await bench.runtime.create(spec, quiet)
    assert (await bench.runtime.observe(spec.ref)).containers[0].creation != first


async def test_containers_of_another_spec_are_seen_as_such_and_not_replaced_in_silence(bench: Workbench) -> None:
    old = workspace(bench, new_ref())
    new = workspace(bench, old.ref, Wanted(main={"env": {"COLOUR": "blue"}}))
    assert new.digest() != old.digest()
    await bench.runtime.create_volumes(old.ref, VOLUMES)
    await bench.runtime.create(old, quiet)
    with pytest.raises(Problem) as caught:
        await bench.runtime.create(new, quiet)
    assert caught.value.kind == "engine_error"
    assert (await bench.runtime.observe(old.ref)).containers[0].spec_digest == old.digest()
    await bench.runtime.remove(old.ref)
    await bench.runtime.create(new, quiet)
    assert (await bench.runtime.observe(old.ref)).containers[0].spec_digest == new.digest()


async def test_a_missing_image_is_named(bench: Workbench) -> None:
    spec = workspace(bench, new_ref(), Wanted(main={"image": "carrel-test/none:1"}))
    await bench.runtime.create_volumes(spec.ref, spec.volumes)
    with pytest.raises(Problem) as caught:
        await bench.runtime.create(spec, quiet)
    assert caught.value.kind == "image_missing"
    assert "carrel-test/none:1" in caught.value.detail


async def test_a_missing_toolbox_is_never_an_empty_one(bench: Workbench) -> None:
    spec = replace(workspace(bench, new_ref()), toolbox="carrel-toolbox-000000000000-amd64")
    await bench.runtime.create_volumes(spec.ref, spec.volumes)
    with pytest.raises(Problem) as caught:
        await bench.runtime.create(spec, quiet)
    assert caught.value.kind == "toolbox_failed"


async def test_containers_that_ended_are_seen_with_their_exit_code_and_start_again(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await up(bench, spec)
    await bench.end_container(spec.ref, "main")
    facts = await bench.runtime.observe(spec.ref)
    assert facts.containers[0].state is ContainerState.EXITED
    assert facts.containers[0].exit_code == 137
    assert not facts.containers[0].out_of_memory
    assert facts.endpoint is None
    await bench.runtime.start(spec, BOOT, quiet)
    assert (await bench.runtime.observe(spec.ref)).containers[0].state is ContainerState.RUNNING


def service(bench: Workbench, name: str, *command: str, after: tuple[Dependency, ...] = ()) -> ContainerSpec:
    return ContainerSpec(name, bench.image, command=command or None, entrypoint=(), dependencies=after)


async def test_several_containers_start_after_what_they_depend_on(bench: Workbench) -> None:
    others = (
        service(bench, "web", "sleep", "600", after=(Dependency("migrate", "completed"),)),
        service(bench, "migrate", "true", after=(Dependency("db"),)),
        service(bench, "db", "sleep", "600"),
    )
    after_web = (Dependency("web"),)
    spec = workspace(bench, new_ref(), Wanted(others=others, main={"dependencies": after_web}))
    await up(bench, spec)
    containers = by_name((await bench.runtime.observe(spec.ref)).containers)
    assert containers["migrate"].state is ContainerState.EXITED
    assert containers["migrate"].exit_code == 0
    begun = [containers[name].started_at for name in ("db", "migrate", "web", "main")]
    assert all(begun)
    assert begun == sorted(begun, key=lambda t: t.timestamp() if t else 0)
    await bench.runtime.start(spec, BOOT, quiet)
    assert by_name((await bench.runtime.observe(spec.ref)).containers)["web"] == containers["web"]


async def test_a_dependency_that_fails_fails_the_start_and_is_named(bench: Workbench) -> None:
    others = (service(bench, "migrate", "false"),)
    spec = workspace(
        bench, new_ref(), Wanted(others=others, main={"dependencies": (Dependency("migrate", "completed"),)})
    )
    with pytest.raises(Problem) as caught:
        await up(bench, spec)
    assert caught.value.kind == "container_failed"
    assert "migrate" in caught.value.detail
    containers = by_name((await bench.runtime.observe(spec.ref)).containers)
    assert containers["main"].state is ContainerState.CREATED


async def test_others_wait_until_a_service_is_healthy(bench: Workbench) -> None:
    slow = ("sh", "-c", "sleep 0.5; touch /ready; sleep 600")
    check = HealthCheck(("CMD-SHELL", "test -e /ready"), interval_seconds=0.2, retries=100)
    db = replace(service(bench, "db", *slow), health=check)
    spec = workspace(bench, new_ref(), Wanted(others=(db,), main={"dependencies": (Dependency("db", "healthy"),)}))
    await up(bench, spec)
    begun = {name: one.started_at for name, one in by_name((await bench.runtime.observe(spec.ref)).containers).items()}
    assert begun["db"]
    assert begun["main"]
    assert begun["db"] <= begun["main"]


async def test_the_last_lines_of_a_container_can_be_read(bench: Workbench) -> None:
    spec = workspace(bench, new_ref(), Wanted(others=(service(bench, "greeter", "echo", "hello", "there"),)))
    await up(bench, spec)
    assert (await bench.runtime.container_log(spec.ref, "greeter")).strip() == "hello there"
    assert await bench.runtime.container_log(spec.ref, "nobody") == ""


async def test_foreign_things_are_neither_seen_nor_touched(bench: Workbench) -> None:
    foreign = await bench.foreign_things()
    spec = workspace(bench, new_ref())
    await up(bench, spec)
    seen = await bench.runtime.observe_all()
    assert spec.ref.id in seen
    await bench.runtime.stop(spec.ref)
    await bench.runtime.remove(spec.ref)
    await bench.runtime.remove_volumes(spec.ref)
    await bench.runtime.collect(frozenset(), frozenset({bench.toolbox}))
    assert await bench.missing(foreign) == []


async def test_another_installation_neither_sees_nor_touches_ours(bench: Workbench) -> None:
    spec = workspace(bench, new_ref())
    await up(bench, spec)
    before = await bench.runtime.observe(spec.ref)
    stranger = bench.stranger()
    assert spec.ref.id not in await stranger.observe_all()
    assert (await stranger.observe(spec.ref)).containers == ()
    await stranger.stop(spec.ref)
    await stranger.remove(spec.ref)
    await stranger.remove_volumes(spec.ref)
    assert await bench.runtime.observe(spec.ref) == before
    await stranger.close()
