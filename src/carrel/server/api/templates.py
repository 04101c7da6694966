"""The catalog of templates: look, put in, take out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from starlette.status import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT

from carrel.core.access import Action, Actor, Resource, demand
from carrel.server.actions import templates as actions
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.template_documents import (
    TemplateDocument,
    TemplateItem,
    TemplateList,
    TemplatePut,
    item_members,
    template_document,
)
from carrel.server.store import templates as rows
from carrel.server.store.sessions import ReadSession

router = APIRouter(tags=["templates"])
OF_PROJECT = Query(
    description="The project that it is for: its own templates come before everybody's. Empty: everybody's."
)


@router.get("/templates")
async def list_templates(
    parts: WithParts,
    actor: Asking,
    project: Annotated[
        str | None, Query(description="Those for a project, everybody's included; empty: everybody's. Without it: all.")
    ] = None,
) -> TemplateList:
    """The templates that you may see, withdrawn ones among them."""
    demand(actor, Action.TEMPLATE_READ, Resource(actor.user_id))
    async with parts.store.reading() as session:
        found = await actions.list_templates(actor, session, project)
    return TemplateList(items=[TemplateItem.model_validate(item_members(one)) for one in found])


@router.get("/templates/{name}")
async def get_template(
    parts: WithParts,
    actor: Asking,
    name: str,
    project: Annotated[str, OF_PROJECT] = "",
    version: Annotated[str, Query(description="A number; empty: the newest.", max_length=20)] = "",
) -> TemplateDocument:
    """A template with its parameters, sizes and files."""
    demand(actor, Action.TEMPLATE_READ, Resource(actor.user_id))
    async with parts.store.reading() as session:
        return await _document(actor, session, project, name, version)


async def _document(actor: Actor, session: ReadSession, project: str, name: str, version: str = "") -> TemplateDocument:
    listed, folder = await actions.get_template(actor, session, project, name, version)
    files = await rows.files(session, listed.template.id, listed.version.number) or {}
    versions = await rows.versions(session, listed.template.id)
    return template_document(listed, folder, {path: len(content) for path, content in files.items()}, versions)


@router.put(
    "/templates/{name}",
    response_model=TemplateDocument,
    responses={HTTP_201_CREATED: {"model": TemplateDocument, "description": "A new version."}},
)
async def put_template(
    parts: WithParts,
    actor: Asking,
    response: Response,
    name: str,
    body: TemplatePut,
    project: Annotated[str, Query(description="Whose it is to be; empty: everybody's, for administrators.")] = "",
) -> TemplateDocument:
    """Put a template into the catalog. 201: it is new, or a new version; 200: its newest version is the same."""
    async with parts.store.writing() as session:
        published = await actions.push(actor, session, parts.settings, project, name, body.contents())
        answer = await _document(actor, session, published.template.project, published.template.name)
    response.status_code = HTTP_201_CREATED if published.is_new else HTTP_200_OK
    return answer


@router.delete("/templates/{name}", status_code=HTTP_204_NO_CONTENT)
async def delete_template(
    parts: WithParts, actor: Asking, name: str, project: Annotated[str, OF_PROJECT] = ""
) -> Response:
    """Take a template out of the catalog, with all versions. Workspaces of it go on."""
    async with parts.store.writing() as session:
        await actions.delete(actor, session, project, name)
    return Response(status_code=HTTP_204_NO_CONTENT)
