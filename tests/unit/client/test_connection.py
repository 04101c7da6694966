"""Requests to a server, and how failures come back."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from carrel.client import connection as module
from carrel.client.connection import Connection
from carrel.core.problems import Problem
from carrel.core.secret import Secret

Handler = Callable[[httpx.Request], httpx.Response]


def talking_to(handler: Handler) -> Connection:
    return Connection("http://127.0.0.1:7070/", Secret("carrel_personal_x"), httpx.MockTransport(handler))


async def problem_of(handler: Handler) -> Problem:
    with pytest.raises(Problem) as raised:
        await talking_to(handler).get("/server")
    return raised.value


async def test_every_request_shows_the_token_and_leaves_out_what_is_not_given() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer carrel_personal_x"
        assert str(request.url) == "http://127.0.0.1:7070/api/v1/workspaces?q=a%26b"
        return httpx.Response(200, json={"items": []})

    assert await talking_to(handler).get("/workspaces", q="a&b", cursor=None) == {"items": []}


async def test_an_empty_answer_is_none() -> None:
    assert await talking_to(lambda _: httpx.Response(204)).send("DELETE", "/session") is None


async def test_a_problem_comes_back_whole() -> None:
    document = {
        "kind": "name_taken",
        "title": "The name is taken",
        "status": 409,
        "detail": "blog is taken.",
        "hint": "Choose another.",
        "request_id": "abc",
    }
    problem = await problem_of(lambda _: httpx.Response(409, json=document))
    assert problem.document() == document | {"type": "urn:carrel:problem:name_taken"}


async def test_a_problem_of_a_newer_server_keeps_its_words() -> None:
    document = {"kind": "moon_phase", "title": "The moon is wrong", "detail": "Wait.", "hint": "Look up."}
    problem = await problem_of(lambda _: httpx.Response(404, json=document))
    assert (problem.kind, problem.detail, problem.hint) == ("not_found", "The moon is wrong: Wait.", "Look up.")


@pytest.mark.parametrize("status", [200, 302, 404, 502])
async def test_what_is_no_carrel_server_is_said(status: int) -> None:
    problem = await problem_of(lambda _: httpx.Response(status, text="<html>Welcome</html>"))
    assert problem.kind == "unavailable"
    assert "not as a Carrel server does" in problem.detail


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("refused"), httpx.ReadTimeout(""), httpx.RemoteProtocolError("x")]
)
async def test_a_server_that_does_not_answer_is_unavailable(
    error: httpx.HTTPError, monkeypatch: pytest.MonkeyPatch
) -> None:
    def handler(_: httpx.Request) -> httpx.Response:
        raise error

    monkeypatch.setattr(module, "RETRY_SECONDS", (0.0,))
    problem = await problem_of(handler)
    assert problem.kind == "unavailable"
    assert "http://127.0.0.1:7070 does not answer" in problem.detail


@pytest.mark.parametrize(("headers", "sent"), [({"Idempotency-Key": "k"}, 3), ({}, 1)])
async def test_only_what_may_be_repeated_is_sent_again(
    headers: dict[str, str], sent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", (0.0, 0.0))
    seen = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.read())
        if len(seen) < 3:
            raise httpx.ReadError("broken")
        return httpx.Response(201, json={})

    if sent == 1:
        with pytest.raises(Problem):
            await talking_to(handler).send("POST", "/workspaces", {"name": "blog"}, headers)
    else:
        await talking_to(handler).send("POST", "/workspaces", {"name": "blog"}, headers)
    assert seen == [b'{"name":"blog"}'] * sent


def test_the_token_is_not_shown() -> None:
    shown = repr(vars(talking_to(lambda _: httpx.Response(204))))
    assert "carrel_personal_x" not in shown
