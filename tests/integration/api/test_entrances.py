"""Every entrance by HTTP and WebSocket x who comes, generated from the routes in the code: a new one without an answer fails here.

What a route asks for is in NEEDS; who has it is in PEOPLE, which was written by hand and knows nothing of core/access.py.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.integration.api.conftest import Client, Running, signed_in, token_of
from tests.integration.conftest import Clock, add_user, add_workspace
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from carrel.core.access import Actor, Level, Role
from carrel.core.secret import Secret
from carrel.core.workspace import ListedApp, Phase, Workspace
from carrel.server.actions import shares as actions
from carrel.server.actions.shares import Gift
from carrel.server.api.app import create_app
from carrel.server.store import projects

W = "/api/v1/workspaces/{workspace}"
OPEN, NEVER = "open", "never"
"""Open to all, and closed to people: for the installation's own processes."""

ACCOUNT = {"signed in", "account", "create", "credential", "secret"}
LOOKS_AFTER = {"know", "read", "start", "operate", "change", "delete"}
OVER_ALL = {"audit", "people", "metrics", "project", "projects", "domain", "members", "manage projects"}
PEOPLE: dict[str, set[str]] = {
    "other": ACCOUNT,
    "viewer": ACCOUNT | {"know", "read", "watch"},
    "editor": ACCOUNT | {"know", "read", "watch", "use", "start"},
    "owner": ACCOUNT | LOOKS_AFTER | {"project", "watch", "use", "share", "equip"},
    "guest": {"signed in", "know", "watch"},
    "guest who edits": {"signed in", "know", "watch", "read", "use"},
    "admin": ACCOUNT | OVER_ALL | LOOKS_AFTER,
    "owner of the installation": ACCOUNT | OVER_ALL | LOOKS_AFTER,
    "auditor": {"signed in", "account", "audit", "metrics", "project", "know", "read"},
    "viewer of the installation": {"signed in", "account"},
    "maintainer of the installation": ACCOUNT | {"audit"},
    "viewer of the project": {"signed in", "account", "project", "know", "read"},
    "developer of the domain": ACCOUNT | {"project", "know", "read"},
    "maintainer of the domain": ACCOUNT | LOOKS_AFTER | {"audit", "project", "domain"},
    "maintainer of the project": ACCOUNT | LOOKS_AFTER | {"audit", "project", "projects", "domain", "members"},
    "maintainer elsewhere": ACCOUNT | {"audit", "project"},  # in another domain of the project, and in another project
    "former member": ACCOUNT | {"know", "read"},  # the owner, who is no member any longer
}
"""What each has, of a workspace of ben's in the project `web`, where he is a developer in the domain `development`."""
ROLES_OF: dict[str, Role] = {
    "admin": Role.ADMIN,
    "auditor": Role.AUDITOR,
    "viewer of the installation": Role.VIEWER,
    "maintainer of the installation": Role.MAINTAINER,
    "viewer of the project": Role.VIEWER,
}
"""In the installation; the others are developers."""
MEMBERS: dict[str, dict[tuple[str, str], Role]] = {
    "owner": {("web", "development"): Role.DEVELOPER},
    "viewer of the project": {("web", ""): Role.VIEWER},
    "developer of the domain": {("web", "development"): Role.DEVELOPER},
    "maintainer of the domain": {("web", "development"): Role.MAINTAINER},
    "maintainer of the project": {("web", ""): Role.MAINTAINER},
    "maintainer elsewhere": {("web", "production"): Role.MAINTAINER, ("lab", ""): Role.MAINTAINER},
}
NEEDS: dict[tuple[str, str], str] = {
    ("GET", "/healthz"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("GET", "/login"): OPEN,
    ("GET", "/guest"): OPEN,
    ("GET", "/api/v1/schemas/workspace.json"): OPEN,
    ("GET", "/cli-login"): "account",
    ("POST", "/cli-login"): "account",
    ("POST", "/api/v1/tokens/exchange"): NEVER,  # without a code that somebody allowed
    ("GET", "/login/oidc"): OPEN,
    ("GET", "/login/oidc/callback"): OPEN,
    ("GET", "/logout/oidc"): OPEN,
    ("GET", "/api/v1/session/ways"): OPEN,
    ("GET", "/api/v1/identities"): "signed in",
    ("POST", "/api/v1/identities"): "account",
    ("DELETE", "/api/v1/identities/{identity}"): "account",
    ("GET", "/api/v1/audit"): "audit",
    ("GET", "/api/v1/audit/export"): "audit",
    ("GET", "/app-login"): OPEN,  # leads to the sign-in page, or to where test_entrances_of_apps looks
    ("GET", "/internal/v1/authority/revocations"): NEVER,
    ("POST", "/internal/v1/authority/{operation}"): NEVER,
    ("POST", "/api/v1/session"): NEVER,  # without a good token
    ("POST", "/api/v1/session/password"): NEVER,  # without the right one
    ("POST", "/api/v1/session/invite"): NEVER,  # without an invitation
    ("GET", "/api/v1/me"): "account",
    ("PATCH", "/api/v1/me"): "account",
    ("PUT", "/api/v1/me/password"): "account",
    ("GET", "/api/v1/sessions"): "account",
    ("DELETE", "/api/v1/sessions"): "account",
    ("DELETE", "/api/v1/sessions/{session_id}"): "account",
    ("GET", "/api/v1/projects"): "account",
    ("POST", "/api/v1/projects"): "manage projects",
    ("GET", "/api/v1/projects/{project}"): "project",
    ("PATCH", "/api/v1/projects/{project}"): "manage projects",
    ("DELETE", "/api/v1/projects/{project}"): "manage projects",
    ("GET", "/api/v1/projects/{project}/members"): "project",
    ("PUT", "/api/v1/projects/{project}/members/{user}"): "members",
    ("DELETE", "/api/v1/projects/{project}/members/{user}"): "members",
    ("GET", "/api/v1/templates"): "account",
    ("GET", "/api/v1/templates/{name}"): "account",
    ("PUT", "/api/v1/templates/{name}"): "people",  # everybody's; a project's: test_templates.py
    ("DELETE", "/api/v1/templates/{name}"): "people",
    ("GET", "/api/v1/template-repositories"): "account",
    ("POST", "/api/v1/template-repositories"): "people",  # of everybody's; a project's: test_template_repositories.py
    ("DELETE", "/api/v1/template-repositories/{repository}"): "account",  # of none: test_template_repositories.py
    ("POST", "/api/v1/template-repositories/{repository}/sync"): "account",
    ("GET", "/metrics"): "metrics",
    ("GET", "/api/v1/session"): "signed in",
    ("DELETE", "/api/v1/session"): "signed in",
    ("GET", "/api/v1/server"): "signed in",
    ("GET", "/api/v1/workspaces"): "signed in",
    ("GET", "/api/v1/events"): "signed in",
    ("POST", "/api/v1/workspaces"): "create",
    ("POST", "/api/v1/inspections"): "create",
    ("POST", "/api/v1/image-builds"): "create",
    ("GET", "/api/v1/prebuilds"): "signed in",
    ("POST", "/api/v1/prebuilds"): "create",
    ("GET", "/api/v1/preferences"): "signed in",
    ("PUT", "/api/v1/preferences"): "create",
    ("GET", "/api/v1/git-credentials"): "credential",
    ("PUT", "/api/v1/git-credentials/{host}"): "credential",
    ("DELETE", "/api/v1/git-credentials/{host}"): "credential",
    ("POST", "/api/v1/git-credentials/{host}/login"): "credential",
    ("GET", "/api/v1/git-credentials/{host}/login"): "credential",
    ("GET", "/api/v1/signing-key"): "signed in",
    ("PUT", "/api/v1/signing-key"): "credential",
    ("GET", "/api/v1/secrets"): "secret",
    ("PUT", "/api/v1/secrets/{name}"): "secret",
    ("DELETE", "/api/v1/secrets/{name}"): "secret",
    ("GET", "/api/v1/projects/{project}/secrets"): "projects",
    ("PUT", "/api/v1/projects/{project}/secrets/{name}"): "projects",
    ("DELETE", "/api/v1/projects/{project}/secrets/{name}"): "projects",
    ("GET", "/api/v1/projects/{project}/domains/{domain}/secrets"): "domain",
    ("PUT", "/api/v1/projects/{project}/domains/{domain}/secrets/{name}"): "domain",
    ("DELETE", "/api/v1/projects/{project}/domains/{domain}/secrets/{name}"): "domain",
    ("GET", "/api/v1/quota"): "create",
    ("GET", "/api/v1/projects/{project}/policy"): "account",
    ("PUT", "/api/v1/projects/{project}/policy"): "people",
    ("GET", "/api/v1/projects/{project}/limits"): "account",
    ("PUT", "/api/v1/projects/{project}/limits"): "people",
    ("GET", "/api/v1/users/{user}/limits"): "account",
    ("PUT", "/api/v1/users/{user}/limits"): "people",
    ("POST", "/api/v1/login-links"): "account",
    ("GET", "/api/v1/tokens"): "signed in",
    ("POST", "/api/v1/tokens"): "account",
    ("DELETE", "/api/v1/tokens/{token}"): "account",
    ("GET", "/api/v1/ssh"): "signed in",
    ("GET", "/api/v1/ssh-keys"): "signed in",
    ("POST", "/api/v1/ssh-keys"): "account",
    ("DELETE", "/api/v1/ssh-keys/{key}"): "account",
    ("POST", "/api/v1/ssh-certificates"): "account",
    ("GET", "/api/v1/users"): "account",
    ("POST", "/api/v1/users"): "people",
    ("PATCH", "/api/v1/users/{user}"): "people",
    ("POST", "/api/v1/users/{user}/login-links"): "people",
    ("POST", "/api/v1/users/{user}/invites"): "people",
    ("GET", "/api/v1/users/{user}/tokens"): "people",
    ("POST", "/api/v1/users/{user}/tokens"): "people",
    ("DELETE", "/api/v1/users/{user}/tokens/{token}"): "people",
    ("GET", W): "know",
    ("PATCH", W): "change",
    ("DELETE", W): "delete",
    ("GET", f"{W}/apps"): "know",
    ("PUT", f"{W}/apps/{{app}}"): "share",
    ("POST", f"{W}/archive"): "change",
    ("GET", f"{W}/environment"): "read",
    ("GET", f"{W}/events"): "read",
    ("POST", f"{W}/extend"): "operate",
    ("GET", f"{W}/files"): "use",
    ("PUT", f"{W}/files"): "use",
    ("GET", f"{W}/folder"): "use",
    ("GET", f"{W}/hooks"): "read",
    ("POST", f"{W}/hooks/{{stage}}/run"): "use",
    ("GET", f"{W}/logs"): "read",
    ("GET", f"{W}/people"): "watch",
    ("GET", f"{W}/ports"): "know",
    ("PUT", f"{W}/ports/{{port}}"): "share",
    ("POST", f"{W}/rebuild"): "operate",
    ("POST", f"{W}/restart"): "operate",
    ("GET", f"{W}/secrets"): "read",
    ("PUT", f"{W}/secrets/{{name}}"): "equip",
    ("DELETE", f"{W}/secrets/{{name}}"): "change",
    ("GET", f"{W}/shares"): "change",
    ("POST", f"{W}/shares"): "share",
    ("DELETE", f"{W}/shares/{{share}}"): "change",
    ("POST", f"{W}/start"): "start",
    ("POST", f"{W}/stop"): "operate",
    ("GET", f"{W}/terminals"): "watch",
    ("POST", f"{W}/terminals"): "use",
    ("DELETE", f"{W}/terminals/{{name}}"): "use",
    ("GET", f"{W}/timeline"): "read",
    ("POST", f"{W}/unarchive"): "change",
    ("POST", f"{W}/undelete"): "delete",
    ("GET", f"{W}/why"): "read",
    ("WS", f"{W}/exec"): "use",
    ("WS", f"{W}/ssh"): "use",
    ("WS", f"{W}/terminals/{{name}}"): "use",
    ("WS", f"{W}/terminals/{{name}}?read_only=true"): "watch",
    ("WS", f"{W}/transfer"): "use",
    ("WS", f"{W}/tunnel/{{port}}"): "use",
}
BODIES: dict[tuple[str, str], dict[str, object]] = {
    ("PATCH", W): {"name": "other"},
    ("POST", "/api/v1/image-builds"): {"image": "debian:12"},
    ("POST", "/api/v1/inspections"): {"source": {"kind": "git", "url": "https://git.example.org/a"}},
    ("POST", "/api/v1/prebuilds"): {"source": {"kind": "git", "url": "https://git.example.org/a"}},
    ("POST", "/api/v1/session"): {"token": "carrel_personal_no"},
    ("POST", "/api/v1/session/password"): {"name": "ben", "password": "not the right one"},
    ("POST", "/api/v1/session/invite"): {"code": "carrel_invite_no", "password": "a long enough one"},
    ("PATCH", "/api/v1/me"): {},
    ("PUT", "/api/v1/me/password"): {"new": "too short"},
    ("POST", "/api/v1/projects"): {"name": "Not a name"},
    ("PATCH", "/api/v1/projects/{project}"): {},
    ("PUT", "/api/v1/projects/{project}/members/{user}"): {"role": "viewer"},
    ("POST", "/api/v1/users/{user}/tokens"): {},
    ("PUT", "/api/v1/templates/{name}"): {"files": {}},
    ("POST", "/api/v1/template-repositories"): {"url": "ftp://git.example.org/a"},
    ("POST", "/api/v1/ssh-keys"): {"public_key": "ssh-ed25519 no"},
    ("POST", "/api/v1/ssh-certificates"): {"public_key": "ssh-ed25519 no"},
    ("POST", "/api/v1/tokens"): {},
    ("POST", "/api/v1/tokens/exchange"): {"code": "carrel_cli_no", "verifier": "v" * 43},
    ("POST", "/api/v1/users"): {"name": "Not a name"},
    ("POST", "/api/v1/workspaces"): {"name": "Not a name"},
    ("PATCH", "/api/v1/users/{user}"): {},
    ("PUT", "/api/v1/projects/{project}/policy"): {},
    ("PUT", "/api/v1/projects/{project}/limits"): {},
    ("PUT", "/api/v1/users/{user}/limits"): {},
    ("POST", f"{W}/shares"): {"guest": True},
    ("POST", f"{W}/terminals"): {"name": "main"},
    ("PUT", "/api/v1/git-credentials/{host}"): {"token": "x"},
    ("PUT", "/api/v1/signing-key"): {},
    ("PUT", "/api/v1/preferences"): {"dotfiles": {"repository": ""}},
    ("PUT", "/api/v1/projects/{project}/secrets/{name}"): {"value": "x"},
    ("PUT", "/api/v1/projects/{project}/domains/{domain}/secrets/{name}"): {"value": "x"},
    ("PUT", "/api/v1/secrets/{name}"): {"value": "x", "sources": ["*"]},
    ("PUT", f"{W}/apps/{{app}}"): {"visibility": "project"},
    ("PUT", f"{W}/ports/{{port}}"): {"visibility": "project"},
    ("PUT", f"{W}/secrets/{{name}}"): {"value": "x"},
}
"""Bodies that are well formed, where one is demanded."""
LEADS_TO_SIGN_IN = {("GET", "/cli-login")}
"""Pages of which who is nobody is led away."""
QUERIES = {
    f"{W}/files": "?path=a",
    f"{W}/folder": "?path=a",
    "/app-login": "?host=code--blog--ben.localhost",
    "/cli-login": f"?challenge={'c' * 43}&state={'s' * 22}&title=laptop",
}
VALUES = {
    "project": "web",
    "domain": "development",
    "stage": "postCreate",
    "port": "8080",
    "app": "docs",
    "name": "main",
}


def walk(routes: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every route, also those that are in no document."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from walk(inner.routes, prefix + route.include_context.prefix)
            continue
        for method in sorted(getattr(route, "methods", None) or {"WS"}):
            yield method, prefix + route.path


def every_route(running: Running) -> set[tuple[str, str]]:
    found = set(walk(create_app(running.parts).routes))
    return {one for one in found if one[0] != "HEAD"} - {("GET", "/api/v1/openapi.json")}  # the document, for all


@pytest.fixture
def database_url(sqlite_url: Secret) -> Secret:
    """One is enough: who may what is decided before the store is asked."""
    return sqlite_url


@pytest.fixture
async def clients(running: Running, ben: Actor, owner: Actor) -> AsyncIterator[dict[str, Client]]:
    """One for each of PEOPLE; `owner` is the workspace's, not the installation's."""
    store = running.parts.store
    people = {"owner": ben, "owner of the installation": owner}
    for name in PEOPLE:
        if not name.startswith(("owner", "guest", "former")):
            people[name] = await add_user(store, name.replace(" ", "-"), ROLES_OF.get(name, Role.DEVELOPER))
    async with store.writing() as session:
        for project in ("web", "lab"):
            await projects.ensure(session, project)
        for name, memberships in MEMBERS.items():
            for (project, domain), role in memberships.items():
                await projects.put_member(session, project, domain, people[name].user_id, role)
    async with AsyncExitStack() as stack:
        found = {name: await stack.enter_async_context(signed_in(running, actor)) for name, actor in people.items()}
        found["former member"] = found["owner"]
        found["guest"] = await stack.enter_async_context(httpx.AsyncClient(base_url=running.url, trust_env=False))
        yield found


async def made(running: Running, ben: Actor, clients: dict[str, Client], who: str) -> tuple[Workspace, Client]:
    """A workspace of ben's that runs, shared with viewer and editor; and the client of whoever comes."""
    store, settings = running.parts.store, running.parts.settings
    giver = replace(ben, projects=MEMBERS["owner"])
    workspace = await add_workspace(
        store, ben, phase=Phase.RUNNING, apps=(ListedApp("docs", share="project"),), project="web"
    )
    async with store.writing() as session:
        for name in ("viewer", "editor"):
            level = Level.VIEW if name == "viewer" else Level.EDIT
            await actions.share(giver, session, settings, workspace.id, Gift(level, name))
        if who == "former member":
            await projects.remove_member(session, "web", "development", ben.user_id)
        if not who.startswith("guest"):
            return workspace, clients[who]
        gift = Gift(Level.EDIT if who.endswith("edits") else Level.VIEW)
        _, url = await actions.share(giver, session, settings, workspace.id, gift)
    client = clients["guest"]
    client.cookies.clear()
    await client.post("/api/v1/session", json={"token": url.partition("#")[2]}, headers={"Origin": running.url})
    return workspace, client


def filled(path: str, workspace: str) -> str:
    values = VALUES | {"workspace": workspace}
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], "example.org"), path) + QUERIES.get(path, "")


async def ask(running: Running, client: Client, method: str, path: str, workspace: str) -> tuple[int, str]:
    """Status and kind of problem of the answer."""
    if method == "WS":
        return await ask_socket(running, client, filled(path, workspace))
    headers = {"Origin": str(client.base_url).rstrip("/")}
    response = await client.request(
        method, filled(path, workspace), json=BODIES.get((method, path)), headers=headers, timeout=20
    )
    is_problem = response.headers.get("content-type", "").startswith("application/problem")
    return response.status_code, str(response.json()["kind"]) if is_problem else ""


async def ask_socket(running: Running, client: Client, path: str) -> tuple[int, str]:
    headers = {name: client.headers[name] for name in ("Authorization",) if name in client.headers}
    if client.cookies:
        headers |= {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}
        headers |= {"Origin": running.url}
    try:
        async with connect(running.websocket_url + path, additional_headers=headers):
            return 101, ""
    except InvalidStatus as refusal:
        found = re.search(r'"kind":\s*"(\w+)"', (refusal.response.body or b"").decode())
        return refusal.response.status_code, found[1] if found else ""


def refusal(need: str, path: str, has: set[str]) -> tuple[int, str] | None:
    """What who lacks it is answered; None: he gets in."""
    if need == NEVER:
        return 401, "not_authenticated"
    if need == OPEN or need in has:
        return None
    unseen = "metrics" not in has if need == "metrics" else "{project}" in path and "project" not in has
    hidden = unseen or ("{workspace}" in path and "know" not in has)
    return (404, "not_found") if hidden else (403, "not_allowed")


def lets_in(answer: tuple[int, str], path: str) -> bool:
    """Whether it is an answer to somebody who may: what was asked for may be impossible, absent or badly said."""
    status, kind = answer
    names_something = path.partition("{workspace}")[2].count("{") or "{workspace}" not in path
    absent = kind == "not_found" and bool(names_something)
    return status not in {401, 403, 404} or absent or kind == "no_such_app"


def test_every_entrance_has_an_answer(running: Running) -> None:
    assert {(method, path.partition("?")[0]) for method, path in NEEDS} == every_route(running)


async def test_who_is_nobody_or_comes_with_something_old_gets_in_nowhere(
    running: Running, nobody: Client, ben: Actor, clock: Clock
) -> None:
    workspace = await add_workspace(running.parts.store, ben, phase=Phase.RUNNING)
    token = await token_of(running.parts.store, ben, life=timedelta(seconds=1))
    clock.move(seconds=2)
    for shown in ({}, {"Authorization": f"Bearer {token.reveal()}"}):
        nobody.headers.update(shown)
        for (method, path), need in NEEDS.items():
            answer = await ask(running, nobody, method, path, workspace.id)
            if need == OPEN:
                assert answer[0] in {200, 303, 503}, path
            elif (method, path) in LEADS_TO_SIGN_IN:
                assert answer[0] == 303, path
            else:
                assert answer == (401, "not_authenticated"), f"{method} {path}"


@pytest.mark.parametrize("who", list(PEOPLE))
async def test_who_comes_gets_in_where_he_may_and_nowhere_else(
    running: Running, ben: Actor, clients: dict[str, Client], who: str
) -> None:
    workspace, client = await made(running, ben, clients, who)
    wrong = []
    for (method, path), need in sorted(NEEDS.items(), key=lambda one: one[0] == ("DELETE", "/api/v1/session")):
        expected = refusal(need, path, PEOPLE[who])
        answer = await ask(running, client, method, path, workspace.id)
        if (expected is None and not lets_in(answer, path)) or (expected is not None and answer != expected):
            wrong.append((method, path, need, answer, expected))
        if expected is None and answer[0] < 300 and method not in {"GET", "WS"} and "{workspace}" in path:
            workspace, client = await made(running, ben, clients, who)
    assert not wrong, wrong
