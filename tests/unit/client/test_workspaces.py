"""Workspaces by the client: addresses, bodies, lists in pieces."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from carrel.client.client import Client
from carrel.client.requests import LimitsInput, WorkspaceCreate, WorkspaceUpdate
from carrel.client.workspaces import Chosen
from carrel.core.secret import Secret
from carrel.core.spec import GitSource

DOCUMENT: dict[str, Any] = {
    "id": "abcdefgh2345",
    "name": "blog",
    "owner": "ana",
    "project": "default",
    "domain": "development",
    "source": {"kind": "git", "url": "https://git.example.org/ana/blog", "ref": ""},
    "devcontainer": "",
    "phase": "running",
    "goal": "run",
    "degraded": "",
    "problem": None,
    "archived": False,
    "commit": "",
    "branch": "",
    "revision": 1,
    "start": 1,
    "generation": 1,
    "limits": {"cpus": None, "memory_bytes": None, "pids": 4096, "shm_bytes": None, "gpus": 0},
    "egress": "open",
    "allow": [],
    "retention": {"ttl_seconds": 1800, "max_life_seconds": 86400, "hard_life_seconds": 0},
    "apps": [],
    "labels": {},
    "created_at": None,
    "goal_at": None,
    "running_since": None,
    "last_activity_at": None,
    "stops_at": None,
    "deadline": None,
    "stop_reason": "",
    "purge_after": None,
    "from_a_newer_server": 1,
}


class Recorder:
    """Answers with workspaces, and keeps what was asked."""

    def __init__(self, *answers: Any) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = list(answers) or [DOCUMENT]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, json=self._answers.pop(0) if len(self._answers) > 1 else self._answers[0])

    def client(self) -> Client:
        return Client("http://127.0.0.1:7070", Secret("t"), httpx.MockTransport(self))

    @property
    def asked(self) -> list[str]:
        return [f"{r.method} {r.url.raw_path.decode().removeprefix('/api/v1')}" for r in self.requests]


async def test_a_creation_says_only_what_was_given_and_has_a_key_of_its_own() -> None:
    recorder = Recorder()
    body = WorkspaceCreate(source=GitSource("https://git.example.org/ana/blog"), limits=LimitsInput(cpus=2))
    async with recorder.client() as client:
        await client.workspaces.create(body)
        await client.workspaces.create(body)
    keys = {request.headers["idempotency-key"] for request in recorder.requests}
    assert len(keys) == 2
    assert json.loads(recorder.requests[0].content) == {
        "source": {"kind": "git", "url": "https://git.example.org/ana/blog", "ref": ""},
        "limits": {"cpus": 2.0},
    }


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("blog", "GET /workspaces/blog"),
        ("ana/blog", "GET /workspaces/blog?owner=ana"),
        ("a?b", "GET /workspaces/a%3Fb"),
    ],
)
async def test_a_workspace_is_found_by_name_or_owner_and_name(name: str, asked: str) -> None:
    recorder = Recorder()
    async with recorder.client() as client:
        found = await client.workspaces.find(name)
    assert recorder.asked == [asked]
    assert found.source == GitSource("https://git.example.org/ana/blog")
    assert found.model_dump(mode="json")["from_a_newer_server"] == 1


async def test_a_list_is_fetched_piece_by_piece() -> None:
    recorder = Recorder({"items": [DOCUMENT], "next_cursor": "c1"}, {"items": [DOCUMENT], "next_cursor": None})
    async with recorder.client() as client:
        found = [one.name async for one in client.workspaces.each(Chosen(phases=("running", "failed"), deleted=True))]
    assert found == ["blog", "blog"]
    assert recorder.asked[1] == "GET /workspaces?limit=200&cursor=c1&phase=running&phase=failed&deleted=true"


async def test_wishes_go_to_their_own_addresses() -> None:
    recorder = Recorder()
    async with recorder.client() as client:
        workspaces = client.workspaces
        await workspaces.start("blog")
        await workspaces.stop("blog")
        await workspaces.restart("blog")
        await workspaces.rebuild("blog", no_cache=True)
        await workspaces.undelete("blog", "other")
        await workspaces.extend("blog", 60)
        await workspaces.update("blog", WorkspaceUpdate(egress="none"))
        await workspaces.delete("blog")
        await workspaces.delete("blog", purge=True)
    assert recorder.asked == [
        *(f"POST /workspaces/blog/{verb}" for verb in ("start", "stop", "restart", "rebuild", "undelete", "extend")),
        "PATCH /workspaces/blog",
        "DELETE /workspaces/blog",
        "DELETE /workspaces/blog?purge=true",
    ]
    bodies = [json.loads(request.content) for request in recorder.requests if request.content]
    assert bodies == [{"no_cache": True}, {"name": "other"}, {"seconds": 60}, {"egress": "none"}]
