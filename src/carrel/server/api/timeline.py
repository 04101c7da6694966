"""The timeline of a start: its spans."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import ANSWER
from carrel.server.api.workspaces import find
from carrel.server.store import spans as rows

router = APIRouter(tags=["workspaces"])


class SpanDocument(BaseModel):
    """A timed piece of a start."""

    model_config = {**ANSWER, "title": "Span"}

    name: str
    began: datetime
    ended: datetime
    start: int
    detail: str


class Timeline(BaseModel):
    """The spans of one start, in the order of their begin."""

    model_config = ANSWER

    start: int
    spans: list[SpanDocument]


@router.get("/workspaces/{workspace}/timeline")
async def get_timeline(
    parts: WithParts,
    actor: Asking,
    workspace: str,
    start: Annotated[int | None, Query(ge=1, description="Which start; without it the newest.")] = None,
) -> Timeline:
    """Where the time of a start went."""
    found = await find(parts, actor, workspace)
    async with parts.store.reading() as session:
        spans = await rows.of_start(session, found.id, start)
    documents = [SpanDocument.model_validate(span, from_attributes=True) for span in spans]
    return Timeline(start=spans[0].start if spans else start or found.start, spans=documents)
