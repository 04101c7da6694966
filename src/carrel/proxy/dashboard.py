"""The dashboard and the API on the proxy's port: an ASGI application under uvicorn's protocol."""

from __future__ import annotations

import asyncio
import logging
import time
from email.utils import formatdate
from typing import Final, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from carrel.core.problems import Problem
from carrel.proxy.answer import problem_answer
from carrel.proxy.routes import Kind, Routes

KEEP_ALIVE_SECONDS: Final = 75
_MISDIRECTED: Final = problem_answer(Problem("not_found", "This address is not served on this connection."), 421)


class Dashboard:
    """Runs the application; connections are handed to it after their first head was read."""

    def __init__(self, app: ASGIApp, routes: Routes) -> None:
        self._config = Config(
            HostCheck(app, routes),
            http=HttpToolsProtocol,
            ws="websockets-sansio",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            # No deadline for pongs: a client that takes its time with what it was sent (a port, a file) reads none
            # meanwhile. One that has vanished is noticed by TCP (listening.py).
            ws_ping_timeout=None,
        )
        self._state = ServerState()

    async def start(self) -> None:
        """Start the application. Raises RuntimeError where it does not start."""
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        self._config.load()
        self._lifespan = self._config.lifespan_class(self._config)
        await self._lifespan.startup()
        if self._lifespan.should_exit:
            raise RuntimeError("the application did not start")
        self.tick()

    def tick(self) -> None:
        """Set the Date field; called once a second."""
        self._state.default_headers = [(b"date", formatdate(time.time(), usegmt=True).encode())]

    def take_over(self, transport: asyncio.Transport, data: bytes) -> None:
        """Serve a connection whose first bytes were already read."""
        protocol = HttpToolsProtocol(self._config, self._state, self._lifespan.state)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        protocol.data_received(data)

    async def close(self, grace_seconds: float) -> None:
        """Let requests end, then the application."""
        for connection in list(self._state.connections):
            connection.shutdown()
        try:
            async with asyncio.timeout(grace_seconds):
                while self._state.connections or self._state.tasks:  # noqa: ASYNC110  uvicorn tells nobody
                    await asyncio.sleep(0.02)
        except TimeoutError:
            for task in list(self._state.tasks):
                task.cancel()
            for connection in list(self._state.connections):
                if connection.transport is not None:
                    connection.transport.abort()
        await self._lifespan.shutdown()


class HostCheck:
    """Lets through what is meant for the dashboard: a kept-alive connection may carry requests for other hosts."""

    def __init__(self, app: ASGIApp, routes: Routes) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or answer 421 and end the connection."""
        if scope["type"] in {"http", "websocket"}:
            hosts = [value for name, value in scope["headers"] if name == b"host"]
            if len(hosts) != 1 or self._routes.route(cast("bytes", hosts[0]).lower()).kind is not Kind.DASHBOARD:
                await _misdirected(scope, send)
                return
        await self._app(scope, receive, send)


async def _misdirected(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    fields = [(b"content-type", _MISDIRECTED.content_type.encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": _MISDIRECTED.status, "headers": fields})
    await send({"type": "http.response.body", "body": _MISDIRECTED.body})
