"""Terminals of a running workspace: which there are, and ending one. Attaching is in sockets.py."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.status import HTTP_204_NO_CONTENT

from carrel.core.access import Action, Resource, demand
from carrel.core.problems import Problem
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import ANSWER
from carrel.server.api.workspaces import know

router = APIRouter(tags=["apps"])


class TerminalDocument(BaseModel):
    """A terminal; it lives on when nobody is attached."""

    model_config = {**ANSWER, "title": "Terminal"}

    name: str
    command: str
    title: str
    created: datetime
    attached: int
    """How many are attached now."""
    cols: int
    rows: int


class TerminalList(BaseModel):
    """The terminals of a workspace."""

    model_config = ANSWER

    items: list[TerminalDocument]


@router.get("/workspaces/{workspace}/terminals")
async def list_terminals(parts: WithParts, actor: Asking, workspace: str) -> TerminalList:
    """Terminals that live; none where it does not run."""
    found = await know(parts, actor, workspace)
    demand(actor, Action.WORKSPACE_WATCH, Resource.of(found))
    status = await parts.live.status(found)
    terminals = status.terminals if status is not None else ()
    return TerminalList(items=[TerminalDocument.model_validate(item, from_attributes=True) for item in terminals])


@router.delete("/workspaces/{workspace}/terminals/{name}", status_code=HTTP_204_NO_CONTENT)
async def close_terminal(parts: WithParts, actor: Asking, workspace: str, name: str) -> None:
    """End a terminal and what runs in it."""
    found = await know(parts, actor, workspace)
    demand(actor, Action.WORKSPACE_USE, Resource.of(found))
    if not await parts.live.close_terminal(found, name):
        raise Problem("not_found", f"There is no terminal {name[:64]!r}.", hint="")
