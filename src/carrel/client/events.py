"""Events: the latest, and following them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from carrel.client.connection import Connection, parse_json, segment
from carrel.client.documents import Event, EventPage
from carrel.client.sse import follow


class Events:
    """What happened to one workspace, or to all that one may see."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def page(self, workspace: str, *, after: int = 0, limit: int = 1000) -> EventPage:
        """Events of a workspace with a number above `after`, in order."""
        return EventPage.model_validate(await self._connection.get(_path(workspace), after=after, limit=limit))

    async def latest(self, workspace: str, count: int) -> EventPage:
        """The last `count` events of a workspace, in order; 0: only the number of the last one."""
        answer = await self._connection.get(_path(workspace), latest=count, limit=max(1, count))
        return EventPage.model_validate(answer)

    async def follow(
        self, workspace: str, *, after: int | None = None, latest: int | None = None
    ) -> AsyncGenerator[Event, None]:
        """Events of a workspace as they happen, from a number or from the last few on, until it is purged."""
        async for message in follow(self._connection, _path(workspace), after=after, latest=latest):
            yield Event.model_validate(parse_json(message.data))

    async def follow_all(self) -> AsyncGenerator[Event, None]:
        """Events of all workspaces that one may see, from now on."""
        async for message in follow(self._connection, "/events"):
            yield Event.model_validate(parse_json(message.data))


def _path(workspace: str) -> str:
    return f"/workspaces/{segment(workspace)}/events"


def text(event: Event, name: str) -> str:
    """A member of an event's data as text; empty where it is absent."""
    value: Any = event.data.get(name)
    return "" if value is None else str(value)
