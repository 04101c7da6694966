"""Who asks: bearer tokens of programs, session cookies of browsers, and the origin that a browser must show."""

from __future__ import annotations

from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import Depends
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.requests import HTTPConnection, Request

from carrel.core.access import Actor
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.actions import login
from carrel.server.api.parts import Parts
from carrel.server.settings import Settings
from carrel.server.store import tokens
from carrel.server.store.engine import Store
from carrel.server.store.tokens import TokenKind

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# For the OpenAPI document only; `actor_of` reads the headers itself, for WebSockets too.
BEARER = HTTPBearer(auto_error=False, scheme_name="token", description="A personal token: `carrel_...`.")
COOKIE = APIKeyCookie(name="carrel_session", auto_error=False, scheme_name="session", description="A browser session.")
SECURITY = [Depends(BEARER), Depends(COOKIE)]


def parts_of(connection: HTTPConnection) -> Parts:
    """The parts of the application that serves this connection."""
    return cast("Parts", connection.app.state.parts)


def cookie_name(settings: Settings) -> str:
    """Name of the session cookie: with the port, because browsers do not keep cookies of ports apart."""
    parts = urlsplit(settings.public_url)
    prefix = "__Host-" if parts.scheme == "https" else ""
    return f"{prefix}carrel_session_{parts.port}" if parts.port else f"{prefix}carrel_session"


def request_of(connection: HTTPConnection) -> login.Request:
    """Where the request comes from, for the audit."""
    request_id = str(connection.scope.get("state", {}).get("request_id", ""))
    agent = connection.headers.get("user-agent", "")[:200]
    return login.Request(request_id, connection.client.host if connection.client else "", agent)


def check_origin(connection: HTTPConnection) -> None:
    """Raise `bad_origin` where a browser says that another site's page sends this, or says nothing of it."""
    origin = connection.headers.get("origin", "")
    host = connection.headers.get("host", "")
    settings = parts_of(connection).settings
    if origin and origin in {settings.public_url, f"http://{host}", f"https://{host}"}:
        return
    raise Problem("bad_origin", f"Origin: {origin[:200] or 'none'}.")


async def who_asks(connection: HTTPConnection) -> Actor:
    """The actor of a request or a WebSocket.

    Raises:
        Problem: `not_authenticated`; `bad_origin` for a cookie with which another site could have sent this.
    """
    parts = parts_of(connection)
    is_websocket = connection.scope["type"] == "websocket"
    if is_websocket and "origin" in connection.headers:
        check_origin(connection)
    bearer = _bearer(connection)
    if bearer:
        return _known(connection, await _authenticated(parts.store, bearer, TokenKind.PERSONAL, connection))
    cookie = Secret(connection.cookies.get(cookie_name(parts.settings), ""))
    if not cookie:
        raise Problem("not_authenticated")
    if is_websocket or connection.scope["method"] not in SAFE_METHODS:
        check_origin(connection)
    return _known(connection, await _authenticated(parts.store, cookie, TokenKind.SESSION, connection))


def _known(connection: HTTPConnection, actor: Actor) -> Actor:
    """The actor, whom the audit names where this request is refused (refusals.py)."""
    connection.scope.setdefault("state", {})["actor"] = actor
    return actor


def _bearer(connection: HTTPConnection) -> Secret:
    """The bearer token of the request; empty where there is none."""
    scheme, _, text = connection.headers.get("authorization", "").partition(" ")
    return Secret(text.strip() if scheme.casefold() == "bearer" else "")


async def _authenticated(store: Store, value: Secret, kind: TokenKind, connection: HTTPConnection) -> Actor:
    async with store.reading() as session:
        found = await login.authenticate(session, value, kind, request_of(connection))
        now = session.now
    if found is None:
        raise Problem("not_authenticated", "The token is not valid, or has expired.")
    actor, token = found
    if tokens.is_stale(token, now):
        async with store.writing() as writing:
            await tokens.touch(writing, token)
    return actor


async def _actor(request: Request) -> Actor:
    return await who_asks(request)


def _parts(request: Request) -> Parts:
    return parts_of(request)


Asking = Annotated[Actor, Depends(_actor)]
"""The signed-in actor of a request."""
WithParts = Annotated[Parts, Depends(_parts)]
