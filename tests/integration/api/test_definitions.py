"""What a workspace.yaml says, over HTTP: taken, kept in normal form, answered, changed; and what is refused."""

from __future__ import annotations

from typing import Any

from tests.integration.api.conftest import Client, Create, Running
from tests.integration.conftest import add_workspace

from carrel.core.access import Actor
from carrel.core.workspace import Goal, Phase
from carrel.definition.keys import json_schema

SAID: dict[str, Any] = {
    "description": " Figures of the paper ",
    "image": {"name": "paper", "builder": "union", "packages": ["pandas"], "python_version": "3.12"},
    "on_startup": "make data",
    "env": {"STAGE": "1"},
    "wanted_secrets": [{"key": "wandb", "env_var": "WANDB"}],
    "apps": [{"name": "docs", "port": 8000}],
    "schedule": {"stop": "19:00", "time_zone": "Europe/Berlin"},
}


async def test_what_is_said_is_kept_in_normal_form(client: Client, create: Create) -> None:
    made = await create(name="paper", **SAID)
    definition = made["definition"]
    assert definition["description"] == "Figures of the paper"
    assert definition["image"]["builder"] == "carrel"
    assert definition["on_startup"] == ["make data"]
    days = ["mon", "tue", "wed", "thu", "fri"]
    in_berlin = {"days": days, "time_zone": "Europe/Berlin", "off": False}
    assert definition["schedule"] == {"start": "", "stop": "19:00", **in_berlin}
    assert definition["template"] is None
    assert (await client.get("/api/v1/workspaces/paper")).json()["definition"] == definition
    listed = (await client.get("/api/v1/workspaces")).json()["items"]
    assert [one["definition"] for one in listed] == [definition]


async def test_of_a_workspace_of_which_nothing_is_said_nothing_is_answered(create: Create) -> None:
    assert (await create(name="blog"))["definition"] is None


CHANGES: tuple[tuple[dict[str, Any], bool], ...] = (
    ({"description": "other"}, False),
    ({"schedule": {"start": "08:00"}}, False),
    ({"image": "debian:12"}, True),
    ({"env": {}}, True),
    ({"on_startup": ["other"]}, True),
    ({"wanted_secrets": []}, True),
    ({"apps": []}, True),
)
"""A change, and whether it is another environment."""


async def test_what_changes_the_environment_is_another_revision(client: Client, create: Create) -> None:
    before = await create(name="paper", **SAID)
    for change, is_other_environment in CHANGES:
        changed = (await client.patch("/api/v1/workspaces/paper", json=change)).json()
        assert changed["revision"] - before["revision"] == int(is_other_environment), change
        assert changed["generation"] == before["generation"] + 1, change
        others = [name for name in before["definition"] if name not in change]
        assert [changed["definition"][name] for name in others] == [before["definition"][name] for name in others]
        again = (await client.patch("/api/v1/workspaces/paper", json=change)).json()
        assert again["generation"] == changed["generation"], change
        before = changed


async def test_empty_values_take_away_what_was_said(client: Client, create: Create) -> None:
    await create(name="paper", **SAID)
    empty: dict[str, Any] = {name: type(value)() for name, value in SAID.items()} | {"image": "", "on_startup": []}
    changed = await client.patch("/api/v1/workspaces/paper", json=empty)
    assert changed.json()["definition"] is None


REFUSED: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"image": "Python:3"}, "bad_value", "image: 'Python:3' is no image; did you mean 'python:3'?"),
    ({"image": {"name": "x", "packages": ["-r y"]}}, "bad_value", "image.packages[0]: '-r y' is no requirement"),
    ({"env": {"A-B": "1"}}, "bad_value", "env.A-B: 'A-B' is no name of a variable"),
    ({"wanted_secrets": [{"key": "a b"}]}, "bad_value", "wanted_secrets[0].key: 'a b' is no name of a secret"),
    ({"apps": [{"name": "x"}]}, "bad_value", "apps[0]: x has neither command nor port"),
    ({"schedule": {"start": "25:00"}}, "bad_value", "schedule.start: '25:00' is no time of the day"),
    ({"on_startup": [""]}, "bad_value", "on_startup[0]: it is empty"),
    ({"description": "\u202e"}, "bad_value", "U+202E (right-to-left override)"),
    ({"image": "a", "devcontainer": "b"}, "bad_value", "Both an image and a devcontainer.json are named."),
    ({"image": {"name": "x", "pakages": []}}, "malformed_request", ""),
    ({"acelerator": "x"}, "malformed_request", ""),
)
"""Members, the problem's kind, and what it says."""


async def test_what_cannot_be_is_refused_with_its_name(client: Client, create: Create) -> None:
    await create(name="paper")
    for members, kind, sentence in REFUSED:
        for request in (
            client.post("/api/v1/workspaces", json={"name": "other", **members}),
            client.patch("/api/v1/workspaces/paper", json=members),
        ):
            problem = (await request).json()
            assert problem["kind"] == kind, members
            assert sentence in problem.get("detail", ""), members


async def test_a_dry_run_checks_all_and_makes_nothing(client: Client, create: Create) -> None:
    await create(name="taken")
    path = "/api/v1/workspaces?dry_run=true"
    assert (await client.post(path, json={"name": "paper", **SAID})).status_code == 204
    assert (await client.post(path, json={"name": "Taken"})).json()["kind"] == "name_taken"
    assert (await client.post(path, json={"accelerator": "nvidia-l44"})).status_code >= 400
    assert [one["name"] for one in (await client.get("/api/v1/workspaces")).json()["items"]] == ["taken"]


async def test_project_and_domain_are_the_persons_then_the_settings(client: Client, create: Create) -> None:
    async def place(**members: Any) -> tuple[str, str]:
        made = await create(**members)
        return made["project"], made["domain"]

    assert await place() == ("default", "development")
    wanted = {"project": "Physics", "domain": "staging"}
    stored = (await client.put("/api/v1/preferences", json=wanted)).json()
    assert (stored["project"], stored["domain"]) == ("physics", "staging")
    assert await place() == ("physics", "staging")
    assert await place(domain="production") == ("physics", "production")
    refused = await client.put("/api/v1/preferences", json={"domain": "prod"})
    assert (refused.status_code, refused.json()["kind"]) == (400, "bad_value")


async def test_lists_by_domain_and_with_or_without_what_is_archived(
    client: Client, running: Running, owner: Actor
) -> None:
    resting = {"goal": Goal.STOP, "phase": Phase.STOPPED}
    await add_workspace(running.parts.store, owner, name="old", archived=True, **resting)
    await add_workspace(running.parts.store, owner, name="new", domain="staging", **resting)

    async def names(query: str) -> list[str]:
        return [one["name"] for one in (await client.get(f"/api/v1/workspaces{query}")).json()["items"]]

    assert sorted(await names("")) == ["new", "old"]
    assert await names("?archived=true") == ["old"]
    assert await names("?archived=false") == ["new"]
    assert await names("?domain=staging") == ["new"]


async def test_the_schema_is_there_for_editors(client: Client) -> None:
    response = await client.get("/api/v1/schemas/workspace.json", headers={"Authorization": ""})
    assert response.headers["content-type"] == "application/schema+json"
    assert response.json() == json_schema()
