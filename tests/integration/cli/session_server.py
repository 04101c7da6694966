"""A server of sessions that does what a script says, in the frames of docs/reference/api.md."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

STDIN, STDOUT, STDERR, CONTROL = range(4)
TOKEN = "carrel_personal_test"


@dataclass
class Conversation:
    """One session, as the server sees it."""

    socket: ServerConnection
    opening: dict[str, Any] = field(default_factory=dict)
    told: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    """Control messages of the client."""
    stdin: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)

    async def print(self, data: bytes, channel: int = STDOUT) -> None:
        await self.socket.send(bytes([channel]) + data)

    async def tell(self, **message: Any) -> None:
        await self.socket.send(bytes([CONTROL]) + json.dumps(message).encode())

    async def listen(self) -> None:
        async for frame in self.socket:
            assert isinstance(frame, bytes)
            if frame[0] == CONTROL:
                self.told.put_nowait(json.loads(frame[1:]))
            else:
                assert frame[0] == STDIN
                self.stdin.put_nowait(frame[1:])


Script = Callable[[Conversation], Awaitable[None]]


@dataclass
class SessionServer:
    """Takes one session after the other; `script` is what happens in them."""

    port: int = 0
    script: Script | None = None
    before: Script | None = None
    """What happens before the client opens, where it asks for a start."""
    refusal: tuple[int, dict[str, Any]] | None = None
    paths: list[str] = field(default_factory=list)
    workspaces: dict[str, str] = field(default_factory=dict)
    """Id by the path of a plain GET."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def handle(self, socket: ServerConnection) -> None:
        conversation = Conversation(socket)
        if self.before is not None and self.paths[-1].endswith("?start=true"):
            await self.before(conversation)
        conversation.opening = json.loads(await socket.recv())
        listening = asyncio.create_task(conversation.listen())
        assert self.script is not None
        playing = asyncio.ensure_future(self.script(conversation))
        try:
            await asyncio.wait({listening, playing}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({playing}, timeout=1)  # what waits for a client that has left waits for ever
        finally:
            playing.cancel()
            listening.cancel()
            await asyncio.gather(playing, listening, return_exceptions=True)

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """A plain answer in the place of a session, or None."""
        self.paths.append(request.path)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _json(401, {"kind": "not_authenticated", "title": "Sign in first", "hint": "Run `carrel login`."})
        if request.path in self.workspaces:
            return _json(200, {"id": self.workspaces[request.path]})
        return _json(*self.refusal) if self.refusal else None


def _json(status: int, document: dict[str, Any]) -> Response:
    body = json.dumps(document).encode()
    headers = Headers({"Content-Type": "application/problem+json", "Content-Length": str(len(body))})
    return Response(status, HTTPStatus(status).phrase, headers, body)


@asynccontextmanager
async def session_server() -> AsyncIterator[SessionServer]:
    """The server on a free port of loopback."""
    own = SessionServer()
    async with serve(own.handle, "127.0.0.1", 0, process_request=own.answer, max_size=None) as listening:
        own.port = next(iter(listening.sockets)).getsockname()[1]
        yield own
