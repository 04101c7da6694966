"""What a separate proxy answers under its own address: whether it lives, whether it is ready, its metrics."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import CollectorRegistry
from starlette.types import Receive, Scope, Send

from carrel.core.problems import Problem


class OwnPages:
    """An ASGI application. The dashboard is the server's, and is not passed on."""

    def __init__(self, is_ready: Callable[[], bool], registry: CollectorRegistry, public_url: str) -> None:
        self._is_ready = is_ready
        self._registry = registry
        self._public_url = public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            status, kind, body = self._answer(scope["path"])
            fields = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
            await send({"type": "http.response.start", "status": status, "headers": fields})
            await send({"type": "http.response.body", "body": body})

    def _answer(self, path: str) -> tuple[int, str, bytes]:
        if path == "/healthz":
            return 200, "application/json", b'{"status": "alive"}'
        if path == "/readyz":
            is_ready = self._is_ready()
            words = "ready" if is_ready else "The server does not answer, or this process is ending."
            return (200 if is_ready else 503), "application/json", json.dumps({"status": words}).encode()
        if path == "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest(self._registry)
        problem = Problem("not_found", "Only apps are served here.", f"The dashboard is at {self._public_url}.")
        return 421, "application/problem+json", json.dumps(problem.document() | {"status": 421}).encode()


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message: Any = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
