"""Workspaces of a template that has a newer version: told, taken on demand, taken at a start, refused with a reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.integration.api.conftest import Client, Running, signed_in
from tests.integration.api.test_limits import all_at_once, limited
from tests.integration.api.test_templates import ON_SQLITE, YAML, W, push, refusal
from tests.integration.conftest import add_user

from carrel.core.access import Actor, Role
from carrel.core.workspace import Goal, Phase
from carrel.server.actions.scheduled import ScheduledStarts
from carrel.server.store import projects, workspaces
from carrel.server.store.engine import Store

MADE: dict[str, Any] = {
    "name": "blog",
    "template": {"name": "ml", "parameters": {"team": "blue", "kind": "big"}},
    "env": {"MINE": "1"},
    "wanted_secrets": [{"key": "own"}],
    "labels": {"a": "b"},
    "limits": {"cpus": 3},
    "source": {"kind": "git", "url": "https://git.example.org/a"},
}
NEWER = (
    YAML.replace("python:3.12", "python:3.13")
    .replace("default: 3,", "default: 4,")
    .replace("mem: 2Gi", "mem: 3Gi")
    .replace("For training", "For more")
    .replace("  labels: {", "  apps: [{name: docs, port: 8000}]\n  labels: {new: x, ")
)
AT_START = "\nupdate: at_start"


async def changed(client: Client, **body: Any) -> dict[str, Any]:
    answer = await client.patch(f"{W}/blog", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def events(client: Client, kind: str) -> list[dict[str, Any]]:
    items = (await client.get(f"{W}/blog/events", params={"limit": 1000})).json()["items"]
    return [one["data"] for one in items if one["kind"] == kind]


async def come_to_rest(store: Store, fetched: bool = True) -> None:
    """As the loop would leave a workspace that was stopped after a start."""
    async with store.writing() as session:
        for one in await workspaces.list_page(session, Actor("x", "x", Role.OWNER), workspaces.Filter(), 100):
            values = {"goal": Goal.STOP, "phase": Phase.STOPPED, "remembered": replace(one.remembered, fetched=fetched)}
            await workspaces.change(session, one.id, values)


async def test_a_newer_version_is_told_and_taken_on_demand(client: Client, store: Store) -> None:
    await push(client)
    made = (await client.post(W, json=MADE)).json()
    await come_to_rest(store)
    assert (await push(client, NEWER))["version"] == 2
    told = (await client.get(f"{W}/blog")).json()
    assert (told["template"]["version"], told["template"]["newest"], told["template"]["update_available"]) == (
        1,
        2,
        True,
    )
    assert told["definition"] == made["definition"]

    after = await changed(client, template={})
    said = after["definition"]
    assert (after["template"]["version"], after["template"]["update_available"]) == (2, False)
    assert (said["image"], said["description"]) == ("python:3.13", "For more")
    assert said["env"] == {"MINE": "1", "TEAM": "blue", "KIND": "big", "STEPS": "3"}
    assert [one["key"] for one in said["wanted_secrets"]] == ["wandb", "own"]
    assert [one["name"] for one in said["apps"]] == ["docs"]
    assert after["labels"] == {"a": "b", "kind": "big", "new": "x"}
    assert (after["limits"]["cpus"], after["limits"]["memory_bytes"]) == (3, 3 * 2**30)
    assert said["template"]["parameters"] == {"team": "blue", "kind": "big", "steps": 3}
    assert after["source"] == made["source"]
    assert after["revision"] == made["revision"] + 1
    [event] = await events(client, "updated")
    assert (event["template"], event["version"]) == ("ml", 2)
    assert "template" in event["fields"]
    assert await changed(client, template={}) == after

    back = await changed(client, template={"version": "1"})
    assert back["definition"] == made["definition"]
    assert back["limits"] == made["limits"]


@ON_SQLITE
async def test_values_and_the_size_of_the_same_version_are_changed(client: Client) -> None:
    await push(client)
    await client.post(W, json={key: value for key, value in MADE.items() if key != "limits"})
    await push(client, NEWER)
    after = await changed(client, template={"version": "1", "parameters": {"steps": "7", "kind": "small"}})
    assert (after["template"]["version"], after["definition"]["image"]) == (1, "python:3.12")
    assert after["definition"]["env"]["STEPS"] == "7"
    assert after["labels"]["kind"] == "small"
    sized = await changed(client, template={"version": "1", "size": "large"})
    assert (sized["limits"]["cpus"], sized["limits"]["memory_bytes"]) == (2, 4 * 2**30)
    assert sized["definition"]["template"]["size"] == "large"
    newest = await changed(client, template={"name": "ML"})
    assert (newest["template"]["version"], newest["definition"]["template"]["size"]) == (2, "large")
    plain = await changed(client, template={"size": ""})
    assert plain["limits"]["memory_bytes"] == 3 * 2**30


WRONG: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"template": {"version": "9"}}, "not_found", "no version '9'"),
    ({"template": {"version": "0"}}, "not_found", "no version '0'"),
    ({"template": {"version": "-1"}}, "bad_value", "no version of a template"),
    ({"template": {"name": "other"}}, "bad_value", "was made from ml, and stays so"),
    ({"template": {"parameters": {"team": "red"}}}, "bad_value", "stay as they were when it was made: team"),
    ({"template": {"parameters": {"steps": 99}}}, "bad_value", "'steps': 99 is too large"),
    ({"template": {"parameters": {"setps": 9}}}, "bad_value", "did you mean 'steps'?"),
    ({"template": {"size": "huge"}}, "bad_value", "there is no size 'huge'"),
    ({"template": {"size": "large"}, "limits": {"cpus": 1}}, "bad_value", "Both the size"),
    ({"image": "debian:12"}, "bad_value", "The template ml decides: image."),
    ({"image": {"name": "x"}}, "bad_value", "The template ml decides: image."),
    ({"on_startup": "true"}, "bad_value", "The template ml decides: on_startup."),
    ({"env": {"TEAM": "red"}}, "bad_value", "The template ml decides: env.TEAM."),
    ({"devcontainer": ".devcontainer.json"}, "bad_value", "Both an image and a devcontainer.json"),
    ({"limits": {"cpus": 8}}, "over_quota", "cpu: 8 is over the template's ceiling of 4"),
    ({"limits": {"gpus": 1}}, "over_quota", "gpu"),
    ({"retention": {"ttl_seconds": 7201}}, "bad_value", "the template's ceiling is 7200"),
)


@ON_SQLITE
async def test_what_cannot_be_is_refused_and_nothing_is_changed(client: Client) -> None:
    await push(client)
    before = (await client.post(W, json=MADE)).json()
    for body, kind, sentence in WRONG:
        _, found, said = await refusal(client, "PATCH", f"{W}/blog", json=body)
        assert (found, sentence in said) == (kind, True), (body, found, said)
    assert (await client.get(f"{W}/blog")).json() == before
    assert (await refusal(client, "PATCH", f"{W}/blog", json={"template": {}, "unknown": 1}))[1] == "malformed_request"
    await client.post(W, json={"name": "plain"})
    assert "was not made from a template" in (await refusal(client, "PATCH", f"{W}/plain", json={"template": {}}))[2]


@ON_SQLITE
async def test_what_is_ones_own_is_changed_beside_the_template(client: Client) -> None:
    await push(client)
    await client.post(W, json=MADE)
    after = await changed(
        client, env={"OTHER": "2"}, labels={"c": "d"}, limits={"memory_bytes": 2**30}, wanted_secrets=[]
    )
    assert after["definition"]["env"] == {"OTHER": "2", "TEAM": "blue", "KIND": "big", "STEPS": "3"}
    assert [one["key"] for one in after["definition"]["wanted_secrets"]] == ["wandb"]
    assert after["labels"] == {"c": "d", "kind": "big"}
    assert (after["limits"]["cpus"], after["limits"]["memory_bytes"]) == (2, 2**30)
    asked = await changed(client, description="mine", schedule={"stop": "19:00"}, image="", on_startup=[])
    assert (asked["definition"]["image"], asked["definition"]["on_startup"]) == ("python:3.12", ["make"])
    assert (asked["definition"]["description"], asked["definition"]["schedule"]["stop"]) == ("mine", "19:00")
    again = await changed(client, description="")
    assert again["definition"]["description"] == "For training"


@ON_SQLITE
async def test_a_new_parameter_without_a_default_has_to_be_said(client: Client) -> None:
    await push(client)
    await client.post(W, json=MADE)
    text = YAML.replace("  - {name: steps", "  - {name: goal}\n  - {name: steps").replace(
        "KIND:", "GOAL: '${parameters.goal}', KIND:"
    )
    await push(client, text)
    assert "'goal': it is missing" in (await refusal(client, "PATCH", f"{W}/blog", json={"template": {}}))[2]
    after = await changed(client, template={"parameters": {"goal": "fame"}})
    assert after["definition"]["env"]["GOAL"] == "fame"


@ON_SQLITE
async def test_a_parameter_of_another_type_keeps_what_can_be_read_as_such(client: Client) -> None:
    await push(client)
    await client.post(W, json=MADE)
    text = YAML.replace(
        "name: steps, type: number, whole: true, minimum: 1, maximum: 9, default: 3", "name: steps, default: many"
    )
    text = text.replace("name: team, description: whose it is", "name: team, type: number, default: 5")
    await push(client, text)
    after = await changed(client, template={})
    assert after["definition"]["template"]["parameters"] == {"kind": "big", "team": 5, "steps": "3"}


# --- at a start ------------------------------------------------------------------------------------------------------


async def test_where_the_version_says_so_a_start_takes_the_newest(client: Client, store: Store) -> None:
    await push(client, YAML + AT_START)
    made = (await client.post(W, json=MADE)).json()
    await come_to_rest(store)
    await push(client, NEWER + AT_START)
    started = (await client.post(f"{W}/blog/start")).json()
    assert (started["template"]["version"], started["definition"]["image"]) == (2, "python:3.13")
    assert (started["goal"], started["revision"], started["start"]) == ("run", made["revision"] + 1, made["start"] + 1)
    kinds = [one["kind"] for one in (await client.get(f"{W}/blog/events")).json()["items"]]
    assert kinds == ["created", "updated", "goal_changed"]
    await push(client, YAML + AT_START)
    assert (await client.post(f"{W}/blog/start")).json()["template"]["version"] == 2  # it runs, and is left alone
    restarted = (await client.post(f"{W}/blog/restart")).json()
    assert (restarted["template"]["version"], restarted["definition"]["image"]) == (3, "python:3.12")


@ON_SQLITE
async def test_a_start_on_a_schedule_takes_it_too(client: Client, store: Store, running: Running) -> None:
    await push(client, YAML + AT_START)
    made = (await client.post(W, json=MADE)).json()
    await come_to_rest(store)
    await push(client, NEWER + AT_START)
    async with store.reading() as session:
        found = await workspaces.find(session, made["id"])
    assert found is not None
    assert await ScheduledStarts(store, running.parts.settings).start(found) is None
    assert (await client.get(f"{W}/blog")).json()["template"]["version"] == 2


@ON_SQLITE
async def test_who_agreed_to_no_updates_gets_none_by_a_version_that_wants_them(client: Client, store: Store) -> None:
    await push(client)
    await client.post(W, json=MADE)
    await come_to_rest(store)
    await push(client, NEWER + AT_START)
    started = (await client.post(f"{W}/blog/start")).json()
    assert (started["template"]["version"], started["template"]["update"]) == (1, "on_demand")


REFUSING = {
    "a parameter without a default": (
        YAML.replace("  - {name: steps", "  - {name: goal}\n  - {name: steps").replace(
            "KIND:", "GOAL: '${parameters.goal}', KIND:"
        ),
        "'goal': it is missing",
    ),
    "a lower ceiling": (YAML.replace('cpu: "4"', 'cpu: "2"'), "cpu: 3 is over the template's ceiling of 2"),
}


@ON_SQLITE
@pytest.mark.parametrize("why", list(REFUSING))
async def test_a_version_that_cannot_be_taken_leaves_it_as_it_is_and_says_why(
    client: Client, store: Store, why: str
) -> None:
    await push(client, YAML + AT_START)
    made = (await client.post(W, json=MADE)).json()
    await come_to_rest(store)
    text, sentence = REFUSING[why]
    await push(client, text + AT_START)
    started = (await client.post(f"{W}/blog/start")).json()
    assert (started["goal"], started["template"]["version"]) == ("run", 1)
    assert started["definition"] == made["definition"]
    [told] = await events(client, "template_not_updated")
    assert (told["template"], told["version"]) == ("ml", 2)
    assert sentence in told["detail"]


async def test_a_version_over_a_limit_is_not_taken_and_many_starts_stay_within(
    store: Store, ben: Actor, owner: Actor, tmp_path: Path
) -> None:
    text = "name: t\nupdate: at_start\nworkspace: {resources: {cpu: '1', mem: 1Gi}}"
    async with (
        limited(store, tmp_path, max_running=10, user_cpus=10, default_cpus=1) as running,
        signed_in(running, owner) as client,
        signed_in(running, ben) as bens,
    ):
        await push(client, text, name="t")
        for number in range(16):
            wish = {"name": f"w{number}", "template": {"name": "t"}, "start": False}
            assert (await bens.post(W, json=wish)).status_code == 201
        await push(client, text.replace("'1'", "'2'"), name="t")
        accepted, refused = await all_at_once(bens, [f"{W}/w{number}/start" for number in range(16)])
        items = (await bens.get(W, params={"limit": 100})).json()["items"]
    runs = [one for one in items if one["goal"] == "run"]
    assert len(runs) == accepted
    assert {one["kind"] for one in refused} == {"over_quota"}
    # Each start takes the version with two CPUs where it fits, else it starts with one.
    assert sum(one["limits"]["cpus"] for one in runs) == 10
    assert {one["template"]["version"] for one in runs} == {2}


@ON_SQLITE
async def test_only_who_may_be_in_a_workspace_gives_it_another_version(
    running: Running, store: Store, client: Client, bens: Client, ben: Actor
) -> None:
    await push(client)
    mia = await add_user(store, "mia")
    async with store.writing() as session:
        await projects.ensure(session, "web")
        for actor, role in ((ben, Role.DEVELOPER), (mia, Role.MAINTAINER)):
            await projects.put_member(session, "web", "", actor.user_id, role)
    made = (await bens.post(W, json=MADE | {"project": "web"})).json()
    await push(client, NEWER)
    async with signed_in(running, mia) as mias:
        assert (await refusal(mias, "PATCH", f"{W}/{made['id']}", json={"template": {}}))[:2] == (403, "not_allowed")
        assert (await mias.patch(f"{W}/{made['id']}", json={"limits": {"cpus": 1}})).status_code == 200
        assert (await bens.patch(f"{W}/{made['id']}", json={"template": {}})).json()["template"]["version"] == 2
        # Of what runs nothing is changed by it, but the next versions would come unasked.
        await push(client, NEWER + AT_START)
        assert (await refusal(mias, "PATCH", f"{W}/{made['id']}", json={"template": {}}))[:2] == (403, "not_allowed")
    taken = (await bens.patch(f"{W}/{made['id']}", json={"template": {}})).json()["template"]
    assert (taken["version"], taken["update"]) == (3, "at_start")
