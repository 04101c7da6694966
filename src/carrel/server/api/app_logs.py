"""What the apps of a running workspace printed: not stored, read from the agent; a place in it is a number of bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from carrel.core.workspace import Workspace
from carrel.server.api.parts import Parts
from carrel.server.api.streams import Message

PREFIX = "app:"
"""Streams of this name are of apps: `app:code`."""
PIECE_BYTES = 64 * 1024


@dataclass(frozen=True)
class AppLog:
    """The log of one app."""

    parts: Parts
    workspace: Workspace
    stream: str

    async def read(self, after: int) -> tuple[int, str]:
        """Whole lines after a place, and where they end. Raises `no_such_app`, `not_running`, `agent_unreachable`."""
        app = self.stream.removeprefix(PREFIX)
        begin, data = await self.parts.live.app_log(self.workspace, app, after, PIECE_BYTES)
        if len(data) < PIECE_BYTES or b"\n" in data:
            data = data[: data.rfind(b"\n") + 1]  # the last line is still being written
        return (begin + len(data) if data else after), data.decode(errors="replace")


class AppLogFollower:
    """Reads on through the log of an app."""

    def __init__(self, log: AppLog, after: int) -> None:
        self._log = log
        self._after = after

    async def read(self) -> AsyncIterator[Message]:
        """What is new."""
        while True:
            self._after, text = await self._log.read(self._after)
            if not text:
                return
            now = self._log.parts.store.clock().isoformat()
            document = {"stream": self._log.stream, "seq": self._after, "at": now, "text": text}
            yield Message(str(self._after), document)
