"""Projects, and who is a member of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from carrel.core.access import Actor, Role
from carrel.core.project import Project
from carrel.server.actions import projects as actions
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import ANSWER, REQUEST
from carrel.server.store.projects import Member

router = APIRouter(tags=["projects"])


class ProjectDocument(BaseModel):
    """A project."""

    model_config = {**ANSWER, "title": "Project"}

    name: str
    description: str
    created_at: datetime | None
    """Null: it is the default project, and nobody has used it."""
    you: dict[str, Role]
    """What you are in it, by domain; the empty one is all of them. Your role in the installation comes on top."""


class ProjectList(BaseModel):
    """Projects, by name."""

    model_config = ANSWER

    items: list[ProjectDocument]


class ProjectCreate(BaseModel):
    """A project to make."""

    model_config = REQUEST

    name: str
    description: str = ""


class ProjectPatch(BaseModel):
    """What is to be changed; null or absent: this is not."""

    model_config = {**REQUEST, "title": "ProjectUpdate"}

    description: str | None = None


class MemberDocument(BaseModel):
    """Who is what in a project."""

    model_config = {**ANSWER, "title": "Member"}

    user: str
    user_id: str
    domain: str
    """Empty: in all of them."""
    role: Role
    created_at: datetime


class MemberList(BaseModel):
    """Members, by name and domain."""

    model_config = ANSWER

    items: list[MemberDocument]


class MemberPut(BaseModel):
    """What somebody is to be."""

    model_config = {**REQUEST, "title": "MemberInput"}

    role: Role
    domain: str = ""
    """Empty: in all of them."""


def _document(project: Project, actor: Actor) -> ProjectDocument:
    you = {domain: role for (name, domain), role in sorted(actor.projects.items()) if name == project.name}
    return ProjectDocument(name=project.name, description=project.description, created_at=project.created_at, you=you)


def _member(member: Member) -> MemberDocument:
    return MemberDocument.model_validate(member, from_attributes=True)


@router.get("/projects")
async def list_projects(parts: WithParts, actor: Asking) -> ProjectList:
    """The projects that you know of."""
    async with parts.store.reading() as session:
        found = await actions.list_projects(actor, session)
    return ProjectList(items=[_document(one, actor) for one in found])


@router.post("/projects", status_code=HTTP_201_CREATED)
async def create_project(parts: WithParts, actor: Asking, response: Response, body: ProjectCreate) -> ProjectDocument:
    """Make a project: for administrators."""
    async with parts.store.writing() as session:
        made = await actions.create_project(actor, session, body.name, body.description)
    response.headers["Location"] = f"/api/v1/projects/{made.name}"
    return _document(made, actor)


@router.get("/projects/{project}")
async def get_project(parts: WithParts, actor: Asking, project: str) -> ProjectDocument:
    """A project."""
    async with parts.store.reading() as session:
        return _document(await actions.get_project(actor, session, project), actor)


@router.patch("/projects/{project}")
async def change_project(parts: WithParts, actor: Asking, project: str, body: ProjectPatch) -> ProjectDocument:
    """Change a project: for administrators."""
    async with parts.store.writing() as session:
        return _document(await actions.change_project(actor, session, project, body.description), actor)


@router.delete("/projects/{project}", status_code=HTTP_204_NO_CONTENT)
async def delete_project(parts: WithParts, actor: Asking, project: str) -> None:
    """Remove a project in which there are no workspaces, not in the trash either, and no secrets."""
    async with parts.store.writing() as session:
        await actions.delete_project(actor, session, project)


@router.get("/projects/{project}/members")
async def list_members(parts: WithParts, actor: Asking, project: str) -> MemberList:
    """Who is what in a project, for its members."""
    async with parts.store.reading() as session:
        return MemberList(items=[_member(one) for one in await actions.list_members(actor, session, project)])


@router.put("/projects/{project}/members/{user}")
async def put_member(parts: WithParts, actor: Asking, project: str, user: str, body: MemberPut) -> MemberDocument:
    """Make somebody a member, or something else than he was: for maintainers. A lower role takes effect at once."""
    async with parts.store.writing() as session:
        return _member(await actions.put_member(actor, session, project, user, body.role, body.domain))


@router.delete("/projects/{project}/members/{user}", status_code=HTTP_204_NO_CONTENT)
async def remove_member(
    parts: WithParts, actor: Asking, project: str, user: str, domain: Annotated[str, Query(max_length=40)] = ""
) -> None:
    """End a membership, or your own; what is open by it ends within 5 seconds, and his workspaces stay, closed to him."""
    async with parts.store.writing() as session:
        await actions.remove_member(actor, session, project, user, domain)
