"""One transfer of files with a workspace: its data on one stream, what is said of it on the other."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from carrel.core.problems import PROBLEMS, Problem
from carrel.server.api.live import Channel, LiveSession

MOST_SAID_BYTES = 1 << 20
"""Of what the other side says beside the data."""
FRAME_BYTES = 1 << 20
FRAME_HEAD = struct.Struct(">I")


class FileSession:
    """Reads the messages of `carrel-files` (docs/reference/agent-protocol.md)."""

    def __init__(self, session: LiveSession) -> None:
        self._session = session
        self._output = session.output()
        self._said = b""
        self._early: list[bytes] = []
        self.done: dict[str, Any] | None = None
        self.begun: dict[str, Any] | None = None
        self._problem: Problem | None = None

    async def begin(self) -> dict[str, Any]:
        """What is about to come. Raises the problem because of which nothing comes."""
        while self.begun is None:
            data = await anext(self._pieces(), None)
            if data is None:
                self._check_end(None)
                raise self._broken()
            self._early.append(data)
        return self.begun

    async def data(self) -> AsyncGenerator[bytes, None]:
        """The data to its end; raises where that is not the end of what was asked for."""
        for data in self._early:
            if data:
                yield data
        async for data in self._pieces():
            if data:
                yield data
        self._check_end((await self._session.wait()).status)

    async def all_data(self, limit: int) -> bytes:
        """The data, where it is little. Raises besides `too_large`."""
        found = bytearray()
        async with aclosing(self.data()) as pieces:
            async for piece in pieces:
                found += piece
                if len(found) > limit:
                    raise Problem("too_large", "The folder has too many entries.")
        return bytes(found)

    async def send(self, body: AsyncIterator[bytes]) -> dict[str, Any]:
        """Send the bytes of one file; what came of it. It ends at once when the other side takes no more."""
        answer = asyncio.create_task(self._answer())
        try:
            async for data in body:
                if answer.done():
                    break
                for start in range(0, len(data), FRAME_BYTES):
                    piece = data[start : start + FRAME_BYTES]
                    await self._session.write(FRAME_HEAD.pack(len(piece)) + piece)
            else:
                await self._session.write(FRAME_HEAD.pack(0))
                await self._session.write_eof()
        except OSError:  # the program has ended, and says why
            pass
        except BaseException:
            answer.cancel()
            await asyncio.gather(answer, return_exceptions=True)
            raise
        return await answer

    async def _answer(self) -> dict[str, Any]:
        async for _ in self._pieces():
            pass
        self._check_end((await self._session.wait()).status)
        return self.done or {}

    async def _pieces(self) -> AsyncIterator[bytes]:
        """The data as it comes; an empty piece where something was said."""
        async for channel, data in self._output:
            if channel is Channel.STDOUT:
                yield data
            else:
                self._hear(data)
                yield b""

    def _hear(self, data: bytes) -> None:
        *lines, self._said = (self._said + data).split(b"\n")
        self._said = self._said[:MOST_SAID_BYTES]
        for line in lines:
            try:
                message = json.loads(line)
            except ValueError:  # the interpreter's own words, where it breaks
                continue
            if not isinstance(message, dict):
                continue
            self.begun = message.get("begin", self.begun)
            self.done = message.get("done", self.done)
            if isinstance(message.get("problem"), dict):
                self._problem = problem_from(message["problem"])

    def _check_end(self, status: int | None) -> None:
        if self._problem is not None:
            raise self._problem
        if self.done is None or status != 0:
            raise self._broken()

    @staticmethod
    def _broken() -> Problem:
        return Problem("agent_unreachable", "The transfer broke off.")


def problem_from(document: dict[str, Any]) -> Problem:
    """A problem that a workspace told; it may be of a newer version."""
    kind, detail = str(document.get("kind", "")), str(document.get("detail") or "")
    hint = str(document.get("hint") or "")
    if kind not in PROBLEMS:
        return Problem("bad_value", f"{document.get('title', '')}: {detail}", hint)
    return Problem(kind, detail, hint)
