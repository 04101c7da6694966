"""The files beside a template.yaml in the projects of its workspaces, through two versions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from tests.integration.conftest import add_user
from tests.integration.reconcile.world import IMAGE, URL, World

from carrel.core.access import Role
from carrel.core.lifecycle import Step
from carrel.core.spec import EmptySource, GitSource, Source
from carrel.core.workspace import Phase, Workspace
from carrel.runtimes.fake.engine import Call, Moment
from carrel.server.actions.templates import delete, push
from carrel.server.settings import Settings

CONFIGURATION = ".devcontainer/devcontainer.json"


def configured(name: str) -> bytes:
    return json.dumps({"image": IMAGE, "containerEnv": {"FROM": name}}).encode()


async def publish(world: World, files: Mapping[str, bytes]) -> dict[str, Any]:
    """A version of the template `python`, and what a workspace of it has."""
    admin = await add_user(world.store, f"root{len(world.performed)}", Role.ADMIN)
    async with world.store.writing() as session:
        done = await push(admin, session, Settings(), "", "python", {"template.yaml": b"name: python", **files})
    return {"template_id": done.template.id, "template_version": done.version.number}


def project(world: World, workspace: Workspace) -> dict[str, bytes]:
    with world.engine.by_hand() as state:
        (volume,) = (v for v in state.volumes.values() if v.workspace == workspace.id and v.name == "project")
        return volume.files


def creation(world: World, workspace: Workspace) -> str:
    """Another one where the container was made anew."""
    with world.engine.reading() as state:
        return next(one.creation for one in state.containers.values() if one.workspace == workspace.id)


async def told(world: World, workspace: Workspace) -> list[dict[str, Any]]:
    return [one.data for one in await world.events(workspace) if one.kind == "template_files"]


FIRST = {CONFIGURATION: configured("v1"), "run.sh": b"#!/bin/sh\n", "notes": b"1", "gone": b"1", "README.md": b"mine"}
SECOND = {CONFIGURATION: configured("v2"), "run.sh": b"#!/bin/sh\n", "notes": b"2", "new/file": b"2", "README.md": b"2"}


@pytest.mark.parametrize("source", [EmptySource(), GitSource(URL)], ids=["empty", "git"])
async def test_files_are_placed_and_a_newer_versions_take_their_place(world: World, source: Source) -> None:
    del world.files[".devcontainer.json"]
    world.write("README.md", "of the repository")
    made = await world.create(source=source, **await publish(world, FIRST))
    is_git = isinstance(source, GitSource)
    readme = b"of the repository" if is_git else b"mine"
    async with world.server():
        running = await world.until_phase(made, Phase.RUNNING)
        assert project(world, made) == FIRST | {"README.md": readme}
        assert running.remembered.template_placed == f"{made.template_id}:1"
        assert await told(world, made) == [
            {"version": 1, "placed": 5 - is_git, "kept": ["README.md"] * is_git, "more": 0}
        ]

        before = creation(world, made)
        files = project(world, made)
        files["notes"] = b"changed by a person"
        await world.ask(made, **await publish(world, SECOND))
        await world.until(made, lambda w: w.remembered.template_placed.endswith(":2") and w.phase is Phase.RUNNING)
        assert project(world, made) == SECOND | {
            "README.md": readme if is_git else b"2",
            "notes": b"changed by a person",
        }
        kept = ["README.md", "notes"] if is_git else ["notes"]
        assert (await told(world, made))[1:] == [{"version": 2, "placed": 5 - len(kept), "kept": kept, "more": 0}]
        resolved = [one.data["config"] for one in await world.events(made) if one.kind == "environment_resolved"]
        assert resolved == [CONFIGURATION, CONFIGURATION]
        assert creation(world, made) != before
        assert world.performed.count(Step.FETCH_SOURCE) == 2
        assert sum(one.name == "fetch_source" and one.moment is Moment.BEFORE for one in world.calls) == 1


async def test_a_server_that_dies_while_it_places_files_is_made_up_for(world: World) -> None:
    made = await world.create(source=EmptySource(), **await publish(world, FIRST))

    async def die(call: Call) -> None:
        if (call.name, call.moment) == ("place_source_files", Moment.AFTER):
            world.on_call = None
            raise RuntimeError

    world.on_call = die
    async with world.server():
        await world.until(made, lambda w: w.failure is not None)
        await world.ask(made)
        await world.until_phase(made, Phase.RUNNING)
    assert project(world, made) == FIRST
    assert await told(world, made) == [{"version": 1, "placed": 5, "kept": [], "more": 0}]


async def test_a_template_without_files_or_that_is_gone_places_nothing(world: World) -> None:
    plain = await world.create(**await publish(world, {}))
    async with world.server():
        await world.until_phase(plain, Phase.RUNNING)
        gone = await world.create(goal="stop", **await publish(world, FIRST))
        admin = await add_user(world.store, "admin", Role.ADMIN)
        async with world.store.writing() as session:
            await delete(admin, session, "", "python")
        await world.ask(gone, goal="run")
        await world.until_phase(gone, Phase.RUNNING)
    assert "place_source_files" not in {one.name for one in world.calls}
    assert await told(world, plain) == await told(world, gone) == []
