"""Who asks: token file, login links, cookies and origins, tokens, tickets for apps."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.integration.api.conftest import Client, Running, token_of
from tests.integration.conftest import Clock, add_user, add_workspace

from carrel.core.access import Actor, Role, Scope
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.actions import login
from carrel.server.actions.local_owner import ensure_local_owner
from carrel.server.settings import Settings
from carrel.server.store import tokens
from carrel.server.store.engine import Store
from carrel.server.store.tokens import NewToken, TokenKind

HERE = login.Request("r1", "127.0.0.1")


@asynccontextmanager
async def browser_of(running: Running, actor: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that followed a login link."""
    async with running.parts.store.writing() as session:
        link = await login.make_login_link(actor, session, running.parts.settings)
    async with httpx.AsyncClient(base_url=running.url, trust_env=False, headers={"Origin": running.url}) as browser:
        response = await browser.get(link)
        assert (response.status_code, response.headers["location"]) == (303, "/")
        yield browser


# --- local mode ------------------------------------------------------------------------------------------------------


async def test_the_token_file_is_private_valid_and_kept(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "data" / "token"
    owner = await ensure_local_owner(store, path)
    assert owner.role is Role.OWNER
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = path.read_text(encoding="ascii")
    path.chmod(0o644)
    assert await ensure_local_owner(store, path) == owner
    assert path.read_text(encoding="ascii") == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    async with store.reading() as session:
        found = await tokens.find(session, Secret(first.strip()), TokenKind.PERSONAL)
    assert found is not None
    assert found[1] == owner


@pytest.mark.parametrize("content", [None, "", "carrel_personal_something", "\xff"])
async def test_a_lost_or_foreign_token_file_is_replaced_and_the_old_token_dies(
    store: Store, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "token"
    await ensure_local_owner(store, path)
    old = Secret(path.read_text(encoding="ascii").strip())
    path.unlink()
    if content is not None:
        path.write_bytes(content.encode("latin-1"))
    await ensure_local_owner(store, path)
    async with store.reading() as session:
        assert await tokens.find(session, old, TokenKind.PERSONAL) is None
        assert await tokens.find(session, Secret(path.read_text("ascii").strip()), TokenKind.PERSONAL) is not None


# --- requests --------------------------------------------------------------------------------------------------------


async def test_without_a_valid_token_everything_is_refused_in_the_same_words(nobody: Client) -> None:
    secrets = ("Bearer", "Bearer x", "Bearer carrel_personal_" + "x" * 43, "Basic YTpi", "Bearer " + "x" * 9000)
    for value in ("", *secrets):
        response = await nobody.get("/api/v1/workspaces", headers={"Authorization": value})
        assert (response.status_code, response.json()["kind"]) == (401, "not_authenticated")
        assert response.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_of_another_kind_is_no_substitute(running: Running, nobody: Client, ben: Actor) -> None:
    for kind in set(TokenKind) - {TokenKind.PERSONAL}:
        async with running.parts.store.writing() as session:
            value, _ = await tokens.make(session, NewToken(ben.user_id, kind))
        headers = {"Authorization": f"Bearer {value.reveal()}"}
        assert (await nobody.get("/api/v1/session", headers=headers)).status_code == 401, kind


async def test_an_expired_token_is_refused(running: Running, nobody: Client, ben: Actor, clock: Clock) -> None:
    value = await token_of(running.parts.store, ben, life=timedelta(hours=1))
    headers = {"Authorization": f"Bearer {value.reveal()}"}
    assert (await nobody.get("/api/v1/session", headers=headers)).json()["user"] == "ben"
    clock.move(hours=1)
    assert (await nobody.get("/api/v1/session", headers=headers)).status_code == 401


async def test_a_token_may_do_what_its_scopes_say_and_no_more(running: Running, nobody: Client, ben: Actor) -> None:
    value = await token_of(running.parts.store, ben, scopes=frozenset({Scope.READ}))
    nobody.headers["Authorization"] = f"Bearer {value.reveal()}"
    assert (await nobody.get("/api/v1/workspaces")).status_code == 200
    for refused in (
        await nobody.post("/api/v1/workspaces", json={}),
        await nobody.post("/api/v1/tokens", json={}),
        await nobody.post("/api/v1/login-links"),
        await nobody.put("/api/v1/git-credentials/example.org", json={"token": "x"}),
    ):
        assert (refused.status_code, refused.json()["kind"]) == (403, "not_allowed")


# --- browsers --------------------------------------------------------------------------------------------------------


async def test_a_login_link_signs_in_once(running: Running, nobody: Client, client: Client, owner: Actor) -> None:
    link = (await client.post("/api/v1/login-links")).json()["url"]
    assert link.startswith(f"{running.url}/login?code=carrel_login_")
    response = await nobody.get(link)
    cookie = response.headers["set-cookie"]
    assert (response.status_code, response.headers["location"]) == (303, "/")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Domain" not in cookie
    assert (await nobody.get("/api/v1/session")).json()["user"] == owner.name
    nobody.cookies.clear()
    again = await nobody.get(link)
    assert again.headers["location"].startswith("/sign-in?problem=link")
    assert "set-cookie" not in again.headers


async def test_of_many_who_follow_one_link_at_once_one_gets_in(running: Running, client: Client) -> None:
    link = (await client.post("/api/v1/login-links")).json()["url"]
    client.headers.pop("Authorization")
    responses = await asyncio.gather(*(client.get(link) for _ in range(8)))
    assert sum("set-cookie" in response.headers for response in responses) == 1


async def test_a_login_link_expires(client: Client, nobody: Client, clock: Clock) -> None:
    link = (await client.post("/api/v1/login-links")).json()["url"]
    clock.move(seconds=301)
    assert "problem=link" in (await nobody.get(link)).headers["location"]


async def test_a_login_link_leads_nowhere_else(client: Client, nobody: Client) -> None:
    for path in ("//evil.example", "/\\evil.example", "https://evil.example", "\n", "/a\tb"):
        link = (await client.post("/api/v1/login-links")).json()["url"]
        response = await nobody.get(link, params={"code": link.split("=")[1], "next": path})
        assert response.headers["location"] == "/", path


async def test_a_browser_signs_in_with_a_personal_token_and_out_again(
    running: Running, nobody: Client, ben: Actor
) -> None:
    value = await token_of(running.parts.store, ben)
    body = {"token": value.reveal()}
    foreign = await nobody.post("/api/v1/session", json=body, headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["kind"]) == (403, "bad_origin")
    nobody.headers["Origin"] = running.url
    assert (await nobody.post("/api/v1/session", json={"token": "x"})).status_code == 401
    assert (await nobody.post("/api/v1/session", json=body)).json()["user"] == "ben"
    assert (await nobody.delete("/api/v1/session")).status_code == 204
    assert (await nobody.get("/api/v1/session")).status_code == 401
    nobody.headers["Authorization"] = f"Bearer {value.reveal()}"
    assert (await nobody.get("/api/v1/session")).status_code == 200  # the token itself lives on


async def test_a_cookie_changes_something_only_from_its_own_origin(running: Running, ben: Actor) -> None:
    async with browser_of(running, ben) as browser:
        for origin, status in (
            (running.url, 201),
            ("https://evil.example", 403),
            ("null", 403),
            ("http://code--blog--ben.localhost:7070", 403),
            ("", 403),
        ):
            headers = {"Origin": origin}
            response = await browser.post("/api/v1/workspaces", json={}, headers=headers)
            assert response.status_code == status, origin
            assert (await browser.get("/api/v1/workspaces", headers=headers)).status_code == 200
        del browser.headers["Origin"]
        assert (await browser.post("/api/v1/workspaces", json={})).json()["kind"] == "bad_origin"


async def test_a_disabled_session_cookie_is_not_accepted_as_a_bearer_token(running: Running, ben: Actor) -> None:
    async with browser_of(running, ben) as browser:
        [value] = browser.cookies.values()
        browser.cookies.clear()
        response = await browser.get("/api/v1/session", headers={"Authorization": f"Bearer {value}"})
    assert response.status_code == 401


# --- tokens ----------------------------------------------------------------------------------------------------------


async def test_a_token_is_shown_once_listed_and_revoked(client: Client, bens: Client, nobody: Client) -> None:
    body = {"title": "ci", "scopes": ["read"], "life_seconds": 3600}
    made = (await client.post("/api/v1/tokens", json=body)).json()
    assert made["token"].startswith("carrel_personal_")
    listed = (await client.get("/api/v1/tokens")).text
    assert made["id"] in listed
    assert made["token"] not in listed
    nobody.headers["Authorization"] = f"Bearer {made['token']}"
    assert (await nobody.get("/api/v1/session")).status_code == 200
    assert (await bens.delete(f"/api/v1/tokens/{made['id']}")).status_code == 404
    assert (await client.delete(f"/api/v1/tokens/{made['id']}")).status_code == 204
    assert (await nobody.get("/api/v1/session")).status_code == 401
    assert (await client.delete(f"/api/v1/tokens/{made['id']}")).status_code == 404


# --- apps ------------------------------------------------------------------------------------------------------------


async def test_a_session_is_carried_to_an_apps_host_by_a_one_time_code(running: Running, ben: Actor) -> None:
    store = running.parts.store
    made = await add_workspace(store, ben, name="blog")
    port = urlsplit(running.url).port
    host = f"code--blog--ben.localhost:{port}"
    async with browser_of(running, ben) as browser:
        response = await browser.get("/app-login", params={"host": host, "path": "/a?b=c"})
    target = urlsplit(response.headers["location"])
    query = parse_qs(target.query)
    assert (response.status_code, target.netloc, target.path) == (303, host, "/.carrel/ticket")
    assert query["next"] == ["/a?b=c"]
    code = Secret(query["code"][0])
    name = "code--blog--ben.localhost"
    async with store.writing() as session:
        ticket, _ = await login.redeem_app_code(session, Settings(), code, name, HERE)
    with pytest.raises(Problem, match="used already"):
        async with store.writing() as session:
            await login.redeem_app_code(session, Settings(), code, name, HERE)
    async with store.reading() as session:
        found = await login.check_ticket(session, Settings(), ticket, name)
        assert found is not None
        assert (found.workspace.id, found.actor.name) == (made.id, "ben")
        assert await login.check_ticket(session, Settings(), ticket, "8000--blog--ben.localhost") is None


async def test_a_ticket_dies_with_its_session(running: Running, ben: Actor) -> None:
    store = running.parts.store
    await add_workspace(store, ben, name="blog")
    name = "code--blog--ben.localhost"
    async with browser_of(running, ben) as browser:
        response = await browser.get("/app-login", params={"host": name})
        code = Secret(parse_qs(urlsplit(response.headers["location"]).query)["code"][0])
        async with store.writing() as session:
            ticket, _ = await login.redeem_app_code(session, Settings(), code, name, HERE)
        await browser.delete("/api/v1/session")
    async with store.reading() as session:
        assert await login.check_ticket(session, Settings(), ticket, name) is None


async def test_who_is_not_signed_in_is_sent_to_the_sign_in_page(nobody: Client) -> None:
    response = await nobody.get("/app-login", params={"host": "code--blog--ben.localhost", "path": "/x"})
    assert response.headers["location"].startswith("/sign-in?next=%2Fapp-login%3Fhost%3D")


async def test_an_app_of_somebody_else_or_of_nobody_does_not_exist(running: Running, ana: Actor, ben: Actor) -> None:
    await add_workspace(running.parts.store, ana, name="blog")
    hosts = ("code--blog--ana.localhost", "code--no--ben.localhost", "evil.example", "localhost", "a.b.localhost", "")
    async with browser_of(running, ben) as browser:
        for host in hosts:
            response = await browser.get("/app-login", params={"host": host})
            assert (response.status_code, response.json()["kind"]) == (404, "not_found"), host
        response = await browser.get("/app-login", params={"host": hosts[0], "path": "//evil.example"})
        assert response.status_code == 404
        for host in hosts[:2]:  # to a person it says so in a page
            page = await browser.get("/app-login", params={"host": host}, headers={"Accept": "text/html"})
            assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
            assert "ask them to share it" in page.text


async def test_an_administrator_sees_a_workspace_but_is_not_in_it(running: Running, ben: Actor) -> None:
    admin = await add_user(running.parts.store, "root-admin", Role.ADMIN)
    made = await add_workspace(running.parts.store, ben, name="blog")
    async with browser_of(running, admin) as browser:
        assert (await browser.get(f"/api/v1/workspaces/{made.id}")).status_code == 200
        assert (await browser.get("/app-login", params={"host": "code--blog--ben.localhost"})).status_code == 404
