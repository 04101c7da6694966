"""Log streams of a workspace: which there are, pages of one, and following one or all."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel

from carrel.core.access import Actor
from carrel.core.problems import Problem
from carrel.server.api.app_logs import PREFIX, AppLog, AppLogFollower
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.events import STREAMED
from carrel.server.api.parts import Parts
from carrel.server.api.streams import Message, last_event_id, number, stream, wants_stream
from carrel.server.api.workspace_documents import ANSWER
from carrel.server.api.workspaces import find
from carrel.server.store import logs as rows
from carrel.server.store.wakeups import of_workspace

router = APIRouter(tags=["logs"])
BATCH = 64


class LogStreamDocument(BaseModel):
    """A log stream."""

    model_config = {**ANSWER, "title": "LogStream"}

    name: str
    """`toolbox`, `source`, `build`, `hook:postCreate` ..."""
    characters: int
    """Kept."""
    dropped: int
    """Left out between head and tail."""
    began_at: datetime
    updated_at: datetime


class LogChunkDocument(BaseModel):
    """A piece of a log: whole lines, each with its end."""

    model_config = {**ANSWER, "title": "LogChunk"}

    stream: str
    seq: int
    at: datetime
    text: str


class LogPage(BaseModel):
    """Streams; and, where one was named, a piece of it."""

    model_config = ANSWER

    streams: list[LogStreamDocument]
    items: list[LogChunkDocument]
    last: int
    """For `after`, to read on."""


@router.get("/workspaces/{workspace}/logs", response_model=LogPage, responses=STREAMED)
async def read_logs(  # noqa: PLR0913  most are of the query string
    parts: WithParts,
    actor: Asking,
    request: Request,
    workspace: str,
    *,
    stream_name: Annotated[str, Query(alias="stream", max_length=200)] = "",
    after: Annotated[int, Query(ge=0)] = 0,
    since: Annotated[AwareDatetime | None, Query(description="Leave out what was written before.")] = None,
    limit: Annotated[int, Query(ge=1, le=256, description="Chunks, each of at most 64 Ki characters.")] = 64,
) -> LogPage | Response:
    """The log streams, and a page of the one named. As a stream: what that one (or all) holds and what is added.

    `app:NAME` is what an app of a running workspace prints; it is not among the streams, nor in all.
    """
    found = await find(parts, actor, workspace)
    if stream_name.startswith(PREFIX):
        return await _app_log(AppLog(parts, found, stream_name), actor, request, after)
    if wants_stream(request):
        begin = format_place({stream_name: after} if stream_name else {})
        place = parse_place(last_event_id(request, begin))
        follower = Follower(parts, found.id, stream_name, place, since)
        return stream(parts, actor, [of_workspace(found.id)], follower.read)
    async with parts.store.reading() as session:
        streams = await rows.streams(session, found.id)
        items = await rows.read(session, found.id, stream_name, after, limit, since) if stream_name else []
    return LogPage(
        streams=[LogStreamDocument.model_validate(item, from_attributes=True) for item in streams],
        items=[LogChunkDocument(stream=stream_name, seq=i.seq, at=i.at, text=i.text) for i in items],
        last=items[-1].seq if items else after,
    )


async def _app_log(log: AppLog, actor: Actor, request: Request, after: int) -> LogPage | Response:
    if wants_stream(request):
        follower = AppLogFollower(log, number(last_event_id(request, str(after))))
        await log.read(after)  # a refusal is an answer, not the end of a stream
        return stream(log.parts, actor, [of_workspace(log.workspace.id)], follower.read)
    last, text = await log.read(after)
    chunk = LogChunkDocument(stream=log.stream, seq=last, at=log.parts.store.clock(), text=text)
    return LogPage(streams=[], items=[chunk] if text else [], last=last)


def format_place(place: dict[str, int]) -> str:
    """How far each stream was read, as an opaque id."""
    return urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def parse_place(text: str) -> dict[str, int]:
    """How far each stream was read. Raises `bad_value`."""
    try:
        place = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return {str(name): int(seq) for name, seq in place.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise Problem("bad_value", "Last-Event-ID is not one of ours.", hint="Begin again without it.") from error


class Follower:
    """Reads on through one stream, or through all of a workspace, each in its own order."""

    def __init__(
        self, parts: Parts, workspace_id: str, name: str, place: dict[str, int], since: datetime | None = None
    ) -> None:
        self._parts = parts
        self._since = since
        self._workspace_id = workspace_id
        self._name = name
        self._place = place

    async def read(self) -> AsyncIterator[Message]:
        """What is new."""
        async with self._parts.store.reading() as session:
            names = [s.name for s in await rows.streams(session, self._workspace_id)]
        for name in names:
            if self._name in {"", name}:
                async for message in self._read_one(name):
                    yield message

    async def _read_one(self, name: str) -> AsyncIterator[Message]:
        while True:
            after = self._place.get(name, 0)
            async with self._parts.store.reading() as session:
                chunks = await rows.read(session, self._workspace_id, name, after, BATCH, self._since)
            for chunk in chunks:
                self._place[name] = chunk.seq
                document = LogChunkDocument(stream=name, seq=chunk.seq, at=chunk.at, text=chunk.text)
                yield Message(format_place(self._place), document.model_dump(mode="json"))
            if len(chunks) < BATCH:
                return
