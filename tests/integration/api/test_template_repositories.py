"""Repositories of templates by the API: who sees them, who adds, reads and removes them; the reading itself is played."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.api.conftest import Client, Running, signed_in
from tests.integration.conftest import Clock, add_user

from carrel.core.access import Role
from carrel.core.secret import Secret
from carrel.server.store import projects
from carrel.server.store import template_repositories as rows
from carrel.server.store.engine import Store
from carrel.server.store.template_repositories import Report, Result
from carrel.server.store.wakeups import TEMPLATES

PATH = "/api/v1/template-repositories"
URL = "https://git.example.org/platform/templates.git"


@pytest.fixture
def database_url(sqlite_url: Secret) -> Secret:
    """One is enough: the reading is tried on both (reconcile/test_template_sync.py)."""
    return sqlite_url


async def reading(store: Store, clock: Clock) -> None:
    """What a server does that reads repositories."""
    report = (Report("python", "python", 1, "new"), Report("bad", "", None, "refused", "line 3"))
    async with store.wakeups.listen(TEMPLATES) as bell:
        while True:
            async with store.writing() as session:
                held = await rows.claim(session, timedelta(minutes=5))
                if held is not None:
                    clock.move(seconds=1)
                    await rows.record(session, held, Result(clock.now, "", "c" * 40, report), None)
            if held is None:
                await bell.wait()


async def test_a_repository_is_added_read_and_removed(running: Running, client: Client, clock: Clock) -> None:
    answer = await client.post(PATH, json={"url": f" {URL} ", "ref": "main", "folder": "/templates/"})
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    assert (made["url"], made["ref"], made["folder"], made["project"]) == (URL, "main", "templates", "")
    assert (made["synced_at"], made["templates"], made["problem"]) == (None, [], "")
    again = await client.post(PATH, json={"url": URL, "ref": "main", "folder": "templates"})
    assert (again.status_code, again.json()["kind"]) == (409, "name_taken")

    reads = asyncio.create_task(reading(running.parts.store, clock))
    synced = (await client.post(f"{PATH}/{made['id']}/sync", timeout=60)).json()
    reads.cancel()
    await asyncio.gather(reads, return_exceptions=True)
    assert synced["commit"] == "c" * 40
    assert synced["templates"] == [
        {"folder": "python", "name": "python", "version": 1, "state": "new", "problem": ""},
        {"folder": "bad", "name": "", "version": None, "state": "refused", "problem": "line 3"},
    ]
    assert (await client.get(PATH)).json()["items"] == [synced]

    assert (await client.delete(f"{PATH}/{made['id']}")).status_code == 204
    assert (await client.delete(f"{PATH}/{made['id']}")).status_code == 404
    assert (await client.get(PATH)).json()["items"] == []


REFUSED: tuple[tuple[dict[str, str], str], ...] = (
    ({"url": "ftp://git.example.org/a"}, "bad_source"),
    ({"url": "https://ana:s3cret@git.example.org/a"}, "bad_source"),
    ({"url": "--upload-pack=x"}, "bad_source"),
    ({"url": URL, "ref": "--x"}, "bad_source"),
    ({"url": URL, "folder": "../up"}, "bad_value"),
    ({"url": URL, "project": "nothing"}, "not_found"),
)


async def test_what_is_no_repository_is_refused(client: Client) -> None:
    for body, kind in REFUSED:
        answer = await client.post(PATH, json=body)
        assert answer.json()["kind"] == kind, body
        assert "s3cret" not in answer.text


PEOPLE = {
    "maintainer": (Role.DEVELOPER, ("web", Role.MAINTAINER)),
    "developer": (Role.DEVELOPER, ("web", Role.DEVELOPER)),
    "stranger": (Role.DEVELOPER, ("lab", Role.MAINTAINER)),
    "auditor": (Role.AUDITOR, None),
    "admin": (Role.ADMIN, None),
}
ADDS = {
    "maintainer": [403, 201],
    "developer": [403, 403],
    "stranger": [403, 404],
    "auditor": [403, 403],
    "admin": [201, 201],
}
"""Status of who adds one that is everybody's, and one of the project `web`."""
SEES = {
    "maintainer": ["", "web"],
    "developer": ["", "web"],
    "stranger": [""],
    "auditor": ["", "web"],
    "admin": ["", "web"],
}
REMOVES = {
    "maintainer": [403, 204],
    "developer": [403, 403],
    "stranger": [403, 404],
    "auditor": [403, 403],
    "admin": [204, 204],
}


async def test_who_may_what(running: Running, client: Client) -> None:
    store = running.parts.store
    async with AsyncExitStack() as stack:
        for name, (role, membership) in PEOPLE.items():
            actor = await add_user(store, name, role)
            async with store.writing() as session:
                for project in ("web", "lab"):
                    await projects.ensure(session, project)
                if membership is not None:
                    await projects.put_member(session, membership[0], "", actor.user_id, membership[1])
            comer = await stack.enter_async_context(signed_in(running, actor))
            added = [
                await comer.post(PATH, json={"url": f"{URL}/{name}", "project": project}) for project in ("", "web")
            ]
            assert [one.status_code for one in added] == ADDS[name], name
            made = [(await client.post(PATH, json={"url": URL, "project": of})).json() for of in ("", "web")]
            listed = (await comer.get(PATH)).json()["items"]
            assert [one["project"] for one in listed if one["url"] == URL] == SEES[name], name
            removed = [await comer.delete(f"{PATH}/{one['id']}") for one in made]
            assert [one.status_code for one in removed] == REMOVES[name], name
            for one in made:
                await client.delete(f"{PATH}/{one['id']}")
