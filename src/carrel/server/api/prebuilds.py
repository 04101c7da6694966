"""Prebuilds: make one, list them. They are deleted like every workspace."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict
from starlette.status import HTTP_201_CREATED

from carrel.core.spec import GitSource
from carrel.core.workspace import Phase, Workspace
from carrel.server.actions import workspaces as actions
from carrel.server.actions.prebuilds import check_source, prebuild_label
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.rights import Rights
from carrel.server.api.workspace_documents import (
    ANSWER,
    REQUEST,
    AppUrls,
    WorkspaceDocument,
    workspace_document,
)
from carrel.server.api.workspace_requests import GitSourceInput, LimitsInput, source_of
from carrel.server.api.workspaces import standing_of
from carrel.server.store import workspaces as rows

router = APIRouter(tags=["prebuilds"])


class PrebuildCreate(BaseModel):
    """What to prebuild: what a workspace of it would be asked for with."""

    model_config = REQUEST

    source: GitSourceInput
    devcontainer: str = ""
    """Path of the devcontainer.json to use, where there are several."""
    project: str = "default"
    domain: str = "development"
    limits: LimitsInput = LimitsInput()
    allow: tuple[str, ...] = ()
    name: str = ""
    """Empty: made from the source's name."""


class PrebuildDocument(BaseModel):
    """A prebuild."""

    model_config = ConfigDict(**ANSWER, title="Prebuild")

    workspace: str
    """Id of the workspace that it is until somebody takes it."""
    name: str
    owner: str
    project: str
    source: GitSource
    devcontainer: str
    phase: Phase
    ready: bool
    """The next workspace of this source takes it."""
    image: str
    """What its containers run; empty until it is ready."""
    commit: str
    stop_reason: str
    """Why it is not ready, where it has ended without being so."""
    created_at: datetime | None


class PrebuildList(BaseModel):
    """Prebuilds."""

    model_config = ANSWER

    items: list[PrebuildDocument]


@router.post("/prebuilds", status_code=HTTP_201_CREATED, response_model=WorkspaceDocument)
async def create_prebuild(
    parts: WithParts, actor: Asking, response: Response, body: PrebuildCreate
) -> WorkspaceDocument:
    """Make a workspace that runs everything up to and including updateContentCommand, and then waits for its user."""
    source = check_source(source_of(body.source))
    new = actions.NewWorkspace(
        source=source,
        name=body.name,
        devcontainer=body.devcontainer,
        project=body.project,
        domain=body.domain,
        limits=body.limits.limits(),
        allow=body.allow,
        labels=prebuild_label(),
    )
    async with parts.store.writing() as session:
        made, _ = await actions.create_workspace(actor, session, parts.settings, new)
    response.headers["Location"] = f"/api/v1/workspaces/{made.id}"
    return workspace_document(made, AppUrls(parts.settings), Rights(actor), standing_of(parts))


@router.get("/prebuilds")
async def list_prebuilds(parts: WithParts, actor: Asking) -> PrebuildList:
    """Your prebuilds, newest first."""
    async with parts.store.reading() as session:
        found = await rows.prebuilds(session, actor.user_id)
    return PrebuildList(items=[prebuild_document(one) for one in found])


def prebuild_document(workspace: Workspace) -> PrebuildDocument:
    """A prebuild as it is answered."""
    names = ("name", "owner", "project", "source", "devcontainer", "phase", "stop_reason", "created_at")
    return PrebuildDocument(
        workspace=workspace.id,
        ready=bool(workspace.remembered.prebuilt),
        image=workspace.remembered.prebuilt,
        commit=workspace.remembered.commit,
        **{name: getattr(workspace, name) for name in names},
    )
