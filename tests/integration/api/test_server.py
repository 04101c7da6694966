"""The rest of the server: problems, limits, headers, health, metrics, credentials, what a workspace tells."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs
from tests.integration.api.conftest import Client, Create, Running, agent_status, signed_in
from tests.integration.conftest import Clock, add_user, add_workspace

from carrel.core.access import Actor, Role
from carrel.core.agent import Signal, SignalKind
from carrel.core.events import Span
from carrel.core.records import dump
from carrel.core.spec import GitSource
from carrel.core.workspace import Goal, ListedApp, Phase, Remembered
from carrel.devcontainer.configuration import read
from carrel.devcontainer.declared_secrets import DeclaredSecret
from carrel.devcontainer.inputs import BaseImage, Inputs, Request
from carrel.devcontainer.plan import plan
from carrel.devcontainer.preview import Preview
from carrel.devcontainer.requirements import Requirements
from carrel.devcontainer.workspace_folder import Place
from carrel.server.actions.git_credentials import find_git_credential
from carrel.server.api.app import create_app
from carrel.server.store import environments, spans, workspaces
from carrel.server.store.environments import StoredEnvironment

# --- problems --------------------------------------------------------------------------------------------------------


FAILURES = [
    ("GET", "/api/v1/nothing", 404, "not_found"),
    ("GET", "/api/v1/workspaces/", 404, "not_found"),
    ("GET", "/api", 404, "not_found"),
    ("PUT", "/api/v1/workspaces", 405, "method_not_allowed"),
    ("DELETE", "/api/v1/session/x", 404, "not_found"),
    ("POST", "/healthz", 405, "method_not_allowed"),
    ("POST", "/", 404, "not_found"),
    ("GET", "/file.js", 404, "not_found"),
    ("GET", "/../../etc/passwd.x", 404, "not_found"),
]


async def test_every_failure_is_a_problem_document(client: Client) -> None:
    for method, path, status, kind in FAILURES:
        response = await client.request(method, path)
        document = response.json()
        assert (response.status_code, document["kind"], document["status"]) == (status, kind, status), path
        assert response.headers["content-type"] == "application/problem+json"
        assert document["request_id"] == response.headers["x-request-id"]


async def test_a_refused_method_is_told_which_there_are(client: Client) -> None:
    response = await client.put("/api/v1/workspaces")
    assert response.headers["allow"] == "GET, POST"
    response = await client.post("/api/v1/git-credentials/example.org")
    assert response.headers["allow"] == "PUT, DELETE"


async def test_a_malformed_body_names_its_fields_and_quotes_nothing(client: Client) -> None:
    response = await client.post("/api/v1/session", json={"token": ["hunter2"], "more": "hunter2"})
    document = response.json()
    assert (response.status_code, document["kind"]) == (422, "malformed_request")
    assert [error["loc"] for error in document["errors"]] == [["body", "token"], ["body", "more"]]
    assert "hunter2" not in response.text
    response = await client.post("/api/v1/workspaces", content="{", headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["kind"]) == (422, "malformed_request")


async def test_what_breaks_inside_is_a_problem_without_its_cause(running: Running, client: Client) -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("the secret cause")

    app = create_app(running.parts)
    app.state.parts = Broken()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=running.url) as inside:
        with capture_logs() as lines:
            response = await inside.get("/api/v1/session", headers=client.headers)
    assert [line["event"] for line in lines if line["log_level"] == "error"] == ["request_broke"]
    assert (response.status_code, response.json()["kind"]) == (500, "internal")
    assert "cause" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_a_request_that_is_too_large_is_refused(client: Client) -> None:
    big = "x" * (1024 * 1024 + 1)
    response = await client.post("/api/v1/workspaces", json={"name": big})
    assert (response.status_code, response.json()["kind"]) == (413, "too_large")

    async def pieces() -> Any:
        for _ in range(20):
            yield b"x" * 65536 * 2

    response = await client.post("/api/v1/workspaces", content=pieces())
    assert (response.status_code, response.json()["kind"]) == (413, "too_large")


async def test_headers_tell_browsers_to_be_careful(client: Client) -> None:
    response = await client.get("/api/v1/session", headers={"X-Request-Id": "mine-1"})
    assert response.headers["x-request-id"] == "mine-1"
    assert response.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert response.headers["cache-control"] == "no-store"
    assert (await client.get("/healthz", headers={"X-Request-Id": "a b"})).headers["x-request-id"] != "a b"


async def test_nothing_is_served_on_an_apps_host(running: Running, client: Client) -> None:
    for path in ("/api/v1/session", "/", "/login"):
        response = await client.get(path, headers={"Host": "code--blog--ben.localhost:7070"})
        assert (response.status_code, response.json()["kind"]) == (404, "not_found")


# --- server ----------------------------------------------------------------------------------------------------------


async def test_the_server_says_what_it_is(client: Client, nobody: Client) -> None:
    document = (await client.get("/api/v1/server")).json()
    assert document["runtime"]["name"] == "fake"
    assert document["settings"]["ttl_seconds"] == 1800
    assert "database_url" not in document["settings"]
    assert document["git_login_hosts"] == []
    assert (await nobody.get("/api/v1/server")).status_code == 401


async def test_health_and_readiness(nobody: Client, running: Running) -> None:
    assert (await nobody.get("/healthz")).json() == {"status": "alive", "problems": []}
    assert (await nobody.get("/readyz")).json() == {"status": "ready", "problems": []}
    running.parts.stopping.set()
    response = await nobody.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (503, "not ready")


async def test_metrics_are_for_those_who_may_read_them(
    client: Client, bens: Client, nobody: Client, create: Create
) -> None:
    await create()
    text = (await client.get("/metrics")).text
    assert 'carrel_workspaces{phase="pending"} 1.0' in text
    assert 'carrel_http_requests_total{method="POST",route="/api/v1/workspaces",status="201"} 1.0' in text
    assert (await bens.get("/metrics")).status_code in {403, 404}
    assert (await nobody.get("/metrics")).status_code == 401


async def test_git_credentials_are_stored_listed_and_never_shown(
    client: Client, running: Running, owner: Actor
) -> None:
    store = running.parts.store
    put = await client.put("/api/v1/git-credentials/GitHub.com", json={"token": "ghp_seeded"})
    assert (put.status_code, put.json()["host"], put.json()["username"]) == (201, "github.com", "x-access-token")
    again = await client.put("/api/v1/git-credentials/github.com", json={"username": "ana", "token": "ghp_other"})
    assert (again.status_code, again.json()["username"]) == (200, "ana")
    listed = await client.get("/api/v1/git-credentials")
    assert [item["host"] for item in listed.json()["items"]] == ["github.com"]
    assert "ghp_" not in put.text + again.text + listed.text
    async with store.reading() as session:
        found = await find_git_credential(session, store.keys, owner.user_id, "github.com")
    assert found is not None
    assert (found.username, found.token.reveal()) == ("ana", "ghp_other")
    assert (await client.delete("/api/v1/git-credentials/github.com")).status_code == 204
    assert (await client.delete("/api/v1/git-credentials/github.com")).status_code == 404


STRANGE: list[tuple[str, dict[str, str], int]] = [
    ("a b", {"token": "x"}, 400),
    ("host:port", {"token": "x"}, 400),
    ("example.org", {"token": ""}, 400),
    ("example.org", {"token": "a\nb"}, 400),
    ("example.org", {"token": "x", "username": "a:b"}, 400),
    ("example.org", {}, 422),
]


async def test_strange_credentials_are_refused(client: Client) -> None:
    for host, body, status in STRANGE:
        response = await client.put(f"/api/v1/git-credentials/{host}", json=body)
        assert response.status_code == status, (host, body)


# --- what a workspace tells ------------------------------------------------------------------------------------------


async def test_apps_and_ports_have_addresses_of_their_own(client: Client, running: Running, owner: Actor) -> None:
    store = running.parts.store
    apps = (ListedApp("code", "VS Code", "code"), ListedApp("jupyter", "Jupyter"))
    made = await add_workspace(store, owner, name="blog", phase=Phase.RUNNING, apps=apps)
    running.live.statuses[made.id] = agent_status(made)
    port = running.url.rsplit(":", 1)[1]
    items = (await client.get(f"/api/v1/workspaces/{made.id}/apps")).json()["items"]
    assert [(i["name"], i["title"], i["state"]) for i in items] == [
        ("code", "VS Code", "done"),
        ("jupyter", "Jupyter", "pending"),
    ]
    assert items[0]["url"] == f"http://code--blog--{owner.name}.localhost:{port}/"
    listed = (await client.get(f"/api/v1/workspaces/{made.id}")).json()["apps"]
    assert [app["url"] for app in listed] == [item["url"] for item in items]
    [found] = (await client.get(f"/api/v1/workspaces/{made.id}/ports")).json()["items"]
    assert (found["port"], found["label"], found["url"]) == (
        5173,
        "Web",
        f"http://5173--blog--{owner.name}.localhost:{port}/",
    )


@pytest.mark.conformance("C403", "C407", "C408", "C410", "C412", "C439", "C444")
async def test_the_environment_is_served_with_ports_and_everybodys_customizations(
    client: Client, running: Running, owner: Actor
) -> None:
    store = running.parts.store
    made = await add_workspace(store, owner, phase=Phase.RUNNING, remembered=Remembered(resolved=1))
    path = f"/api/v1/workspaces/{made.id}"
    assert (await client.get(f"{path}/environment")).json()["revision"] == 0
    values = {
        "name": "Blog",
        "image": "base:1",
        "forwardPorts": [3000, "4000", "db:5432", 5173],
        "portsAttributes": {
            "3000": {"label": "Web", "onAutoForward": "openBrowser", "requireLocalPort": True, "elevateIfNeeded": True},
            "4000-4010": {"onAutoForward": "ignore", "protocol": "https"},
        },
        "otherPortsAttributes": {"onAutoForward": "silent"},
        "customizations": {"jetbrains": {"backend": "PyCharm"}, "carrel": {"x": 1}},
    }
    configuration = read(json.dumps(values), ".devcontainer.json", Place("/workspaces/blog", ""))
    environment = plan(Inputs(Request(made.id), configuration, BaseImage("base:1")))
    async with store.writing() as session:
        await environments.put(session, StoredEnvironment(made.id, 1, "d", dump(environment)))
    shown = (await client.get(f"{path}/environment")).json()
    assert (shown["name"], shown["forward_ports"]) == ("Blog", ["3000", "4000", "db:5432", "5173"])
    assert shown["customizations"] == {"jetbrains": [{"backend": "PyCharm"}], "carrel": [{"x": 1}]}
    running.live.statuses[made.id] = agent_status(made)
    ports = {one["port"]: one for one in (await client.get(f"{path}/ports")).json()["items"]}
    assert {n: (p["listening"], p["on_auto_forward"], p["protocol"]) for n, p in ports.items()} == {
        3000: (False, "openBrowser", ""),
        4000: (False, "ignore", "https"),
        5173: (True, "notify", "http"),
    }
    assert (ports[3000]["label"], ports[3000]["require_local_port"], ports[3000]["elevate_if_needed"]) == (
        "Web",
        True,
        True,
    )


@pytest.mark.conformance("C370", "C414", "C415")
async def test_a_repository_is_looked_at_before_there_is_a_workspace(client: Client, running: Running) -> None:
    url = "https://git.example/ana/blog.git"
    wanted = (DeclaredSecret("A", "To sign in.", "https://docs.example/a"), DeclaredSecret("B"))
    needs = Requirements(cpus=64, memory_bytes=2**30, gpu=True)
    running.live.previews[GitSource(url)] = Preview(("a.json", "b.json"), "a.json", "Blog", wanted, needs)
    await client.put("/api/v1/secrets/B", json={"value": "x", "sources": ["https://git.example/*"]})
    body = {"source": {"kind": "git", "url": url}}
    found = (await client.post("/api/v1/inspections", json=body)).json()
    assert (found["configurations"], found["config_path"], found["name"]) == (["a.json", "b.json"], "a.json", "Blog")
    assert [(one["name"], one["description"], one["given_by"]) for one in found["secrets"]] == [
        ("A", "To sign in.", ""),
        ("B", "", "user"),
    ]
    assert len(found["unmet"]) == 2
    assert "64 CPUs" in found["unmet"][0]
    refused = await client.post("/api/v1/inspections", json={"source": {"kind": "git", "url": "ext::sh"}})
    assert refused.json()["kind"] == "bad_source"


async def test_why_a_workspace_lives(client: Client, running: Running, owner: Actor, clock: Clock) -> None:
    store = running.parts.store
    since = clock() - timedelta(hours=2)
    made = await add_workspace(store, owner, phase=Phase.RUNNING, running_since=since, degraded="The service db ended.")
    signals = (Signal(SignalKind.INPUT, clock() - timedelta(minutes=10), "terminal main"),)
    running.live.statuses[made.id] = agent_status(made, signals=signals)
    why = (await client.get(f"/api/v1/workspaces/{made.id}/why")).json()
    assert why["alive"] is True
    assert why["reason"] == "Active 10 min ago: somebody typed (terminal main)."
    assert why["degraded"] == "The service db ended."
    assert datetime.fromisoformat(why["stops_at"]) == signals[0].at + timedelta(minutes=30)
    running.live.statuses.clear()
    why = (await client.get(f"/api/v1/workspaces/{made.id}/why")).json()
    assert (why["alive"], why["signals"]) == (True, None)
    assert "unknown" in why["reason"]


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"goal": Goal.STOP, "phase": Phase.STOPPED, "stop_reason": "It was idle."}, "It was idle."),
        ({"goal": Goal.STOP, "phase": Phase.STOPPED}, "It was never started."),
        ({"phase": Phase.BUILDING}, "It is to run, and is building now."),
    ],
)
async def test_why_a_workspace_does_not_run(
    client: Client, running: Running, owner: Actor, members: dict[str, Any], reason: str
) -> None:
    made = await add_workspace(running.parts.store, owner, **members)
    why = (await client.get(f"/api/v1/workspaces/{made.id}/why")).json()
    assert (why["alive"], why["reason"]) == (False, reason)


async def test_the_timeline_of_the_newest_start_or_of_another(
    client: Client, running: Running, owner: Actor, clock: Clock
) -> None:
    store = running.parts.store
    made = await add_workspace(store, owner)
    began = clock()
    async with store.writing() as session:
        await spans.append(
            session,
            made.id,
            [
                Span("create", began, began + timedelta(seconds=1), 1),
                Span("start", began + timedelta(seconds=9), began + timedelta(seconds=10), 2),
                Span("wait", began + timedelta(seconds=8), began + timedelta(seconds=9), 2, "queue"),
            ],
        )
    path = f"/api/v1/workspaces/{made.id}/timeline"
    newest = (await client.get(path)).json()
    assert (newest["start"], [s["name"] for s in newest["spans"]]) == (2, ["wait", "start"])
    assert [s["name"] for s in (await client.get(path, params={"start": 1})).json()["spans"]] == ["create"]


async def test_an_auditor_reads_everything_and_changes_nothing(running: Running, ben: Actor) -> None:
    auditor = await add_user(running.parts.store, "eye", Role.AUDITOR)
    made = await add_workspace(running.parts.store, ben, phase=Phase.RUNNING)
    async with signed_in(running, auditor) as client:
        path = f"/api/v1/workspaces/{made.id}"
        assert (await client.get(path)).status_code == 200
        assert (await client.get(f"{path}/logs")).status_code == 200
        assert (await client.post(f"{path}/stop")).json()["kind"] == "not_allowed"
        assert (await client.delete(path)).json()["kind"] == "not_allowed"
        assert (await client.post("/api/v1/workspaces", json={})).json()["kind"] == "not_allowed"
    async with running.parts.store.reading() as session:
        now = await workspaces.find(session, made.id)
    assert now is not None
    assert now.goal is Goal.RUN
