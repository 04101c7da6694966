"""Every route that changes something leaves a row in the audit: read from the code of every route, and tried with many.

What is read: whether the route's function leads, by whatever functions of the server it calls, to the one that writes the audit.
A new route that does not fails here; what needs no row is in WITHOUT, with the reason.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any

import pytest
from tests.integration.api.conftest import Client, Running
from tests.integration.conftest import add_workspace

from carrel.core.access import Actor
from carrel.core.secret import Secret
from carrel.core.workspace import Phase
from carrel.server.api.app import create_app
from carrel.server.store import audit, audit_search
from carrel.server.store.audit_search import Search

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
READS = "reads and keeps nothing"
INSIDE = "inside a workspace, whose entrance is the row"
WITHOUT = {
    "begin_git_login": "begins; the row is written when the credential comes",
    "call": "for the installation's own processes; what it leads to has rows",
    "begin_linking": "begins; the row is written when it is finished",
    "sync_template_repository": "asks; the row is written when the reading changes something",
    "build_image": "builds, and keeps nothing but an image by its content",
    "inspect_source": READS,
    "create_terminal": INSIDE,
    "close_terminal": INSIDE,
    "upload": INSIDE,
}


def walk(routes: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from walk(inner.routes)
        elif set(getattr(route, "methods", None) or ()) & CHANGING:
            yield route.path, route.endpoint


def called(function: FunctionType) -> Iterator[FunctionType]:
    """The functions of the server that its code names, itself or by the module that has them."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for node in ast.walk(tree):
        found: Any = None
        if isinstance(node, ast.Name):
            found = function.__globals__.get(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = function.__globals__.get(node.value.id)
            found = getattr(module, node.attr, None) if isinstance(module, ModuleType) else None
        found = inspect.unwrap(found) if callable(found) else None
        if isinstance(found, FunctionType) and found.__module__.startswith("carrel.server"):
            yield found


def leads_to_the_audit(function: FunctionType, seen: set[FunctionType]) -> bool:
    if function is audit.append:
        return True
    if function in seen:
        return False
    seen.add(function)
    return any(leads_to_the_audit(other, seen) for other in called(function))


def test_every_route_that_changes_something_leads_to_the_audit(running: Running) -> None:
    routes = dict(walk(create_app(running.parts).routes))
    assert len(routes) > 30
    missing = {
        f"{endpoint.__name__} ({path})"
        for path, endpoint in walk(create_app(running.parts).routes)
        if endpoint.__name__ not in WITHOUT and not leads_to_the_audit(endpoint, set())  # type: ignore[arg-type]
    }
    assert not missing, missing


@pytest.fixture
def database_url(sqlite_url: Secret) -> Secret:
    """One is enough: the rows are written by the same statements."""
    return sqlite_url


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
W = "/api/v1/workspaces/{id}"
CALLS: tuple[tuple[str, str, dict[str, Any] | None, str], ...] = (
    ("POST", "/api/v1/workspaces", {"source": {"kind": "empty"}, "name": "other"}, "workspace.created"),
    ("PATCH", W, {"labels": {"a": "b"}}, "workspace.updated"),
    ("POST", f"{W}/restart", None, "workspace.restart"),
    ("POST", f"{W}/stop", None, "workspace.stop"),
    ("POST", f"{W}/start", None, "workspace.start"),
    ("POST", f"{W}/shares", {"user": "ben", "level": "view"}, "workspace.shared"),
    ("POST", f"{W}/shares", {"guest": True}, "workspace.shared"),
    ("PUT", f"{W}/ports/8000", {"visibility": "project"}, "port.opened"),
    ("PUT", f"{W}/secrets/KEY", {"value": "x"}, "secret.stored"),
    ("DELETE", f"{W}/secrets/KEY", None, "secret.deleted"),
    ("DELETE", W, None, "workspace.delete"),
    ("POST", f"{W}/undelete", None, "workspace.undelete"),
    ("PUT", "/api/v1/secrets/KEY", {"value": "x", "sources": ["*"]}, "secret.stored"),
    ("DELETE", "/api/v1/secrets/KEY", None, "secret.deleted"),
    ("PUT", "/api/v1/git-credentials/git.example.org", {"token": "x"}, "git_credential.stored"),
    ("DELETE", "/api/v1/git-credentials/git.example.org", None, "git_credential.deleted"),
    ("PUT", "/api/v1/preferences", {"start_on_connect": False}, "user.preferences"),
    ("POST", "/api/v1/ssh-keys", {"public_key": KEY}, "ssh_key.added"),
    ("POST", "/api/v1/tokens", {"title": "mine"}, "token.made"),
    ("POST", "/api/v1/login-links", None, "login_link.made"),
    ("POST", f"/cli-login?challenge={'c' * 43}&state={'s' * 22}&title=laptop", None, "cli_login.allowed"),
    ("POST", "/api/v1/users", {"name": "new"}, "user.added"),
    ("PATCH", "/api/v1/users/new", {"role": "viewer"}, "user.changed"),
    ("POST", "/api/v1/users/new/login-links", None, "login_link.made"),
    ("POST", "/api/v1/projects", {"name": "web"}, "project.created"),
    ("PATCH", "/api/v1/projects/web", {"description": "x"}, "project.changed"),
    ("PUT", "/api/v1/projects/web/members/new", {"role": "viewer"}, "member.put"),
    ("DELETE", "/api/v1/projects/web/members/new", None, "member.removed"),
    (
        "PUT",
        "/api/v1/templates/plain?project=web",
        {"files": {"template.yaml": "bmFtZTogcGxhaW4="}},
        "template.published",
    ),
    ("DELETE", "/api/v1/templates/plain?project=web", None, "template.deleted"),
    (
        "POST",
        "/api/v1/template-repositories",
        {"url": "https://git.example.org/a", "project": "web"},
        "template_repository.added",
    ),
    ("DELETE", "/api/v1/projects/web", None, "project.deleted"),
)


async def test_changes_of_every_kind_leave_one_row_each(
    running: Running, owner: Actor, ben: Actor, client: Client
) -> None:
    made = await add_workspace(running.parts.store, owner, phase=Phase.RUNNING)
    for method, path, body, action in CALLS:
        async with running.parts.store.reading() as session:
            before = await audit_search.find(session, Search(), 500)
        answer = await client.request(method, path.format(id=made.id), json=body)
        assert answer.is_success, (method, path, answer.text)
        async with running.parts.store.reading() as session:
            after = await audit_search.find(session, Search(), 500)
        assert [row.action for row in after[: len(after) - len(before)]] == [action], (method, path)
        assert (after[0].actor, after[0].outcome) == (owner.name, "done")
