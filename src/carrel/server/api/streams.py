"""Server-sent events that resume: one loop for all streams."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from starlette.responses import StreamingResponse

from carrel.core.access import Actor
from carrel.core.problems import Problem
from carrel.server.actions import login
from carrel.server.api.parts import Parts

MEDIA_TYPE = "text/event-stream"
CHECK_SECONDS = 4.0
"""How often it is asked whether a stream's token is still valid; also the pace of keep-alive comments."""
RETRY_MILLISECONDS = 1000


@dataclass(frozen=True)
class Message:
    """One message; the client resumes after the id of the last one it saw."""

    id: str
    data: Any


Read = Callable[[], AsyncIterator[Message]]
"""What is new since the last call; keeps its place itself. Ends with `EndOfStream` where nothing more will come."""


class EndOfStream(Exception):  # noqa: N818  not an error: there is nothing more
    """Nothing more will ever come."""


def wants_stream(request: Request) -> bool:
    """Whether the client asks for a stream and not for a page."""
    return MEDIA_TYPE in request.headers.get("accept", "")


def last_event_id(request: Request, default: str) -> str:
    """Where the client wants to resume."""
    return request.headers.get("last-event-id", "") or default


def number(text: str) -> int:
    """The number in an id that we gave. Raises `bad_value`."""
    if not text.isdecimal() or len(text) > 18:
        raise Problem("bad_value", "Last-Event-ID is not one of ours.", hint="Begin again without it.")
    return int(text)


def stream(parts: Parts, actor: Actor, topics: Sequence[str], read: Read) -> StreamingResponse:
    """A response that sends what `read` finds, now and whenever one of the topics rings."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_messages(parts, actor, topics, read), media_type=MEDIA_TYPE, headers=headers)


async def _messages(parts: Parts, actor: Actor, topics: Sequence[str], read: Read) -> AsyncIterator[str]:
    yield f"retry: {RETRY_MILLISECONDS}\n\n"
    check_at = time.monotonic() + CHECK_SECONDS
    async with parts.store.wakeups.listen(*topics) as bell:
        with suppress(Problem):  # the store is out of reach: the client resumes when it is back
            while not parts.stopping.is_set():
                try:
                    async for message in read():
                        yield format_message(message)
                except EndOfStream:
                    yield "event: end\ndata:\n\n"
                    return
                await bell.wait(max(0.0, check_at - time.monotonic()))
                if time.monotonic() >= check_at:  # also on a stream that is never quiet
                    if not await _still_valid(parts, actor):
                        return
                    yield ": still here\n\n"
                    check_at = time.monotonic() + CHECK_SECONDS


async def _still_valid(parts: Parts, actor: Actor) -> bool:
    async with parts.store.reading() as session:
        return await login.still_valid(session, actor)


def format_message(message: Message) -> str:
    """A message on the wire. JSON has no line ends, so one data line is enough."""
    return f"id: {message.id}\ndata: {json.dumps(message.data, separators=(',', ':'))}\n\n"
