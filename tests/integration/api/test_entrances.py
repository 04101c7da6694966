"""Every route x who asks, generated from the routes in the code: a new one without an answer fails here."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from tests.integration.api.conftest import Client, Running, signed_in
from tests.integration.conftest import add_user, add_workspace

from carrel.core.access import Actor, Role
from carrel.core.workspace import Phase
from carrel.server.api.app import api_app

OPEN = {("GET", "/healthz"), ("GET", "/readyz")}
"""What may be asked without signing in; neither says anything of anybody."""
BODIES: dict[tuple[str, str], dict[str, object]] = {
    ("PATCH", "/api/v1/workspaces/{workspace}"): {"name": "other"},
    ("POST", "/api/v1/session"): {"token": "carrel_personal_no"},
    ("POST", "/api/v1/workspaces/{workspace}/terminals"): {"name": "main"},
    ("PUT", "/api/v1/git-credentials/{host}"): {"token": "x"},
    ("PUT", "/api/v1/workspaces/{workspace}/secrets/{name}"): {"value": "x"},
}
"""Bodies that are well formed, where one is demanded."""


def routes() -> Iterator[tuple[str, str]]:
    for path, operations in api_app().openapi()["paths"].items():
        for method in operations:
            yield method.upper(), path


ROUTES = sorted(routes())
OF_WORKSPACE = [(method, path) for method, path in ROUTES if "{workspace}" in path]


async def ask(client: Client, method: str, path: str, **values: str) -> tuple[int, str]:
    values = {"stage": "postCreate"} | values
    filled = re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], "example.org"), path)
    response = await client.request(
        method, filled, json=BODIES.get((method, path)), headers={"Origin": str(client.base_url)}
    )
    kind = "" if response.is_success else str(response.json()["kind"])
    return response.status_code, kind


async def test_who_is_not_signed_in_gets_nothing(nobody: Client) -> None:
    for method, path in ROUTES:
        answer = await ask(nobody, method, path)
        if (method, path) in OPEN:
            assert answer[0] in {200, 503}, path
        else:
            assert answer == (401, "not_authenticated"), f"{method} {path}"


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DEVELOPER, Role.MAINTAINER])
async def test_a_workspace_of_somebody_else_does_not_exist_on_any_route(
    running: Running, ben: Actor, role: Role
) -> None:
    made = await add_workspace(running.parts.store, ben, phase=Phase.RUNNING)
    stranger = await add_user(running.parts.store, "stranger", role)
    async with signed_in(running, stranger) as client:
        for method, path in OF_WORKSPACE:
            assert await ask(client, method, path, workspace=made.id, name="main") == (404, "not_found"), path


async def test_its_owner_gets_an_answer_on_every_route(running: Running, ben: Actor) -> None:
    async with signed_in(running, ben) as client:
        for method, path in OF_WORKSPACE:
            made = await add_workspace(running.parts.store, ben, phase=Phase.RUNNING)
            status, kind = await ask(client, method, path, workspace=made.id, name="main")
            refused = {"wrong_state", "not_running", "not_found" if path.endswith("{name}") else ""}
            assert status < 300 or kind in refused, f"{method} {path}: {status} {kind}"


async def test_an_auditor_reads_on_every_route_and_changes_on_none(running: Running, ben: Actor) -> None:
    made = await add_workspace(running.parts.store, ben, phase=Phase.RUNNING)
    auditor = await add_user(running.parts.store, "eye", Role.AUDITOR)
    async with signed_in(running, auditor) as client:
        for method, path in OF_WORKSPACE:
            status, kind = await ask(client, method, path, workspace=made.id, name="main")
            inside = path.endswith(("/terminals", "/terminals/{name}"))
            expected = (200, "") if method == "GET" and not inside else (403, "not_allowed")
            assert (status, kind) == expected, f"{method} {path}"
