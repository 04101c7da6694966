"""Secrets on their way to agents: what a definition wants, what is missing, what changes in a workspace that runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.integration.conftest import Clock
from tests.integration.reconcile.world import World

from carrel.core.access import Role
from carrel.core.definition import Definition, WantedSecret
from carrel.core.lifecycle import Step
from carrel.core.secret import Secret
from carrel.core.spec import EmptySource
from carrel.core.workspace import Goal, Phase, Workspace
from carrel.server.actions.secrets import (
    NewSecret,
    Place,
    delete_secret,
    domain_place,
    own_place,
    project_place,
    put_secret,
    workspace_place,
)
from carrel.server.reconcile.credentials import StoredCredentials
from carrel.server.settings import Settings
from carrel.server.store.engine import Store
from carrel.server.store.keys import KeyRing
from carrel.server.store.secrets import SecretName, put

PROJECT, DOMAIN = "default", "staging"


@pytest.fixture
def sealed(world: World) -> World:
    """The world, whose owner may look after a project, and whose secrets are the store's."""
    world.credentials = StoredCredentials(world.store, {})
    return world


def wants(*wanted: WantedSecret) -> dict[str, object]:
    definition = Definition(secrets=wanted)
    return {"definition": definition, "project": PROJECT, "domain": DOMAIN, "source": EmptySource()}


async def store(world: World, place: Place, values: Mapping[str, str]) -> None:
    async with world.store.writing() as session:
        for name, value in values.items():
            which = SecretName(place.scope, place.owner, name)
            await put(session, world.store.keys, which, Secret(value), {"sources": []})


def shown(given: Mapping[str, Secret]) -> dict[str, str]:
    return {name: value.reveal() for name, value in given.items()}


async def test_a_wanted_secret_comes_from_the_nearest_that_has_it_as_variable_or_file(sealed: World) -> None:
    wanted = (WantedSecret("A", "TOKEN"), WantedSecret("B"), WantedSecret("C", "C_HERE"), WantedSecret("tls.key"))
    made = await sealed.create(**wants(*wanted))
    await store(sealed, own_place(sealed.owner), {"A": "own", "B": "own", "C": "own", "tls.key": "own"})
    await store(sealed, project_place(PROJECT), {"A": "project", "B": "project", "C": "project", "EVERYWHERE": "x"})
    await store(sealed, domain_place(PROJECT, DOMAIN), {"A": "domain", "B": "domain"})
    await store(sealed, domain_place(PROJECT, "production"), {"tls.key": "another domain's", "ELSEWHERE": "x"})
    await store(sealed, workspace_place(made), {"A": "workspace"})
    async with sealed.server():
        await sealed.until_phase(made, Phase.RUNNING, 30)
    plan = sealed.agents.plans[made.id]
    # What is wanted is given as it is wanted and in no other way; the rest as ever.
    assert shown(plan.secrets) == {"TOKEN": "workspace", "C_HERE": "project", "EVERYWHERE": "x"}
    assert shown(plan.secret_files) == {"B": "domain", "tls.key": "own"}


async def test_a_secret_that_is_missing_fails_the_start_before_anything_is_built(sealed: World) -> None:
    made = await sealed.create(**wants(WantedSecret("API_TOKN", "T"), WantedSecret("gone")))
    await store(sealed, domain_place(PROJECT, DOMAIN), {"API_TOKEN": "x"})
    async with sealed.server():
        failed = await sealed.until_phase(made, Phase.FAILED, 30)
        assert failed.failure is not None
        assert failed.failure.kind == "secret_missing"
        for words in ("API_TOKN and gone", "workspace's own", f"domain {DOMAIN} of the project {PROJECT}", "own for"):
            assert words in failed.failure.detail
        assert "There is API_TOKEN: was that meant by API_TOKN?" in failed.failure.hint
        assert f"carrel create secret --project {PROJECT} --domain {DOMAIN} --name API_TOKN" in failed.failure.hint
        assert Step.PREPARE_IMAGE not in sealed.performed
        await store(sealed, own_place(sealed.owner), {"API_TOKN": "x", "gone": "y"})
        await sealed.ask(failed, start=failed.start + 1, goal=Goal.RUN)
        await sealed.until_phase(made, Phase.RUNNING, 30)


async def test_one_that_went_meanwhile_fails_the_next_start_and_not_this_one(sealed: World) -> None:
    made = await sealed.create(**wants(WantedSecret("A")))
    place = own_place(sealed.owner)
    await store(sealed, place, {"A": "x"})
    async with sealed.server():
        await sealed.until_phase(made, Phase.RUNNING, 30)
        async with sealed.store.writing() as session:
            await delete_secret(sealed.owner, session, place, "A")
        await told(sealed, made, 1)
        assert sealed.agents.plans[made.id].secret_files == {}
        running = await sealed.read(made)
        assert running.phase is Phase.RUNNING
        await sealed.ask(running, start=running.start + 1)
        failed = await sealed.until(made, lambda w: w.failure is not None, 30)
        assert failed.failure is not None
        assert failed.failure.kind == "secret_missing"


async def told(world: World, workspace: Workspace, many: int) -> list[dict[str, object]]:
    """The events of changed secrets, once there are as many."""
    topic = f"workspace:{workspace.id}"
    async with world.store.wakeups.listen(topic) as bell, asyncio.timeout(30):
        while True:
            found = [event.data for event in await world.events(workspace) if event.kind == "secrets_changed"]
            if len(found) >= many:
                return found
            await bell.wait(0.2)


async def test_every_change_reaches_the_workspaces_that_get_it_and_no_other(sealed: World, clock: Clock) -> None:
    made = await sealed.create(project=PROJECT, domain=DOMAIN)
    elsewhere = await sealed.create(project="other", domain=DOMAIN)
    admin = replace(sealed.owner, role=Role.ADMIN)
    places = (workspace_place(made), domain_place(PROJECT, DOMAIN), project_place(PROJECT), own_place(admin))
    expected: list[dict[str, list[str]]] = []
    async with sealed.server():
        for one in (made, elsewhere):
            await sealed.until_phase(one, Phase.RUNNING, 30)
        for count, place in enumerate(places):
            for kind, value in (("added", "first"), ("changed", "second")):
                clock.move(seconds=1)
                new = NewSecret(f"S{count}", Secret(value), ("*",))
                async with sealed.store.writing() as session:
                    await put_secret(admin, session, Settings(), sealed.store.keys, place, new)
                expected.append({"added": [], "changed": [], "removed": []} | {kind: [f"S{count}"]})
                assert await told(sealed, made, len(expected)) == expected
                assert shown(sealed.agents.plans[made.id].secrets)[f"S{count}"] == value
        async with sealed.store.writing() as session:
            await delete_secret(admin, session, places[1], "S1")
        expected.append({"added": [], "changed": [], "removed": ["S1"]})
        assert await told(sealed, made, len(expected)) == expected
        assert await told(sealed, elsewhere, 2) == expected[6:8]
    assert set(shown(sealed.agents.plans[made.id].secrets)) == {"S0", "S2", "S3"}
    assert set(shown(sealed.agents.plans[elsewhere.id].secrets)) == {"S3"}
    assert len(sealed.agents.given) == len(expected) + 2  # each performed once
    assert "second" not in repr(await sealed.events(made))


async def test_an_agent_that_cannot_be_reached_now_gets_them_at_the_next_look(sealed: World) -> None:
    made = await sealed.create(project=PROJECT, domain=DOMAIN)
    admin = replace(sealed.owner, role=Role.ADMIN)
    async with sealed.server():
        await sealed.until_phase(made, Phase.RUNNING, 30)
        sealed.agents.refusals = 1
        for name in ("A", "B"):
            async with sealed.store.writing() as session:
                new = NewSecret(name, Secret("x"))
                await put_secret(admin, session, Settings(), sealed.store.keys, project_place(PROJECT), new)
            await sealed.until(made, lambda _: sealed.agents.refusals == 0, 30)
        assert await told(sealed, made, 1) == [{"added": ["A", "B"], "changed": [], "removed": []}]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_what_is_stored_by_another_server_comes_too(
    sealed: World, database_url: Secret, keys: KeyRing, clock: Clock
) -> None:
    made = await sealed.create(project=PROJECT, domain=DOMAIN)
    other = await Store.open(database_url, keys, clock)
    try:
        async with sealed.server():
            await sealed.until_phase(made, Phase.RUNNING, 30)
            async with other.writing() as session:
                admin = replace(sealed.owner, role=Role.ADMIN)
                await put_secret(admin, session, Settings(), keys, project_place(PROJECT), NewSecret("A", Secret("x")))
            assert await told(sealed, made, 1) == [{"added": ["A"], "changed": [], "removed": []}]
    finally:
        await other.close()
