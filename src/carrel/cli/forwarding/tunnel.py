"""One forwarded connection: a WebSocket to the server for each, and bytes both ways. docs/reference/api.md has the messages."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from carrel.cli.forwarding.wish import Wish
from carrel.cli.server_address import NotConfiguredError, ServerAddress

CHUNK_BYTES: Final = 256 * 1024
OPEN_SECONDS: Final = 20.0
PATIENCE_SECONDS: Final = 30.0
"""How long a connection waits for a server or an agent that does not answer: one that restarts, a network that is away."""
FIRST_DELAY_SECONDS: Final = 0.1
LONGEST_DELAY_SECONDS: Final = 2.0
EOF: Final = json.dumps({"eof": True})
PASSING: Final = frozenset({"agent_unreachable", "unavailable"})
"""Kinds of problems that may be over in a moment."""


class RefusedError(Exception):
    """The server says why it makes no connection."""

    def __init__(self, document: dict[str, object]) -> None:
        self.kind = str(document.get("kind", ""))
        detail = str(document.get("detail") or "")
        super().__init__(f"{document.get('title', 'refused')}: {detail}" if detail else str(document.get("title")))


@dataclass(frozen=True)
class Opener:
    """Opens connections into one workspace."""

    server: Callable[[], ServerAddress]
    """Asked each time: a local server that was started again may have another token."""
    workspace: str

    async def open(self, wish: Wish) -> ClientConnection:
        """Open one; a server or an agent that does not answer is asked again for a while.

        Raises:
            RefusedError: the server refuses; also where the time is over.
            OSError: the server cannot be reached in all this time.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_SECONDS
        delay = FIRST_DELAY_SECONDS
        while True:
            try:
                return await self._open(wish)
            except RefusedError as error:
                if error.kind not in PASSING or loop.time() + delay > until:
                    raise
            except (OSError, TimeoutError, WebSocketException, NotConfiguredError) as error:
                if loop.time() + delay > until:
                    raise ConnectionError(str(error) or type(error).__name__) from error
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_SECONDS)

    async def _open(self, wish: Wish) -> ClientConnection:
        server = self.server()
        url = server.url.replace("http", "ws", 1)
        url += f"/api/v1/workspaces/{quote(self.workspace, safe='')}/tunnel/{wish.port}"
        if wish.host:
            url += f"?{urlencode({'host': wish.host})}"
        try:
            connection = await connect(
                url,
                additional_headers={"Authorization": f"Bearer {server.token}"},
                compression=None,
                max_size=None,
                open_timeout=OPEN_SECONDS,
                # No deadline for pongs: none is read while the program here takes its time.
                ping_timeout=None,
                close_timeout=2,
                write_limit=CHUNK_BYTES,
                proxy=None if server.local else True,
            )
        except InvalidStatus as error:
            raise RefusedError(_document(error)) from error
        _watch_network(connection)
        return connection


def _document(error: InvalidStatus) -> dict[str, object]:
    try:
        document = json.loads(bytes(error.response.body or b""))
    except ValueError:
        document = None
    if isinstance(document, dict) and "title" in document:
        return document
    status = error.response.status_code
    kind = "unavailable" if status in {502, 503, 504} else ""
    return {"kind": kind, "title": f"The server refused the connection (status {status})"}


def _watch_network(connection: ClientConnection) -> None:
    """Have the kernel notice a server that vanished without a word."""
    made = connection.transport.get_extra_info("socket")
    if made is None:
        return
    with suppress(OSError):
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
            if hasattr(socket, name):
                made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: ClientConnection) -> str:
    """Bytes both ways until both ends have said all, or one breaks; returns why the server ended it, where it says so."""
    up = asyncio.create_task(_up(reader, connection))
    down = asyncio.create_task(_down(writer, connection))
    try:
        await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        if up.done() and up.exception() is not None:  # the program here went away
            return ""
        return await down
    finally:
        up.cancel()
        down.cancel()
        await asyncio.gather(up, down, return_exceptions=True)
        if connection.close_code == 1000:
            writer.close()
        else:
            reset(writer)
        await connection.close()


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection so that the program at its other end is told: it did not end in order."""
    made = writer.get_extra_info("socket")
    if made is not None:
        with suppress(OSError):
            made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _up(reader: asyncio.StreamReader, connection: ClientConnection) -> None:
    while data := await reader.read(CHUNK_BYTES):
        await connection.send(data)
    await connection.send(EOF)


async def _down(writer: asyncio.StreamWriter, connection: ClientConnection) -> str:
    said = ""
    try:
        async for message in connection:
            if isinstance(message, bytes):
                writer.write(message)
                await writer.drain()
            else:
                said = _said(message) or said
                writer.write_eof()
        await writer.drain()
    except (ConnectionClosed, OSError):
        pass
    return said


def _said(message: str) -> str:
    """The title of the problem in a text message; empty where it only says that no more will come."""
    try:
        return str(json.loads(message).get("problem", {}).get("title", ""))
    except (ValueError, AttributeError):
        return ""
