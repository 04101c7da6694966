"""What every request gets: an id, a limit on its size, a line in the log, headers that tell browsers to be careful."""

from __future__ import annotations

import re
import secrets
import time
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from carrel.core.problems import Problem
from carrel.core.urls import label_of_host
from carrel.server.api.problems import problem_response
from carrel.server.settings import Settings

log = structlog.get_logger(__name__)
MAX_BODY_BYTES = 1024 * 1024
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
MAX_TEMPLATE_BYTES = 2 * MAX_BODY_BYTES
"""A template's files, a third longer in base64."""
_TEMPLATE = re.compile(r"/api/v1/templates/[^/]+")
_UPLOAD = re.compile(r"/api/v1/workspaces/[^/]+/files")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
API_POLICY = "default-src 'none'; frame-ancestors 'none'"


class EveryRequest:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._apps_domain = settings.apps_domain
        self._is_https = urlsplit(settings.public_url).scheme == "https"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give it an id, pass it on, write it down."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        asked = headers.get("x-request-id", "")
        request_id = asked if _REQUEST_ID.fullmatch(asked) else secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.perf_counter()
        has_begun = False

        async def sending(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                self._add_headers(message, request_id)
                _write_down(scope, message["status"], began)
            await send(message)

        problem = self._refusal(scope, headers)
        if problem is not None and scope["type"] == "http":
            await problem_response(problem, request_id)(scope, receive, sending)
            return
        receiving = receive if _is_upload(scope) else _limited(receive, _most(scope))
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receiving, sending)
            except Exception as error:
                log.exception("request_broke", path=scope["path"], error=type(error).__name__)
                if scope["type"] == "http" and not has_begun:
                    await problem_response(Problem("internal"), request_id)(scope, receive, sending)

    def _refusal(self, scope: Scope, headers: Headers) -> Problem | None:
        """Why this request goes no further."""
        if label_of_host(headers.get("host", ""), self._apps_domain) is not None:
            return Problem("not_found", "This is not served on an app's host.")
        length = headers.get("content-length", "0")
        most = _most(scope)
        if not length.isdecimal() or (int(length) > most and not _is_upload(scope)):
            return Problem("too_large", f"At most {most} bytes.")
        return None

    def _add_headers(self, message: Message, request_id: str) -> None:
        headers = MutableHeaders(scope=message)
        headers["X-Request-Id"] = request_id
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("Content-Security-Policy", API_POLICY)
        headers.setdefault("Cache-Control", "no-store")
        if self._is_https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def _is_upload(scope: Scope) -> bool:
    """Whether the body is a file, which goes on to a workspace in pieces, and only after its sender was let in."""
    return scope.get("method") == "PUT" and _UPLOAD.fullmatch(scope["path"]) is not None


def _most(scope: Scope) -> int:
    """How many bytes a body may have."""
    is_template = scope.get("method") == "PUT" and _TEMPLATE.fullmatch(scope["path"]) is not None
    return MAX_TEMPLATE_BYTES if is_template else MAX_BODY_BYTES


def _limited(receive: Receive, most: int) -> Receive:
    """`receive` that refuses a body which is longer than it said, or than it may be."""
    seen = 0

    async def receiving() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                raise Problem("too_large", f"At most {most} bytes.")
        return message

    return receiving


def _write_down(scope: Scope, status: int, began: float) -> None:
    """One line for each request; the path without its query, where a one-time code may be."""
    took_ms = round((time.perf_counter() - began) * 1000, 1)
    method = scope.get("method", "WEBSOCKET")
    log.debug("request", method=method, path=scope["path"][:200], status=status, took_ms=took_ms)
