"""The catalog over HTTP: put in, looked at, used, taken out, by whom; with everything that a person can say wrongly."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.integration.api.conftest import Client, Running, signed_in, token_of
from tests.integration.conftest import add_user

from carrel.core.access import Actor, Role, Scope
from carrel.server.actions.templates import folder_of, withdraw
from carrel.server.store import projects, templates
from carrel.server.store.engine import Store
from carrel.templates.folder import starter_files

T = "/api/v1/templates"
W = "/api/v1/workspaces"
YAML = """
name: ml
title: Machine learning
icon: 📈
parameters:
  - {name: kind, type: choice, choices: [small, big], default: small, mutable: true}
  - {name: team, description: whose it is}
  - {name: steps, type: number, whole: true, minimum: 1, maximum: 9, default: 3, mutable: true}
sizes:
  small: {cpu: "1", mem: 1Gi}
  large: {cpu: "2", mem: 4Gi}
ceiling: {cpu: "4", mem: 8Gi}
policy: {ttl_max_seconds: 7200, hard_life_seconds: 90000}
workspace:
  container_image: python:3.12
  resources: {cpu: "2", mem: 2Gi}
  env: {TEAM: "${parameters.team}", KIND: "${parameters.kind}", STEPS: "${parameters.steps}"}
  secrets: [{key: wandb, env_var: WANDB}]
  on_startup: make
  labels: {kind: "${parameters.kind}"}
  description: For training
  ttl_seconds: 3600
"""
ML: dict[str, Any] = {"name": "ml", "parameters": {"team": "blue"}}


def body(text: str, **files: str) -> dict[str, Any]:
    contents = {"template.yaml": text} | files
    return {"files": {path: b64encode(content.encode()).decode() for path, content in contents.items()}}


async def push(client: Client, text: str = YAML, project: str = "", name: str = "ml", **files: str) -> dict[str, Any]:
    answer = await client.put(f"{T}/{name}", params={"project": project}, json=body(text, **files))
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def refusal(client: Client, method: str, path: str, **more: Any) -> tuple[int, str, str]:
    answer = await client.request(method, path, **more)
    assert answer.is_error, answer.text
    problem = answer.json()
    return answer.status_code, problem["kind"], problem.get("detail", "") + " " + problem["hint"]


@pytest.fixture
async def team(store: Store, running: Running, ben: Actor) -> AsyncIterator[dict[str, Client]]:
    """In the project web: maintainer, developer in one domain, viewer; somebody else; an administrator."""
    people = {name: await add_user(store, name) for name in ("mia", "dan", "vic", "eve")}
    people["ada"] = await add_user(store, "ada", Role.ADMIN)
    members = {"mia": ("", Role.MAINTAINER), "dan": ("staging", Role.DEVELOPER), "vic": ("", Role.VIEWER)}
    async with store.writing() as session:
        await projects.ensure(session, "web")
        for name, (domain, role) in members.items():
            await projects.put_member(session, "web", domain, people[name].user_id, role)
    clients = {name: signed_in(running, actor) for name, actor in people.items()}
    found = {name: await one.__aenter__() for name, one in clients.items()}
    yield found
    for one in clients.values():
        await one.__aexit__(None, None, None)


ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What the other tests show of PostgreSQL is enough."""


async def test_a_template_is_pushed_looked_at_and_deleted(client: Client) -> None:
    first = await client.put(f"{T}/ML", json=body(YAML, **{".devcontainer.sh": "x"}))
    assert (first.status_code, first.json()["version"]) == (201, 1)
    same = await client.put(f"{T}/ml", json=body(YAML, **{".devcontainer.sh": "x"}))
    assert (same.status_code, same.json()["version"]) == (200, 1)
    second = await client.put(f"{T}/ml", json=body(YAML.replace("Machine learning", "Learning")))
    assert (second.status_code, second.json()["version"]) == (201, 2)
    found = (await client.get(f"{T}/ml")).json()
    assert (found["name"], found["project"], found["title"], found["newest"]) == ("ml", "", "Learning", 2)
    assert [one["name"] for one in found["parameters"]] == ["kind", "team", "steps"]
    assert found["parameters"][1]["default"] is None
    assert found["sizes"]["large"] == {"cpus": 2, "memory_bytes": 4 * 2**30, "gpus": 0}
    assert (found["policy"]["ttl_seconds"], found["policy"]["ttl_max_seconds"]) == (3600, 7200)
    assert found["workspace"]["env"]["TEAM"] == "${parameters.team}"
    assert [one["number"] for one in found["versions"]] == [2, 1]
    old = (await client.get(f"{T}/ml", params={"version": "1"})).json()
    assert (old["title"], old["version"], len(old["files"])) == ("Machine learning", 1, 2)
    [listed] = (await client.get(T)).json()["items"]
    assert (listed["name"], listed["version"], listed["may"]) == ("ml", 2, ["use", "manage"])
    assert (await client.get(T, params={"project": ""})).json()["items"] == [listed]
    assert (await client.get(T, params={"project": "\0"})).status_code == 404
    assert (await client.delete(f"{T}/ml")).status_code == 204
    assert (await client.get(T)).json()["items"] == []


@ON_SQLITE
async def test_a_version_that_comes_back_is_a_new_one(client: Client) -> None:
    for number, title in enumerate(("one", "two", "one"), 1):
        assert (await push(client, f"name: t\ntitle: {title}", name="t"))["version"] == number


@ON_SQLITE
async def test_what_a_version_says_is_read_once(client: Client, store: Store) -> None:
    await push(client)
    async with store.reading() as session:
        entry = await templates.find(session, "", "ml")
        assert entry is not None
        assert await folder_of(session, entry.id, 1) is await folder_of(session, entry.id, 1)


@ON_SQLITE
async def test_who_sees_and_manages_which(team: dict[str, Client]) -> None:
    await push(team["ada"])
    await push(team["mia"], project="web")
    may = {}
    for name, client in team.items():
        items = (await client.get(T)).json()["items"]
        may[name] = {one["project"]: one["may"] for one in items}
    assert may == {
        "mia": {"": ["use"], "web": ["use", "manage"]},
        "dan": {"": ["use"], "web": ["use"]},
        "vic": {"": ["use"], "web": []},
        "eve": {"": ["use"]},
        "ada": {"": ["use", "manage"], "web": ["use", "manage"]},
    }
    assert (await team["dan"].get(f"{T}/ml", params={"project": "web"})).json()["project"] == "web"
    assert (await team["eve"].get(f"{T}/ml", params={"project": ""})).json()["project"] == ""
    elsewhere = {"params": {"project": "web"}}
    for method, more in (("GET", {}), ("PUT", {"json": body(YAML)}), ("DELETE", {})):
        assert (await refusal(team["eve"], method, f"{T}/ml", **elsewhere, **more))[:2] == (404, "not_found"), method
    assert (await refusal(team["eve"], "GET", T, **elsewhere))[:2] == (404, "not_found")
    for who, project in (("vic", "web"), ("dan", "web"), ("mia", ""), ("eve", "")):
        for method, more in (("PUT", {"json": body(YAML)}), ("DELETE", {})):
            answer = await refusal(team[who], method, f"{T}/ml", params={"project": project}, **more)
            assert answer[:2] == (403, "not_allowed"), (who, method)


@ON_SQLITE
async def test_a_token_reads_or_writes_and_the_audit_names_what_was_done(
    running: Running, owner: Actor, team: dict[str, Client]
) -> None:
    store = running.parts.store
    for scope, status in ((Scope.READ, 403), (Scope.USE, 403), (Scope.WRITE, 201)):
        token = await token_of(store, owner, scopes=frozenset({scope}))
        headers = {"Authorization": f"Bearer {token.reveal()}"}
        sent = await team["ada"].put(f"{T}/t", json=body("name: t"), headers=headers)
        assert sent.status_code == status, scope
        assert (await team["ada"].get(T, headers=headers)).status_code == (403 if scope is Scope.USE else 200), scope
    await push(team["mia"], project="web")
    await team["mia"].delete(f"{T}/ml", params={"project": "web"})
    rows = (await team["mia"].get("/api/v1/audit", params={"action": "template."})).json()["items"]
    told = [(one["action"], one["project"], one["actor"], one["detail"].get("version")) for one in rows]
    assert told == [("template.deleted", "web", "mia", None), ("template.published", "web", "mia", 1)]


@ON_SQLITE
async def test_grants_are_those_of_who_publishes(team: dict[str, Client]) -> None:
    text = "name: t\ngrants: [privileged, devices:/dev/fuse]"
    status, kind, said = await refusal(team["mia"], "PUT", f"{T}/t", params={"project": "web"}, json=body(text))
    assert (status, kind) == (403, "not_allowed")
    assert "privileged, devices:/dev/fuse" in said
    assert (await push(team["ada"], text, "web", "t"))["grants"] == ["privileged", "devices:/dev/fuse"]
    made = await team["mia"].post(W, json={"project": "web", "template": {"name": "t"}})
    assert made.json()["allow"] == ["privileged", "devices:/dev/fuse"]
    more = {"project": "web", "template": {"name": "t"}, "allow": ["host-network"]}
    assert (await refusal(team["mia"], "POST", W, json=more))[1] in {"not_allowed", "bad_value"}


@ON_SQLITE
async def test_what_a_template_granted_once_no_older_version_gives_back(team: dict[str, Client]) -> None:
    for grants in ("[privileged, devices:/dev/fuse]", "[privileged]"):
        await push(team["ada"], f"name: t\ngrants: {grants}", "web", "t")
    old = {"template": {"name": "t", "version": "1"}}
    status, kind, _ = await refusal(team["mia"], "POST", W, json={"project": "web", **old})
    assert (status, kind) == (403, "not_allowed")
    made = (await team["mia"].post(W, json={"project": "web", "template": {"name": "t"}})).json()
    assert made["allow"] == ["privileged"]
    status, kind, _ = await refusal(team["mia"], "PATCH", f"{W}/{made['id']}", json=old)
    assert (status, kind) == (403, "not_allowed")
    await push(team["ada"], "name: t\ngrants: [privileged, devices:/dev/fuse]\nicon: python", "web", "t")
    assert (await team["mia"].post(W, json={"project": "web", **old})).status_code == 201


@ON_SQLITE
async def test_what_cannot_be_pushed_is_refused_with_its_place(client: Client) -> None:
    files: list[tuple[dict[str, Any], str]] = [
        ({"files": {}}, "template.yaml is missing"),
        (body("name: other"), "of the template 'other', not of 'ml'"),
        (body("name: ml\nnmae: x"), "template.yaml, line 2, column 1: there is no key 'nmae'"),
        (body("name: ml\nworkspace: {env: {A: '${parameters.x}'}}"), "there is no parameter 'x'"),
        (body("name: ml\npolicy: {ttl_max_seconds: 60, ttl_min_seconds: 90}"), "policy.ttl_max_seconds: it is below"),
        (body("name: ml\npolicy: {trash_days: 3}"), "there is no key 'trash_days'"),
        (body("name: ml", **{"../x": ""}), "it does not lead into the folder"),
        (body("name: ml", **{".Git/config": ""}), "git's own"),
        (body("name: ml", **{"a": "", "a/b": ""}), "it is a file and a folder"),
        (body("name: ml", **{"a\nb": ""}), "printable"),
        (body("name: ml", big="x" * 2**20), "at most 200 of 1048576 bytes"),
        ({"files": {"template.yaml": "%%%"}}, "no base64"),
        (body("name: ml\nworkspace: {container_image: {name: a, requirements: r.txt}}"), "no file 'r.txt'"),
    ]
    for sent, sentence in files:
        status, kind, said = await refusal(client, "PUT", f"{T}/ml", json=sent)
        assert (status, kind) == (400, "bad_value"), sentence
        assert sentence in said, said
    assert (await refusal(client, "PUT", f"{T}/\u212al", json=body("name: ml")))[1] == "bad_name"
    assert (await refusal(client, "GET", f"{T}/a--b"))[1] == "bad_name"
    too_much = {"files": {"template.yaml": "a" * (3 * 2**20)}}
    assert (await refusal(client, "PUT", f"{T}/ml", json=too_much))[1] == "too_large"
    assert (await client.get(T)).json()["items"] == []


async def test_fifty_pushes_at_once_are_as_many_versions(client: Client, store: Store) -> None:
    texts = [f"name: t\ntitle: t{number}" for number in range(25)] * 2
    answers = await asyncio.gather(*(client.put(f"{T}/t", json=body(text), timeout=60) for text in texts))
    assert {answer.status_code for answer in answers} <= {200, 201}
    created = sorted(one.json()["version"] for one in answers if one.status_code == 201)
    assert created == list(range(1, len(created) + 1))
    assert len(created) >= 25
    async with store.reading() as session:
        entry = await templates.find(session, "", "t")
        assert entry is not None
        assert entry.newest == len(created)


# --- a workspace of it -----------------------------------------------------------------------------------------------


async def test_a_workspace_is_what_the_template_makes_of_the_values(client: Client) -> None:
    await push(client)
    wish = {
        "template": ML | {"size": "large"},
        "env": {"MINE": "1"},
        "wanted_secrets": [{"key": "own"}],
        "labels": {"a": "b"},
        "source": {"kind": "git", "url": "https://git.example.org/a"},
    }
    made = (await client.post(W, json=wish)).json()
    said = made["definition"]
    assert made["name"] == "a"
    assert said["image"] == "python:3.12"
    assert said["env"] == {"MINE": "1", "TEAM": "blue", "KIND": "small", "STEPS": "3"}
    assert [one["key"] for one in said["wanted_secrets"]] == ["wandb", "own"]
    assert (said["on_startup"], said["description"]) == (["make"], "For training")
    assert made["labels"] == {"a": "b", "kind": "small"}
    assert (made["limits"]["cpus"], made["limits"]["memory_bytes"]) == (2, 4 * 2**30)
    used = {"name": "ml", "version": "1", "size": "large"}
    assert said["template"] == used | {"parameters": {"kind": "small", "team": "blue", "steps": 3}}
    assert made["template"] == {
        "name": "ml", "project": "", "version": 1, "newest": 1, "update_available": False, "update": "on_demand",
        "withdrawn": False,
    }  # fmt: skip
    assert (made["retention"]["ttl_seconds"], made["retention"]["hard_life_seconds"]) == (3600, 90000)
    assert made["asked_retention"]["ttl_seconds"] is None
    [listed] = (await client.get(W)).json()["items"]
    assert listed["template"] == made["template"]
    assert (await client.get(T)).json()["items"][0]["workspaces"] == 1
    named = (await client.post(W, json={"template": ML})).json()
    assert named["name"] == "ml"
    events = (await client.get(f"{W}/ml/events")).json()["items"]
    assert events[0]["data"]["template"] == "ml"


@ON_SQLITE
async def test_why_names_the_template(client: Client) -> None:
    await push(client)
    await client.post(W, json={"template": ML, "name": "blog"})
    found = (await client.get(f"{W}/blog")).json()
    assert found["retention"]["ttl_seconds"] == 3600
    assert (await client.patch(f"{W}/blog", json={"retention": {"ttl_seconds": 9000}})).json()["kind"] == "bad_value"
    asked = await client.patch(f"{W}/blog", json={"retention": {"ttl_seconds": 600}})
    assert asked.json()["retention"]["ttl_seconds"] == 600


WRONG: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"template": {"name": "lm"}}, "not_found", "There is no template 'lm' for the project default. There are: ml."),
    ({"template": {"name": "\u043cl"}}, "bad_value", "not a plain letter"),
    ({"template": {"name": "m--l"}}, "bad_value", "template"),
    ({"template": ML | {"version": "7"}}, "not_found", "no version '7'"),
    ({"template": ML | {"version": "\u0661"}}, "bad_value", "is no version of a template"),
    ({"template": ML | {"version": "99999999999999999999"}}, "not_found", "no version"),
    ({"template": {"name": "ml"}}, "bad_value", "'team': it is missing (whose it is)"),
    ({"template": {"name": "ml", "parameters": {"taem": "x"}}}, "bad_value", "no such parameter (did you mean 'team'?)"),
    ({"template": {"name": "ml", "parameters": {"team": "x", "steps": "many"}}}, "bad_value", "'steps': it should be a number"),
    ({"template": {"name": "ml", "parameters": {"team": "x", "steps": 10}}}, "bad_value", "'steps': 10 is too large"),
    ({"template": {"name": "ml", "parameters": {"team": "x", "kind": "bgi"}}}, "bad_value", "did you mean 'big'?"),
    ({"template": {"name": "ml", "parameters": {"team": "a\nb"}}}, "bad_value", "'team'"),
    ({"template": ML | {"size": "lagre"}}, "bad_value", "there is no size 'lagre' (did you mean 'large'?)"),
    ({"template": ML | {"size": "large"}, "limits": {"cpus": 1}}, "bad_value", "Both the size 'large' and `limits`"),
    ({"template": ML, "limits": {"cpus": 5}}, "over_quota", "cpu: 5 is over the template's ceiling of 4"),
    ({"template": ML, "limits": {"memory_bytes": 2**40}}, "over_quota", "mem: 1Ti is over"),
    ({"template": ML, "limits": {"gpus": 1}}, "over_quota", "gpu: 1 is over the template's ceiling of none"),
    ({"template": ML, "accelerator": "nvidia-l4"}, "over_quota", "at most 0"),
    ({"template": ML, "image": "debian:12"}, "bad_value", "The template ml decides: image."),
    ({"template": ML, "on_startup": "rm"}, "bad_value", "The template ml decides: on_startup."),
    ({"template": ML, "env": {"TEAM": "red"}}, "bad_value", "The template ml decides: env.TEAM."),
    ({"template": ML, "env": {"WANDB": "red"}}, "bad_value", "The template ml decides: env.WANDB."),
    ({"template": ML, "wanted_secrets": [{"key": "x", "env_var": "WANDB"}]}, "bad_value", "secrets.WANDB"),
    ({"template": ML, "secrets": {"TEAM": "x"}}, "bad_value", "secrets.TEAM"),
    ({"template": ML, "devcontainer": ".devcontainer.json"}, "bad_value", "Both an image and a devcontainer.json"),
    ({"template": ML, "retention": {"ttl_seconds": 0}}, "bad_value", "the template's ceiling is 7200"),
    ({"template": ML, "retention": {"max_life_seconds": 100000}}, "bad_value", "the template's ceiling is 90000"),
    ({"template": {"name": "ml", "parameters": {"team": []}}}, "malformed_request", ""),
)  # fmt: skip
"""A wish, the problem's kind, what it says."""


@ON_SQLITE
async def test_what_a_person_says_wrongly_is_refused_by_name(client: Client) -> None:
    await push(client)
    for wish, kind, sentence in WRONG:
        _, found, said = await refusal(client, "POST", W, json=wish)
        assert found == kind, (wish, said)
        assert sentence in said, (wish, said)
    same = {"template": ML, "image": "python:3.12", "env": {"TEAM": "blue"}, "on_startup": ["make"]}
    assert (await client.post(W, json=same)).status_code == 201
    assert len((await client.get(W)).json()["items"]) == 1


@ON_SQLITE
async def test_a_projects_template_comes_before_everybodys(team: dict[str, Client]) -> None:
    await push(team["ada"], "name: t\nworkspace: {description: everybody's}", name="t")
    everybodys = (await team["mia"].post(W, json={"project": "web", "template": {"name": "t"}})).json()
    assert everybodys["template"]["project"] == ""
    await push(team["mia"], "name: t\nworkspace: {description: web's}", "web", "t")
    webs = (await team["dan"].post(W, json={"project": "web", "domain": "staging", "template": {"name": "T"}})).json()
    assert (webs["template"]["project"], webs["definition"]["description"]) == ("web", "web's")
    elsewhere = (await team["eve"].post(W, json={"template": {"name": "t"}})).json()
    assert elsewhere["definition"]["description"] == "everybody's"


@ON_SQLITE
async def test_a_deleted_template_leaves_its_workspaces_as_they_are(client: Client) -> None:
    await push(client)
    made = (await client.post(W, json={"template": ML, "name": "blog"})).json()
    await client.delete(f"{T}/ml")
    after = (await client.get(f"{W}/blog")).json()
    assert after["definition"] == made["definition"]
    assert (after["template"]["withdrawn"], after["template"]["update_available"]) == (True, False)
    assert (await refusal(client, "PATCH", f"{W}/blog", json={"template": {}}))[1] == "wrong_state"
    assert (await client.patch(f"{W}/blog", json={"env": {"A": "1"}})).json()["definition"]["env"] == {"A": "1"}
    await push(client)
    assert (await client.get(f"{W}/blog")).json()["template"]["withdrawn"] is True


@ON_SQLITE
async def test_of_a_withdrawn_template_no_workspace_is_made_and_those_there_are_go_on(
    client: Client, owner: Actor, store: Store
) -> None:
    await push(client)
    await client.post(W, json={"template": ML, "name": "blog"})
    await push(client, YAML.replace("3.12", "3.13"))
    for is_new in (True, False):
        async with store.writing() as session:
            entry = await templates.find(session, "", "ml")
            assert entry is not None
            assert await withdraw(owner, session, entry) is is_new
    assert (await refusal(client, "POST", W, json={"template": ML}))[:2] == (409, "wrong_state")
    assert [one["withdrawn"] for one in (await client.get(T)).json()["items"]] == [True]
    assert (await client.get(f"{W}/blog")).json()["template"]["withdrawn"] is True
    after = (await client.patch(f"{W}/blog", json={"template": {}})).json()
    assert (after["template"]["version"], after["definition"]["image"]) == (2, "python:3.13")
    again = await client.put(f"{T}/ml", json=body(YAML.replace("3.12", "3.13")))
    assert (again.status_code, again.json()["withdrawn"], again.json()["version"]) == (200, False, 2)


@ON_SQLITE
async def test_a_project_goes_with_its_templates(team: dict[str, Client], store: Store) -> None:
    await push(team["ada"])
    await push(team["mia"], project="web")
    assert (await team["ada"].delete("/api/v1/projects/web")).status_code == 204
    assert [one["project"] for one in (await team["ada"].get(T)).json()["items"]] == [""]
    async with store.reading() as session:
        assert await templates.find(session, "web", "ml") is None


@ON_SQLITE
async def test_the_same_request_twice_is_one_workspace_of_the_first_version(client: Client) -> None:
    await push(client)
    wish: dict[str, Any] = {"json": {"template": ML, "name": "blog"}, "headers": {"Idempotency-Key": "k1"}}
    first = (await client.post(W, **wish)).json()
    await push(client, YAML.replace("python:3.12", "python:3.13"))
    again = await client.post(W, **wish)
    assert (again.status_code, again.json()["id"], again.json()["template"]["version"]) == (200, first["id"], 1)
    other = wish | {"json": {"template": ML | {"size": "small"}, "name": "blog"}}
    assert (await refusal(client, "POST", W, **other))[1] == "idempotency_mismatch"
    dry = await client.post(W, params={"dry_run": "true"}, json={"template": ML, "name": "dry"})
    assert dry.status_code == 204


@ON_SQLITE
@pytest.mark.parametrize("starter", ["python", "ml", "compose"])
async def test_a_starter_is_pushed_and_used(client: Client, starter: str) -> None:
    files = {path: b64encode(content).decode() for path, content in starter_files(starter).items()}
    assert (await client.put(f"{T}/{starter}", json={"files": files})).status_code == 201
    made = await client.post(W, json={"template": {"name": starter}, "name": "mine", "start": False})
    assert made.status_code == 201, made.text
