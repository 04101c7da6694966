"""Workspaces: make, find, list, change, delete."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from pydantic_core import to_json
from starlette.status import HTTP_200_OK, HTTP_201_CREATED, HTTP_202_ACCEPTED, HTTP_204_NO_CONTENT

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.workspace import Phase, Workspace
from carrel.server.actions import goals
from carrel.server.actions import workspaces as actions
from carrel.server.actions.secrets import put_first_secrets
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.cursor import format_cursor, parse_cursor
from carrel.server.api.parts import Parts
from carrel.server.api.rights import Rights
from carrel.server.api.standing import Standing
from carrel.server.api.workspace_documents import (
    AppUrls,
    WorkspaceDocument,
    WorkspacePage,
    workspace_document,
    workspace_members,
)
from carrel.server.api.workspace_requests import WorkspaceCreate, WorkspacePatch
from carrel.server.store import workspaces as rows

router = APIRouter(tags=["workspaces"])
IDEMPOTENCY_KEY = Header(alias="Idempotency-Key", max_length=200, pattern=r"^[\x21-\x7e]+$")


def answer(parts: Parts, actor: Actor, workspace: Workspace) -> WorkspaceDocument:
    """A workspace as it is answered to the actor."""
    return workspace_document(workspace, AppUrls(parts.settings), Rights(actor), standing_of(parts))


def standing_of(parts: Parts) -> Standing:
    """What policy says of workspaces now."""
    return Standing(parts.settings, parts.store.clock())


async def find(
    parts: Parts, actor: Actor, id_or_name: str, owner: str = "", *, action: Action = Action.WORKSPACE_READ
) -> Workspace:
    """The workspace that a path names, if the actor may do this with it. Raises `not_found`, `not_allowed`."""
    found = await know(parts, actor, id_or_name, owner)
    demand(actor, action, Resource.of(found))
    return found


async def know(parts: Parts, actor: Actor, id_or_name: str, owner: str = "") -> Workspace:
    """The workspace that a path names, if the actor may know of it, as a guest does who reads none of its records."""
    async with parts.store.reading() as session:
        return await rows.get(session, actor, id_or_name, owner)


class _OnlyCheckedError(Exception):
    """Rolls back what was made only to see whether it could be."""


@router.post(
    "/workspaces",
    status_code=HTTP_201_CREATED,
    response_model=WorkspaceDocument,
    responses={HTTP_204_NO_CONTENT: {"description": "With `dry_run`: it could be made."}},
)
async def create_workspace(
    parts: WithParts,
    actor: Asking,
    response: Response,
    body: WorkspaceCreate,
    idempotency_key: Annotated[str | None, IDEMPOTENCY_KEY] = None,
    *,
    dry_run: Annotated[bool, Query(description="Check all of it and make nothing: 204, or the problem.")] = False,
) -> WorkspaceDocument | Response:
    """Make a workspace, and start it unless `start` is false. The same key and request again: 200 and the same one."""
    new = body.new()
    if dry_run:
        with suppress(_OnlyCheckedError):
            async with parts.store.writing() as session:
                await actions.create_workspace(actor, session, parts.settings, new)
                raise _OnlyCheckedError
        return Response(status_code=HTTP_204_NO_CONTENT)
    async with parts.store.writing() as session:
        made, is_new = await actions.create_workspace(actor, session, parts.settings, new, idempotency_key or "")
        if is_new:
            await put_first_secrets(actor, session, parts.store.keys, made, new.secrets)
    response.status_code = HTTP_201_CREATED if is_new else HTTP_200_OK
    response.headers["Location"] = f"/api/v1/workspaces/{made.id}"
    return answer(parts, actor, made)


@router.get("/workspaces", response_model=WorkspacePage)
async def list_workspaces(  # noqa: PLR0913  each is a filter of the query string
    parts: WithParts,
    actor: Asking,
    *,
    phase: Annotated[list[Phase], Query()] = [],  # noqa: B006  FastAPI copies it
    project: str = "",
    domain: str = "",
    owner: str = "",
    q: Annotated[str, Query(max_length=200, description="Part of the name or of the source's address.")] = "",
    deleted: Annotated[bool, Query(description="Those in the trash instead of the others.")] = False,
    shared: Annotated[bool, Query(description="Only those that others share with you.")] = False,
    archived: Annotated[bool | None, Query(description="Only those that are archived; false: only the others.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: str = "",
) -> Response:
    """The workspaces that you may see, newest first."""
    chosen = rows.Filter(tuple(phase), project, owner, q, deleted, shared, archived, domain)
    after = parse_cursor(cursor) if cursor else None
    async with parts.store.reading() as session:
        found = await rows.list_page(session, actor, chosen, limit + 1, after)
    urls, rights, standing = AppUrls(parts.settings), Rights(actor), standing_of(parts)
    items = [workspace_members(workspace, urls, rights, standing) for workspace in found[:limit]]
    last = found[limit - 1] if len(found) > limit else None
    next_cursor = format_cursor(last.created_at, last.id) if last is not None and last.created_at else None
    return Response(to_json({"items": items, "next_cursor": next_cursor}), media_type="application/json")


@router.get("/workspaces/{workspace}", response_model=WorkspaceDocument)
async def get_workspace(parts: WithParts, actor: Asking, workspace: str, owner: str = "") -> WorkspaceDocument:
    """One workspace, by id or by name (of `owner`; without it your own)."""
    return answer(parts, actor, await know(parts, actor, workspace, owner))


@router.patch("/workspaces/{workspace}", response_model=WorkspaceDocument)
async def update_workspace(parts: WithParts, actor: Asking, workspace: str, body: WorkspacePatch) -> WorkspaceDocument:
    """Change settings of a workspace."""
    async with parts.store.writing() as session:
        changed = await actions.update_workspace(actor, session, parts.settings, workspace, body.update())
    return answer(parts, actor, changed)


@router.delete("/workspaces/{workspace}", status_code=HTTP_202_ACCEPTED, response_model=WorkspaceDocument)
async def delete_workspace(
    parts: WithParts,
    actor: Asking,
    workspace: str,
    purge: Annotated[bool, Query(description="Leave nothing; without it the files stay in the trash.")] = False,  # noqa: FBT002
) -> WorkspaceDocument:
    """Delete a workspace: its files stay in the trash until `purge_after`."""
    async with parts.store.writing() as session:
        accepted = await goals.delete(actor, session, parts.settings, workspace, purge=purge)
    return answer(parts, actor, accepted)
