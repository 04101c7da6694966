"""Server-sent events: the wire format, and following a stream that resumes.

Source: HTML Living Standard, section 9.2 (Server-sent events).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Any

from carrel.client.connection import Connection
from carrel.core.problems import Problem

PATIENCE_SECONDS = 60.0
"""How long a stream that broke is asked for again."""
PAUSE_SECONDS = (0.1, 0.5, 1.0, 2.0)
LARGEST_LINE_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Message:
    """One message of a stream."""

    data: str
    event: str = "message"
    id: str = ""
    """The last id that was given, by this message or an earlier one."""


class Parser:
    """Takes lines without their ends, gives messages."""

    def __init__(self) -> None:
        self._data: list[str] = []
        self._event = ""
        self._id = ""

    def feed(self, line: str) -> Message | None:
        """The message that an empty line ends, if any."""
        if not line:
            return self._dispatch()
        name, colon, value = line.partition(":")
        if not name and colon:  # a comment, which keeps the connection alive
            return None
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value
        return None

    def _dispatch(self) -> Message | None:
        data, event = self._data, self._event
        self._data, self._event = [], ""
        return Message("\n".join(data), event or "message", self._id) if data else None


async def lines(chunks: AsyncIterable[bytes]) -> AsyncIterator[str]:
    """The lines in a stream of bytes; one that was not ended is dropped, as the standard has it."""
    rest = b""
    async for chunk in chunks:
        *complete, rest = (rest + chunk).split(b"\n")
        if len(rest) > LARGEST_LINE_BYTES:
            raise Problem("unavailable", "The stream holds a line that is too long.")
        for line in complete:
            yield line.removesuffix(b"\r").decode(errors="replace")


async def messages(chunks: AsyncIterable[bytes]) -> AsyncIterator[Message]:
    """The messages in a stream of bytes."""
    parser = Parser()
    async for line in lines(chunks):
        message = parser.feed(line)
        if message is not None:
            yield message


async def follow(connection: Connection, path: str, **params: Any) -> AsyncGenerator[Message, None]:
    """Messages until the server says that nothing more will come; resumes after the last one when it breaks.

    Raises:
        Problem: the server refuses; `unavailable` where it stays away for PATIENCE_SECONDS.
    """
    last_id = ""
    short_lived = 0
    alive_at: float | None = None
    while True:
        headers = {"Last-Event-ID": last_id} if last_id else {}
        opened = False
        try:
            async with connection.stream(path, headers, **params) as chunks:
                opened = True
                async for message in messages(chunks):
                    if message.event == "end":
                        return
                    last_id, short_lived = message.id or last_id, 0
                    yield message
        except Problem as problem:
            is_lost = not opened and (alive_at is None or time.monotonic() - alive_at > PATIENCE_SECONDS)
            if problem.kind != "unavailable" or is_lost:
                raise
        if opened:
            alive_at = time.monotonic()
        await asyncio.sleep(PAUSE_SECONDS[min(short_lived, len(PAUSE_SECONDS) - 1)])
        short_lived += 1
