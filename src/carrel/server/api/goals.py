"""What a workspace is asked to be: each answers 202, the loop brings it about."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.status import HTTP_202_ACCEPTED

from carrel.server.actions import goals
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import REQUEST, WorkspaceDocument
from carrel.server.api.workspaces import answer

router = APIRouter(tags=["workspaces"])


class Rebuild(BaseModel):
    """How to rebuild."""

    model_config = REQUEST

    no_cache: bool = False
    """Build every layer anew."""


class Undelete(BaseModel):
    """How to take it out of the trash."""

    model_config = REQUEST

    name: str = ""
    """Another name, where the old one is in use."""


class Extend(BaseModel):
    """By how much."""

    model_config = REQUEST

    seconds: int = 3600


@router.post("/workspaces/{workspace}/start", status_code=HTTP_202_ACCEPTED)
async def start_workspace(parts: WithParts, actor: Asking, workspace: str) -> WorkspaceDocument:
    """Start it; a running one is left alone, a failed one is tried again."""
    async with parts.store.writing() as session:
        accepted = await goals.start(actor, session, parts.settings, workspace)
    return answer(parts, actor, accepted)


@router.post("/workspaces/{workspace}/stop", status_code=HTTP_202_ACCEPTED)
async def stop_workspace(parts: WithParts, actor: Asking, workspace: str) -> WorkspaceDocument:
    """Stop it; its files are kept. Legal in every phase."""
    async with parts.store.writing() as session:
        accepted = await goals.stop(actor, session, workspace)
    return answer(parts, actor, accepted)


@router.post("/workspaces/{workspace}/restart", status_code=HTTP_202_ACCEPTED)
async def restart_workspace(parts: WithParts, actor: Asking, workspace: str) -> WorkspaceDocument:
    """Stop it where it runs, and start it."""
    async with parts.store.writing() as session:
        accepted = await goals.restart(actor, session, parts.settings, workspace)
    return answer(parts, actor, accepted)


@router.post("/workspaces/{workspace}/rebuild", status_code=HTTP_202_ACCEPTED)
async def rebuild_workspace(
    parts: WithParts, actor: Asking, workspace: str, body: Rebuild | None = None
) -> WorkspaceDocument:
    """Read its configuration again, build what that asks for, and start it so."""
    no_cache = body is not None and body.no_cache
    async with parts.store.writing() as session:
        accepted = await goals.rebuild(actor, session, parts.settings, workspace, no_cache=no_cache)
    return answer(parts, actor, accepted)


@router.post("/workspaces/{workspace}/undelete", status_code=HTTP_202_ACCEPTED)
async def undelete_workspace(
    parts: WithParts, actor: Asking, workspace: str, body: Undelete | None = None
) -> WorkspaceDocument:
    """Take it out of the trash; it is then stopped."""
    async with parts.store.writing() as session:
        accepted = await goals.undelete(actor, session, parts.settings, workspace, name=body.name if body else "")
    return answer(parts, actor, accepted)


@router.post("/workspaces/{workspace}/extend", status_code=HTTP_202_ACCEPTED)
async def extend_workspace(
    parts: WithParts, actor: Asking, workspace: str, body: Extend | None = None
) -> WorkspaceDocument:
    """Move the end of this start's life."""
    by = timedelta(seconds=(body or Extend()).seconds)
    async with parts.store.writing() as session:
        accepted = await goals.extend(actor, session, parts.settings, workspace, by)
    return answer(parts, actor, accepted)


@router.post("/workspaces/{workspace}/archive", status_code=HTTP_202_ACCEPTED)
async def archive_workspace(parts: WithParts, actor: Asking, workspace: str) -> WorkspaceDocument:
    """Put it aside: it stops, and is marked."""
    async with parts.store.writing() as session:
        accepted = await goals.archive(actor, session, workspace)
    return answer(parts, actor, accepted)


@router.post("/workspaces/{workspace}/unarchive", status_code=HTTP_202_ACCEPTED)
async def unarchive_workspace(parts: WithParts, actor: Asking, workspace: str) -> WorkspaceDocument:
    """Take the mark away."""
    async with parts.store.writing() as session:
        accepted = await goals.unarchive(actor, session, workspace)
    return answer(parts, actor, accepted)
