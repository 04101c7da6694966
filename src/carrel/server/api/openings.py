"""Opening a port or an app of a workspace to more people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from carrel.core.access import Actor, Visibility, port_of
from carrel.core.problems import Problem
from carrel.server.actions import openings as actions
from carrel.server.actions.openings import Wish
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.parts import Parts
from carrel.server.api.workspace_documents import ANSWER, REQUEST, AppUrls
from carrel.server.api.workspaces import know

router = APIRouter(tags=["apps"])


class OpeningUpdate(BaseModel):
    """How far a port or an app is to be opened."""

    model_config = REQUEST

    visibility: Visibility
    expires_in_seconds: Annotated[int, Field(ge=60, le=31536000)] | None = None
    """Null: public for 8 hours, to the project until it is closed."""


class OpeningDocument(BaseModel):
    """How far a port or an app is open now."""

    model_config = {**ANSWER, "title": "Opening"}

    name: str
    """A port's number, or an app's name."""
    visibility: Visibility
    expires_at: datetime | None
    url: str


@router.put("/workspaces/{workspace}/ports/{port}")
async def open_port(parts: WithParts, actor: Asking, workspace: str, port: str, body: OpeningUpdate) -> OpeningDocument:
    """Open a port to the project or to everybody, or make it private again: then what is open by it ends within 5 seconds."""
    return await _open(parts, actor, workspace, port, body)


@router.put("/workspaces/{workspace}/apps/{app}")
async def open_app(parts: WithParts, actor: Asking, workspace: str, app: str, body: OpeningUpdate) -> OpeningDocument:
    """Open an app as far as its configuration allows (`share`), or make it private again."""
    return await _open(parts, actor, workspace, app, body)


async def _open(parts: Parts, actor: Actor, workspace: str, name: str, body: OpeningUpdate) -> OpeningDocument:
    if body.visibility is not Visibility.PRIVATE:
        await _check_not_of_an_app(parts, actor, workspace, name)
    life = timedelta(seconds=body.expires_in_seconds) if body.expires_in_seconds else None
    wish = Wish(name, body.visibility, life)
    async with parts.store.writing() as session:
        found, opening = await actions.open_to(actor, session, parts.settings, workspace, wish)
    return OpeningDocument(
        name=name,
        visibility=opening.visibility if opening else Visibility.PRIVATE,
        expires_at=opening.expires_at if opening else None,
        url=AppUrls(parts.settings).url(found, name),
    )


async def _check_not_of_an_app(parts: Parts, actor: Actor, workspace: str, name: str) -> None:
    """An app has a limit of its own, which its port's number is no way around."""
    port = port_of(name)
    if port is None:
        return
    status = await parts.live.status(await know(parts, actor, workspace))
    app = next((app for app in status.apps if app.port == port), None) if status is not None else None
    if app is not None:
        hint = f"Open the app: `carrel port share NAME {app.name}`; its `share` in the configuration is the limit."
        raise Problem("not_allowed", f"Port {port} is that of the app {app.name}.", hint)
