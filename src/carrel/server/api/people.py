"""Who is in a workspace now."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from carrel.core.access import Action, Resource, demand
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import ANSWER
from carrel.server.api.workspaces import know

router = APIRouter(tags=["shares"])


class PersonDocument(BaseModel):
    """Somebody who is in the workspace now."""

    model_config = {**ANSWER, "title": "Person"}

    name: str
    """User name; that of a guest begins with `guest`."""
    ways: tuple[str, ...]
    """How: `terminal main`, `app code`, `port 8080`, `ssh` ..."""
    since: datetime
    seen: datetime


class PersonList(BaseModel):
    """Who is here."""

    model_config = ANSWER

    items: list[PersonDocument]


@router.get("/workspaces/{workspace}/people")
async def list_people(parts: WithParts, actor: Asking, workspace: str) -> PersonList:
    """Who is in a workspace now; nobody where it does not run."""
    found = await know(parts, actor, workspace)
    demand(actor, Action.WORKSPACE_WATCH, Resource.of(found))
    status = await parts.live.status(found)
    people = status.people if status is not None else ()
    return PersonList(items=[PersonDocument.model_validate(person, from_attributes=True) for person in people])
