"""Events: of one workspace, and of all that one may see; as pages and as streams that resume."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from carrel.core.access import Actor
from carrel.core.events import Event
from carrel.server.api import streams
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.parts import Parts
from carrel.server.api.streams import EndOfStream, Message, last_event_id, number, stream, wants_stream
from carrel.server.api.workspace_documents import ANSWER
from carrel.server.api.workspaces import find
from carrel.server.store import events as rows
from carrel.server.store.wakeups import WORKSPACES, of_workspace

router = APIRouter(tags=["events"])
BATCH = 500
STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {streams.MEDIA_TYPE: {"schema": {"type": "string"}}},
        "description": "A page; or, with `Accept: text/event-stream`, a stream that resumes after `Last-Event-ID`.",
    }
}


class EventDocument(BaseModel):
    """Something that happened to a workspace; docs/reference/events.md lists the kinds."""

    model_config = {**ANSWER, "title": "Event"}

    workspace: str
    """Its id."""
    number: int
    """Per workspace, without gaps."""
    kind: str
    at: datetime | None
    data: dict[str, Any]


class EventPage(BaseModel):
    """Events in order."""

    model_config = ANSWER

    items: list[EventDocument]
    last: int
    """For `after`, to read on."""


def _document(workspace_id: str, event: Event) -> EventDocument:
    return EventDocument(workspace=workspace_id, number=event.number, kind=event.kind, at=event.at, data=event.data)


@router.get("/workspaces/{workspace}/events", response_model=EventPage, responses=STREAMED)
async def list_events(  # noqa: PLR0913, PLR0917  most are of the query string
    parts: WithParts,
    actor: Asking,
    request: Request,
    workspace: str,
    after: Annotated[int, Query(ge=0)] = 0,
    latest: Annotated[int | None, Query(ge=0, le=1000, description="Leave out all but the last so many.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> EventPage | Response:
    """What happened to a workspace, from a number on."""
    found = await find(parts, actor, workspace)
    if latest is not None:
        async with parts.store.reading() as session:
            after = max(after, await rows.newest_number(session, found.id) - latest)
    if wants_stream(request):
        reader = _OneWorkspace(parts, found.id, number(last_event_id(request, str(after))))
        return stream(parts, actor, [of_workspace(found.id)], reader.read)
    async with parts.store.reading() as session:
        items = await rows.of_one(session, found.id, after, limit)
    return EventPage(items=[_document(found.id, item) for item in items], last=items[-1].number if items else after)


@router.get("/events", response_model=EventPage, responses=STREAMED)
async def list_all_events(
    parts: WithParts,
    actor: Asking,
    request: Request,
    after: Annotated[int | None, Query(ge=0, description="A position; a stream without one begins now.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> EventPage | Response:
    """What happened to the workspaces that you may see. As a stream: what happens from now on."""
    if wants_stream(request):
        async with parts.store.reading() as session:
            begin = after if after is not None else await rows.newest_position(session)
        reader = _AllWorkspaces(parts, actor, number(last_event_id(request, str(begin))))
        return stream(parts, actor, [WORKSPACES], reader.read)
    async with parts.store.reading() as session:
        items = await rows.of_all(session, actor, after or 0, limit)
    documents = [_document(item.workspace_id, item.event) for item in items]
    return EventPage(items=documents, last=items[-1].position if items else after or 0)


class _OneWorkspace:
    """Reads on through the events of one workspace; ends after its last."""

    def __init__(self, parts: Parts, workspace_id: str, after: int) -> None:
        self._parts = parts
        self._workspace_id = workspace_id
        self._after = after

    async def read(self) -> AsyncIterator[Message]:
        """What is new."""
        while True:
            async with self._parts.store.reading() as session:
                items = await rows.of_one(session, self._workspace_id, self._after, BATCH)
            for item in items:
                self._after = item.number
                yield Message(str(item.number), _document(self._workspace_id, item).model_dump(mode="json"))
                if item.kind == "purged":
                    raise EndOfStream
            if len(items) < BATCH:
                return


class _AllWorkspaces:
    """Reads on through the events of all workspaces that the actor may see."""

    def __init__(self, parts: Parts, actor: Actor, after: int) -> None:
        self._parts = parts
        self._actor = actor
        self._after = after

    async def read(self) -> AsyncIterator[Message]:
        """What is new."""
        while True:
            async with self._parts.store.reading() as session:
                items = await rows.of_all(session, self._actor, self._after, BATCH)
            for item in items:
                self._after = item.position
                document = _document(item.workspace_id, item.event)
                yield Message(str(item.position), document.model_dump(mode="json"))
            if len(items) < BATCH:
                return
