"""Opening ports and apps to more people: for a time, under ceilings, never an editor."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.integration.api.conftest import Client, Running, agent_status
from tests.integration.conftest import add_workspace

from carrel.core.access import Actor
from carrel.core.agent import AppStatus, Progress
from carrel.core.workspace import ListedApp, Phase

API = "/api/v1/workspaces"


async def test_a_port_is_opened_for_a_time_and_closed(running: Running, bens: Client, ben: Actor) -> None:
    blog = await add_workspace(running.parts.store, ben, name="blog", phase=Phase.RUNNING)
    running.live.statuses[blog.id] = agent_status(blog)
    now = running.parts.store.clock()
    opened = await bens.put(f"{API}/blog/ports/5173", json={"visibility": "public", "expires_in_seconds": 600})
    assert opened.status_code == 200, opened.text
    assert opened.json()["visibility"] == "public"
    until = opened.json()["expires_at"]
    listed = (await bens.get(f"{API}/blog/ports")).json()["items"]
    assert [(port["port"], port["visibility"], port["expires_at"]) for port in listed] == [(5173, "public", until)]
    assert (await bens.put(f"{API}/blog/ports/8000", json={"visibility": "project"})).json()["expires_at"] is None
    listed = (await bens.get(f"{API}/blog/ports")).json()["items"]
    assert [(port["port"], port["listening"]) for port in listed] == [(5173, True), (8000, False)]
    default = (await bens.put(f"{API}/blog/ports/5173", json={"visibility": "public"})).json()["expires_at"]
    assert datetime.fromisoformat(default) == now + timedelta(hours=8)
    closed = await bens.put(f"{API}/blog/ports/5173", json={"visibility": "private"})
    assert (closed.json()["visibility"], closed.json()["expires_at"]) == ("private", None)


REFUSED: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("ports/0", {"visibility": "public"}, "bad_value"),
    ("ports/99999", {"visibility": "public"}, "bad_value"),
    ("ports/-1", {"visibility": "public"}, "bad_value"),
    ("ports/080", {"visibility": "public"}, "bad_value"),
    ("ports/7022", {"visibility": "public"}, "not_allowed"),
    ("ports/29001", {"visibility": "project"}, "not_allowed"),
    ("ports/40001", {"visibility": "public"}, "not_allowed"),
    ("ports/8080", {"visibility": "public", "expires_in_seconds": 25 * 3600}, "not_allowed"),
    ("ports/8080", {"visibility": "world"}, "malformed_request"),
    ("apps/code", {"visibility": "public"}, "not_allowed"),
    ("ports/code", {"visibility": "project"}, "not_allowed"),
    ("apps/jupyter", {"visibility": "project"}, "not_allowed"),
    ("apps/nothing", {"visibility": "project"}, "no_such_app"),
    ("apps/inner", {"visibility": "project"}, "not_allowed"),
    ("apps/docs", {"visibility": "public"}, "not_allowed"),
)


async def test_what_must_not_be_opened_is_refused(running: Running, bens: Client, ben: Actor) -> None:
    apps = (ListedApp("code"), ListedApp("docs", share="project"), ListedApp("inner"))
    made = await add_workspace(running.parts.store, ben, phase=Phase.RUNNING, apps=apps)
    running.live.statuses[made.id] = agent_status(made, apps=(AppStatus("code", Progress.DONE, 40001),))
    for path, body, kind in REFUSED:
        assert (await bens.put(f"{API}/{made.id}/{path}", json=body)).json()["kind"] == kind, path


async def test_an_app_is_opened_as_far_as_its_configuration_says(running: Running, bens: Client, ben: Actor) -> None:
    made = await add_workspace(
        running.parts.store, ben, phase=Phase.RUNNING, apps=(ListedApp("docs", share="project"),)
    )
    opened = await bens.put(f"{API}/{made.id}/apps/docs", json={"visibility": "project"})
    assert (opened.json()["name"], opened.json()["visibility"]) == ("docs", "project")
