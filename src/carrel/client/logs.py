"""Logs: which streams there are, what they hold, following them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import datetime

from carrel.client.connection import Connection, parse_json, segment
from carrel.client.documents import LogChunk, LogPage, LogStream
from carrel.client.sse import follow


class Logs:
    """The log streams of a workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def streams(self, workspace: str) -> list[LogStream]:
        """The streams, in the order of their begin."""
        return LogPage.model_validate(await self._connection.get(_path(workspace))).streams

    async def read(self, workspace: str, stream: str) -> AsyncGenerator[LogChunk, None]:
        """All that a stream holds."""
        after = 0
        while True:
            answer = await self._connection.get(_path(workspace), stream=stream, after=after)
            page = LogPage.model_validate(answer)
            for chunk in page.items:
                yield chunk
            if not page.items:
                return
            after = page.last

    async def follow(
        self, workspace: str, stream: str = "", since: datetime | None = None
    ) -> AsyncGenerator[LogChunk, None]:
        """What a stream (or all) holds, written at `since` or later, and what is added."""
        moment = since.isoformat() if since else None
        async for message in follow(self._connection, _path(workspace), stream=stream or None, since=moment):
            yield LogChunk.model_validate(parse_json(message.data))


def _path(workspace: str) -> str:
    return f"/workspaces/{segment(workspace)}/logs"
