"""Terminals of a running workspace: which there are, making and ending one. Attaching is in sockets.py."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from starlette.status import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT

from carrel.core.access import Action, Resource, allows, demand
from carrel.core.problems import Problem
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import ANSWER, REQUEST
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
    running: str
    """The program in the foreground, unless it is the terminal's own command."""


class NewTerminal(BaseModel):
    """A terminal to be made."""

    model_config = REQUEST

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    command: Annotated[str, Field(max_length=32768)] = ""
    """A line for the user's shell; empty: the shell itself."""


class TerminalList(BaseModel):
    """The terminals of a workspace."""

    model_config = ANSWER

    items: list[TerminalDocument]
    may_type: bool
    """You may type into them, make new ones and end them; otherwise only look on."""


@router.get("/workspaces/{workspace}/terminals")
async def list_terminals(parts: WithParts, actor: Asking, workspace: str) -> TerminalList:
    """Terminals that live; none where it does not run."""
    found = await know(parts, actor, workspace)
    demand(actor, Action.WORKSPACE_WATCH, Resource.of(found))
    status = await parts.live.status(found)
    terminals = status.terminals if status is not None else ()
    items = [TerminalDocument.model_validate(item, from_attributes=True) for item in terminals]
    return TerminalList(items=items, may_type=allows(actor, Action.WORKSPACE_USE, Resource.of(found)))


@router.post("/workspaces/{workspace}/terminals", status_code=HTTP_201_CREATED)
async def create_terminal(
    parts: WithParts, actor: Asking, workspace: str, wanted: NewTerminal, response: Response
) -> TerminalDocument:
    """Make a terminal; one of this name that lives is answered with 200, and left as it is."""
    found = await know(parts, actor, workspace)
    demand(actor, Action.WORKSPACE_USE, Resource.of(found))
    terminal, made = await parts.live.create_terminal(found, wanted.name, wanted.command)
    if not made:
        response.status_code = HTTP_200_OK
    return TerminalDocument.model_validate(terminal, from_attributes=True)


@router.delete("/workspaces/{workspace}/terminals/{name}", status_code=HTTP_204_NO_CONTENT)
async def close_terminal(parts: WithParts, actor: Asking, workspace: str, name: str) -> None:
    """End a terminal and what runs in it."""
    found = await know(parts, actor, workspace)
    demand(actor, Action.WORKSPACE_USE, Resource.of(found))
    if not await parts.live.close_terminal(found, name):
        raise Problem("not_found", f"There is no terminal {name[:64]!r}.", hint="")
