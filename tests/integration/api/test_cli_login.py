"""`carrel login URL` by a browser: the page that asks, the code, and the token that it is exchanged for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest
from tests.integration.api.conftest import Client, Running, token_of
from tests.integration.conftest import Clock, add_workspace

from carrel.core.access import Actor, Level, Scope
from carrel.core.code_exchange import challenge_of, check_of
from carrel.core.secret import Secret
from carrel.server.actions import shares
from carrel.server.actions.shares import Gift

VERIFIER = "verifier-" + "v" * 40
CHALLENGE = challenge_of(Secret(VERIFIER))
STATE = "s" * 22
HTML = {"Accept": "text/html"}


def address(**more: str) -> str:
    return "/cli-login?" + urlencode({"challenge": CHALLENGE, "state": STATE, "title": "anas-laptop"} | more)


@pytest.fixture
def database_url(sqlite_url: Secret) -> Secret:
    """One is enough: codes are tokens, whose taking is tried on both in test_session."""
    return sqlite_url


@pytest.fixture
async def browser(running: Running, ben: Actor) -> AsyncIterator[Client]:
    """Ben's, signed in."""
    async with httpx.AsyncClient(base_url=running.url, trust_env=False) as client:
        client.headers["Origin"] = running.url
        token = await token_of(running.parts.store, ben)
        assert (await client.post("/api/v1/session", json={"token": token.reveal()})).status_code == 201
        yield client


async def allowed(browser: Client, **more: str) -> str:
    """The code that the page carries to the command line."""
    answer = await browser.post(address(port="40123", **more), headers=HTML)
    assert answer.status_code == 303, answer.text
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


async def exchange(client: Client, code: str, verifier: str = VERIFIER) -> httpx.Response:
    return await client.post("/api/v1/tokens/exchange", json={"code": code, "verifier": verifier})


async def test_who_is_signed_in_is_asked_and_the_command_line_gets_a_token_of_its_own(
    browser: Client, nobody: Client, client: Client
) -> None:
    page = await browser.get(address(port="40123"), headers=HTML)
    assert page.status_code == 200
    for said in ("anas-laptop", "ben", check_of(CHALLENGE), "error=access_denied"):
        assert said in page.text
    assert "form-action 'self' http://127.0.0.1:40123;" in page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "same-origin"  # else a browser says `Origin: null` of the form
    allow = await browser.post(address(port="40123"), headers=HTML)
    target = urlsplit(allow.headers["location"])
    assert (target.scheme, target.netloc, target.path) == ("http", "127.0.0.1:40123", "/")
    back = dict(parse_qsl(target.query))
    assert back["state"] == STATE
    made = await exchange(nobody, back["code"])
    assert (made.status_code, made.json()["title"], made.json()["kind"]) == (201, "anas-laptop", "personal")
    nobody.headers["Authorization"] = f"Bearer {made.json()['token']}"
    assert (await nobody.get("/api/v1/session")).json()["user"] == "ben"
    assert "anas-laptop" in (await nobody.get("/api/v1/tokens")).text
    rows = (await client.get("/api/v1/audit")).json()["items"]
    assert [(row["action"], row["actor"], row["outcome"]) for row in rows[:2]] == [
        ("token.made", "ben", "done"),
        ("cli_login.allowed", "ben", "done"),
    ]


async def test_without_a_port_the_page_shows_the_code_to_paste(browser: Client, nobody: Client) -> None:
    page = await browser.post(address(), headers=HTML)
    found = re.search(r"carrel_cli_[A-Za-z0-9_-]+", page.text)
    assert found is not None
    assert check_of(CHALLENGE) in page.text
    assert (await exchange(nobody, f" {found[0]}\n")).status_code == 201


async def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(nobody: Client) -> None:
    answer = await nobody.get(address(port="40123"), headers=HTML)
    target = urlsplit(answer.headers["location"])
    assert (answer.status_code, target.path) == (303, "/sign-in")
    back = urlsplit(parse_qs(target.query)["next"][0])
    wanted = {"challenge": CHALLENGE, "state": STATE, "title": "anas-laptop", "port": "40123"}
    assert (back.path, dict(parse_qsl(back.query))) == ("/cli-login", wanted)


async def test_a_code_works_once_and_of_many_at_once_one_gets_the_token(browser: Client, nobody: Client) -> None:
    code = await allowed(browser)
    answers = await asyncio.gather(*(exchange(nobody, code) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401, 401]


async def test_a_code_is_of_no_use_without_the_verifier_and_is_used_up_by_a_wrong_one(
    browser: Client, nobody: Client
) -> None:
    code = await allowed(browser)
    assert (await exchange(nobody, code, "x" * 43)).json()["kind"] == "not_authenticated"
    assert (await exchange(nobody, code)).status_code == 401
    assert (await exchange(nobody, code, "too short")).status_code == 422


async def test_a_code_expires(browser: Client, nobody: Client, clock: Clock) -> None:
    code = await allowed(browser)
    clock.move(seconds=301)
    assert (await exchange(nobody, code)).status_code == 401


async def test_a_code_ends_with_the_session_that_allowed_it_but_the_token_stays(
    browser: Client, nobody: Client
) -> None:
    token = (await exchange(nobody, await allowed(browser))).json()["token"]
    code = await allowed(browser)
    assert (await browser.delete("/api/v1/session")).status_code == 204
    assert (await exchange(nobody, code)).status_code == 401
    nobody.headers["Authorization"] = f"Bearer {token}"
    assert (await nobody.get("/api/v1/session")).status_code == 200


async def test_a_code_is_no_token_and_no_login_link(browser: Client, nobody: Client, running: Running) -> None:
    code = await allowed(browser)
    headers = {"Authorization": f"Bearer {code}", "Origin": running.url}
    assert (await nobody.get("/api/v1/session", headers=headers)).status_code == 401
    assert (await nobody.post("/api/v1/session", json={"token": code}, headers=headers)).status_code == 401
    assert "problem=link" in (await nobody.get("/login", params={"code": code})).headers["location"]


async def test_another_site_cannot_press_the_button(browser: Client) -> None:
    for origin in ("https://evil.example", "null", ""):
        answer = await browser.post(address(port="40123"), headers={"Origin": origin})
        assert (answer.status_code, answer.json()["kind"]) == (403, "bad_origin")


async def test_a_guest_has_no_account_to_lend(running: Running, ben: Actor, nobody: Client) -> None:
    made = await add_workspace(running.parts.store, ben)
    async with running.parts.store.writing() as session:
        _, url = await shares.share(ben, session, running.parts.settings, made.id, Gift(Level.EDIT))
    nobody.headers["Origin"] = running.url
    assert (await nobody.post("/api/v1/session", json={"token": url.partition("#")[2]})).status_code == 201
    for answer in (await nobody.get(address(), headers=HTML), await nobody.post(address(), headers=HTML)):
        assert answer.status_code == 403
        assert "<h1>You may not do this</h1>" in answer.text


async def test_the_token_may_do_no_more_than_the_session_that_allowed_it(
    running: Running, ben: Actor, nobody: Client
) -> None:
    for scopes, status in ((frozenset({Scope.WRITE}), 403), (frozenset({Scope.ADMIN}), 303)):
        value = await token_of(running.parts.store, ben, scopes=scopes)
        nobody.headers["Authorization"] = f"Bearer {value.reveal()}"
        assert (await nobody.post(address(port="40123"))).status_code == status
    made = await exchange(nobody, await allowed(nobody))
    assert made.json()["scopes"] == ["admin"]


async def test_an_address_that_no_command_line_made_is_refused(browser: Client) -> None:
    for wrong in (
        {"challenge": "short"},
        {"state": "short"},
        {"state": "a b" * 10},
        {"title": " \t"},
        {"port": "80"},
        {"port": "70000"},
        {"port": "1e4"},
        {"port": "40123.evil.example"},
    ):
        for answer in (await browser.get(address(**wrong), headers=HTML), await browser.post(address(**wrong))):
            assert answer.status_code == 400, wrong
            assert "location" not in answer.headers


async def test_what_a_command_line_calls_itself_is_only_text(browser: Client) -> None:
    page = await browser.get(address(title='<script>alert("x")</script>\x07'), headers=HTML)
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text
