"""Images before there is a workspace of them: built or pulled, with the log as it comes."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from carrel.core.access import Actor
from carrel.core.definition import Definition
from carrel.core.problems import Problem
from carrel.definition.image import read_image_spec, read_reference
from carrel.server.actions import login
from carrel.server.actions.images import ask_for_image
from carrel.server.actions.workspaces import NewWorkspace
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.image_building import ImageBuild
from carrel.server.api.parts import Parts
from carrel.server.api.problems import ProblemDocument
from carrel.server.api.streams import CHECK_SECONDS
from carrel.server.api.workspace_documents import ANSWER, REQUEST

router = APIRouter(tags=["images"])
MEDIA_TYPE = "application/x-ndjson"


class ImageBuildRequest(BaseModel):
    """Which image: a specification, or a name."""

    model_config = ConfigDict(**REQUEST, title="ImageBuildInput")

    specification: dict[str, Any] | None = None
    """As `container_image` of a workspace.yaml has it."""
    image: str = Field("", max_length=500)
    """A name in the place of a specification: the image is pulled, or built where it is one of Carrel's own."""
    project: str = ""
    """For whose workspaces; empty: as your preferences or the settings say."""
    domain: str = ""


class ImageBuildLine(BaseModel):
    """A line of the answer: some of the log; or, as the last one, what it came to."""

    model_config = ANSWER

    line: str | None = None
    """A line of the log."""
    image: str | None = None
    """Last: the image's name."""
    built: bool | None = None
    """Last: it was built just now."""
    pushed: str | None = None
    """Last: its name in the registry of the specification; empty: it was not pushed."""
    problem: ProblemDocument | None = None
    """Last, in the place of the others: why there is no image."""


STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "model": ImageBuildLine,
        "content": {MEDIA_TYPE: {}},
        "description": "Lines of JSON, as they come; empty ones keep the connection alive.",
    }
}


@router.post("/image-builds", response_class=StreamingResponse, response_model=None, responses=STREAMED)
async def build_image(parts: WithParts, actor: Asking, body: ImageBuildRequest) -> StreamingResponse:
    """Make an image for workspaces of this project, and stream the log; one that is being made is joined.

    Whoever goes away ends the stream and not the build; asking again finds it.
    """
    asked = NewWorkspace(project=body.project, domain=body.domain, definition=_definition(body))
    async with parts.store.writing() as session:
        wanted = await ask_for_image(actor, session, parts.settings, asked)
    if parts.image_building is None:
        raise Problem("unavailable", "This server makes no images.")
    build = parts.image_building.begin(wanted)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_lines(parts, actor, build), media_type=MEDIA_TYPE, headers=headers)


def _definition(body: ImageBuildRequest) -> Definition:
    """What is wanted, if one thing is. Raises `bad_value`."""
    if (body.specification is None) == (not body.image):
        raise Problem("bad_value", "Give either `specification` or `image`.")
    try:
        if body.specification is None:
            return Definition(image=read_reference(body.image))
        return Definition(image_spec=read_image_spec(body.specification))
    except ValueError as error:
        raise Problem("bad_value", f"{error}.") from error


async def _lines(parts: Parts, actor: Actor, build: ImageBuild) -> AsyncIterator[str]:
    check_at = time.monotonic() + CHECK_SECONDS
    async for line in build.follow(CHECK_SECONDS):
        yield _line(line=line) if line else "\n"
        if parts.stopping.is_set():
            return
        if time.monotonic() >= check_at:
            async with parts.store.reading() as session:
                if not await login.still_valid(session, actor):
                    return
            check_at = time.monotonic() + CHECK_SECONDS
    try:
        made = build.result()
    except Problem as problem:
        yield _line(problem=problem.document())
    else:
        yield _line(image=made.image, built=made.built, pushed=made.pushed)


def _line(**members: Any) -> str:
    return json.dumps(members, separators=(",", ":")) + "\n"
