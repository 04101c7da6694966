"""An attached terminal, as the API hands it to a WebSocket (docs/reference/agent-protocol.md, ADR 0018)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import asyncssh

from carrel.core.problems import Problem
from carrel.core.terminal import (
    BYE,
    FROM_VARIABLE,
    INPUT,
    KEEP_VARIABLE,
    READ_ONLY_VARIABLE,
    SEEN,
    VIEWER_VARIABLE,
    frame,
)
from carrel.server.api.live import Channel, Exit, TerminalWish
from carrel.server.live.session import CHUNK_BYTES, LinkSession, Piece, read_stream

TELL_BYTES = 16 * 1024
TOLD = frozenset({"typed", "cols", "rows", "attached"})
"""Members of the agent's notices that a viewer gets."""
GREETING = TOLD | {"offset", "created", "known", "resume_seconds"}


def variables(wish: TerminalWish) -> dict[str, str]:
    """What the agent is told of the viewer."""
    said = {READ_ONLY_VARIABLE: "1"} if wish.read_only else {}
    if wish.viewer:
        said |= {VIEWER_VARIABLE: wish.viewer, KEEP_VARIABLE: str(wish.keep_seconds)}
        said |= {FROM_VARIABLE: str(wish.offset)} if wish.offset >= 0 else {}
    return said


class TerminalSession(LinkSession):
    """An attached terminal. With a viewer's id its output has documents on CONTROL: the greeting first of all."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes], wish: TerminalWish) -> None:
        """Take over `process`, the channel that was opened for `wish`."""
        super().__init__(process)
        self._wish = wish
        self._greeted = asyncio.Event()
        self._is_numbered = False
        self._typed = 0
        self._pieces: asyncio.Queue[Piece | None] = asyncio.Queue(maxsize=4)

    async def output(self) -> AsyncIterator[Piece]:
        """What the terminal prints, and what its viewer has to know; why it cannot be attached, where that is so.

        Raises:
            Problem: there is no such terminal for who comes back or only looks on.
        """
        greeting = await self._greeting()
        if error := str(greeting.get("error", "")):
            if self._wish.viewer:
                raise _problem(greeting, error)
            yield Channel.STDERR, error.encode()
            return
        if self._wish.viewer and "offset" not in greeting:
            raise Problem("agent_unreachable", "The connection to the workspace was lost.")
        if self._wish.read_only and not greeting.get("read_only"):
            hint = "Restart the workspace: it then gets the agent of this version."
            raise Problem("not_allowed", "The workspace's agent is older, and cannot show a terminal read-only.", hint)
        self._is_numbered = bool(self._wish.viewer) and "typed" in greeting
        self._greeted.set()
        if self._wish.viewer:
            said = {"typed": 0, "known": False} | {name: greeting[name] for name in GREETING & greeting.keys()}
            yield Channel.CONTROL, json.dumps({"terminal": said}).encode()
        async for piece in self._merged():
            yield piece

    async def _greeting(self) -> dict[str, Any]:
        try:
            line = await self._process.stderr.readline()
            said = json.loads(line or b"{}")
        except (asyncssh.Error, OSError, ValueError):
            said = {}
        return said if isinstance(said, dict) else {}

    async def _merged(self) -> AsyncIterator[Piece]:
        streams = ((Channel.STDOUT, self._process.stdout), (Channel.STDERR, self._process.stderr))
        readers = [asyncio.create_task(read_stream(channel, stream, self._pieces)) for channel, stream in streams]
        open_streams, unfinished = len(readers), b""
        try:
            while open_streams:
                piece = await self._pieces.get()
                if piece is None:
                    open_streams -= 1
                elif piece[0] is not Channel.STDERR:
                    yield piece
                else:
                    *lines, unfinished = (unfinished + piece[1])[-CHUNK_BYTES:].split(b"\n")
                    for line in lines:
                        if self._wish.viewer and (told := _notice(line)):
                            yield Channel.CONTROL, json.dumps(told).encode()
        finally:
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)

    async def write(self, data: bytes) -> None:
        """Input; waits until the terminal is attached, and while the far end cannot take more."""
        if self._wish.read_only:
            return
        await self._greeted.wait()
        await super().write(frame(INPUT, data) if self._is_numbered else data)
        if (
            self._wish.viewer and not self._is_numbered
        ):  # an older agent says nothing: what is under way counts as taken
            self._typed += len(data)
            await self._pieces.put((Channel.STDERR, json.dumps({"typed": self._typed}).encode() + b"\n"))

    async def note(self, message: Mapping[str, Any]) -> None:
        """What the viewer has seen, that it leaves for good, whether anybody is there."""
        if "ping" in message and self._wish.viewer:
            await self._pieces.put((Channel.CONTROL, json.dumps({"pong": message["ping"]}).encode()[:CHUNK_BYTES]))
        if not self._is_numbered:
            return
        seen = message.get("seen")
        if isinstance(seen, int) and seen >= 0:
            self._process.stdin.write(frame(SEEN, json.dumps({"seen": seen}).encode()))
        if message.get("bye") is True:
            self._process.stdin.write(frame(BYE))

    async def write_eof(self) -> None:
        """A terminal's input does not end."""

    async def resize(self, size: Any) -> None:
        """The viewer's window has another size; who only looks on changes nothing."""
        if not self._wish.read_only:
            await super().resize(size)

    async def wait(self) -> Exit:
        """How the terminal's command ended.

        Raises:
            Problem: `agent_unreachable`: it has not ended, but this connection to it; a viewer with an id comes back.
        """
        ended = await super().wait()
        if self._wish.viewer and ended.status is None and not ended.signal:
            raise Problem("agent_unreachable", "The connection to the terminal was lost; the terminal goes on running.")
        return ended


def _problem(greeting: Mapping[str, Any], error: str) -> Problem:
    told = greeting.get("problem")
    if isinstance(told, dict) and told.get("kind"):
        return Problem(str(told["kind"]), str(told.get("detail", "")), str(told.get("hint", "")))
    return Problem("bad_value", error)


def _notice(line: bytes) -> dict[str, Any]:
    """What a viewer gets of a line that the agent said."""
    try:
        said = json.loads(line or b"{}")
    except ValueError:
        return {}
    return {name: said[name] for name in TOLD & said.keys()} if isinstance(said, dict) else {}
