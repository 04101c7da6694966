"""Git repositories that the catalog of templates is synchronised with."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from carrel.core.access import Action, Actor, Resource, demand
from carrel.server.actions import template_repositories as actions
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import ANSWER, REQUEST
from carrel.server.store.template_repositories import Place
from carrel.server.store.template_repositories import TemplateRepository as Row

router = APIRouter(tags=["templates"])


class SyncedTemplate(BaseModel):
    """What became of one folder of a repository when it was last read."""

    model_config = ANSWER

    folder: str
    """Empty: the repository itself."""
    name: str
    """Empty: its template.yaml does not say."""
    version: int | None
    state: Literal["new", "updated", "same", "withdrawn", "refused"]
    problem: str
    """Why it was refused, with line and column where it is about a file."""


class TemplateRepository(BaseModel):
    """A repository with templates, and how its last reading ended."""

    model_config = ANSWER

    id: str
    project: str
    """Whose its templates are; empty: everybody's."""
    url: str
    ref: str
    folder: str
    """Where templates are looked for, there and three levels below; empty: in all of it."""
    created_by: str
    """With whose git credentials it is read."""
    created_at: datetime
    synced_at: datetime | None
    """When the last reading that has ended began."""
    commit: str
    problem: str
    """Why it could not be read; empty: it could. Its templates stay as they were."""
    templates: list[SyncedTemplate]


class TemplateRepositoryList(BaseModel):
    """Repositories whose templates you see."""

    model_config = ANSWER

    items: list[TemplateRepository]


class TemplateRepositoryCreate(BaseModel):
    """A repository to synchronise with."""

    model_config = {**REQUEST, "title": "TemplateRepositoryInput"}

    project: str = ""
    """Empty: its templates are everybody's."""
    url: str
    ref: str = ""
    folder: str = ""


def _document(row: Row) -> TemplateRepository:
    return TemplateRepository(
        id=row.id,
        project=row.project,
        url=row.url,
        ref=row.ref,
        folder=row.folder,
        created_by=row.created_by,
        created_at=row.created_at,
        synced_at=row.synced_at,
        commit=row.commit,
        problem=row.problem,
        templates=[SyncedTemplate.model_validate(one.__dict__) for one in row.report],
    )


def _demand_account(actor: Actor) -> None:
    """Raise `not_allowed` for guests, who see no catalog."""
    demand(actor, Action.TEMPLATE_READ, Resource(actor.user_id))


@router.get("/template-repositories")
async def list_template_repositories(parts: WithParts, actor: Asking) -> TemplateRepositoryList:
    """Repositories whose templates you see."""
    _demand_account(actor)
    async with parts.store.reading() as session:
        found = await actions.list_repositories(actor, session)
    return TemplateRepositoryList(items=[_document(one) for one in found])


@router.post("/template-repositories", status_code=HTTP_201_CREATED)
async def add_template_repository(
    parts: WithParts, actor: Asking, body: TemplateRepositoryCreate
) -> TemplateRepository:
    """Have the templates of a repository in the catalog. It is read at once, and again as the server is set."""
    _demand_account(actor)
    async with parts.store.writing() as session:
        wanted = Place(body.project, body.url, body.ref, body.folder)
        made = await actions.add_repository(actor, session, parts.settings, wanted)
    return _document(made)


@router.delete("/template-repositories/{repository}", status_code=HTTP_204_NO_CONTENT)
async def remove_template_repository(parts: WithParts, actor: Asking, repository: str) -> None:
    """Synchronise with it no longer: its templates are withdrawn, and workspaces made from them go on."""
    _demand_account(actor)
    async with parts.store.writing() as session:
        await actions.remove_repository(actor, session, repository)


@router.post("/template-repositories/{repository}/sync")
async def sync_template_repository(parts: WithParts, actor: Asking, repository: str) -> TemplateRepository:
    """Read it now; answered when it was read."""
    _demand_account(actor)
    return _document(await actions.ask_sync(actor, parts.store, parts.stopping, repository))
