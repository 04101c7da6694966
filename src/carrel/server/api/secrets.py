"""Secrets of a person, a project, a domain, a workspace: stored, listed, removed; a value is never shown again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from starlette.status import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT

from carrel.core.access import Actor
from carrel.core.secret import Secret
from carrel.server.actions import secrets as actions
from carrel.server.actions.given_secrets import of_workspace
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.parts import Parts
from carrel.server.api.workspace_documents import ANSWER, REQUEST, SecretValue
from carrel.server.api.workspaces import find
from carrel.server.store import environments
from carrel.server.store.secrets import SecretScope, StoredSecret

router = APIRouter(tags=["secrets"])
REPLACED = "An earlier one was replaced."


class SecretDocument(BaseModel):
    """A stored secret, without its value."""

    model_config = {**ANSWER, "title": "StoredSecret"}

    name: str
    sources: list[str]
    """Your own only: patterns of the addresses whose workspaces get it; none: those whose definition wants it."""
    created_at: datetime
    updated_at: datetime


class SecretList(BaseModel):
    """Secrets by name."""

    model_config = ANSWER

    items: list[SecretDocument]


class WorkspaceSecret(BaseModel):
    """A secret that a workspace gets, or that its repository would like to have."""

    model_config = ANSWER

    name: str
    description: str
    documentation_url: str
    declared: bool
    """The repository's devcontainer.json names it."""
    given_by: str
    """`workspace`, `user`, `domain`, `project`; empty: it is not set."""
    wanted: bool = False
    """The workspace's definition wants it: it does not start without."""


class WorkspaceSecretList(BaseModel):
    """The secrets of a workspace."""

    model_config = ANSWER

    items: list[WorkspaceSecret]


class SecretPut(BaseModel):
    """A secret to store."""

    model_config = {**REQUEST, "title": "SecretInput", "str_max_length": 50_000}

    value: SecretValue
    sources: tuple[str, ...] = ()
    """Your own only: for which repositories, as patterns of their addresses (`https://github.com/me/*`); `*`: all."""
    wanted_only: bool = False
    """Your own only, in the place of patterns: it goes to those of your workspaces whose definition wants it."""


class ValuePut(BaseModel):
    """The value of a secret to store."""

    model_config = {**REQUEST, "title": "SecretValueInput", "str_max_length": 50_000}

    value: SecretValue


GIVEN_BY = {
    SecretScope.VARIABLE: "workspace",
    SecretScope.USER: "user",
    SecretScope.DOMAIN: "domain",
    SecretScope.PROJECT: "project",
}
OnlyQuery = Annotated[
    actions.Only, Query(description="`new`: nothing is replaced; `existing`: nothing is made; else either is done.")
]


def _document(stored: StoredSecret) -> SecretDocument:
    return SecretDocument(
        name=stored.name,
        sources=list(stored.shown.get("sources", ())),
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )


async def _list(parts: Parts, actor: Actor, place: actions.Place) -> SecretList:
    async with parts.store.reading() as session:
        found = await actions.list_secrets(actor, session, place)
    return SecretList(items=[_document(one) for one in found])


async def _put(
    parts: Parts, actor: Actor, place: actions.Place, new: actions.NewSecret, response: Response
) -> SecretDocument:
    async with parts.store.writing() as session:
        stored, is_new = await actions.put_secret(actor, session, parts.settings, parts.store.keys, place, new)
    response.status_code = HTTP_201_CREATED if is_new else HTTP_200_OK
    return _document(stored)


async def _delete(parts: Parts, actor: Actor, place: actions.Place, name: str) -> None:
    async with parts.store.writing() as session:
        await actions.delete_secret(actor, session, place, name)


@router.get("/secrets")
async def list_secrets(parts: WithParts, actor: Asking) -> SecretList:
    """Your own secrets."""
    return await _list(parts, actor, actions.own_place(actor))


@router.put(
    "/secrets/{name}",
    status_code=HTTP_201_CREATED,
    responses={HTTP_200_OK: {"model": SecretDocument, "description": REPLACED}},
)
async def put_secret(
    parts: WithParts,
    actor: Asking,
    response: Response,
    name: str,
    body: SecretPut,
    only: OnlyQuery = actions.Only.ANY,
) -> SecretDocument:
    """Store a secret of your own: a variable in those workspaces whose source it is meant for."""
    new = actions.NewSecret(name, Secret(body.value), body.sources, body.wanted_only, only)
    return await _put(parts, actor, actions.own_place(actor), new, response)


@router.delete("/secrets/{name}", status_code=HTTP_204_NO_CONTENT)
async def delete_secret(parts: WithParts, actor: Asking, name: str) -> None:
    """Remove a secret of your own."""
    await _delete(parts, actor, actions.own_place(actor), name)


@router.get("/projects/{project}/secrets")
async def list_project_secrets(parts: WithParts, actor: Asking, project: str) -> SecretList:
    """Secrets of a project."""
    return await _list(parts, actor, actions.project_place(project))


@router.put(
    "/projects/{project}/secrets/{name}",
    status_code=HTTP_201_CREATED,
    responses={HTTP_200_OK: {"model": SecretDocument, "description": REPLACED}},
)
async def put_project_secret(  # noqa: PLR0913  what a request has
    parts: WithParts,
    actor: Asking,
    response: Response,
    *,
    project: str,
    name: str,
    body: ValuePut,
    only: OnlyQuery = actions.Only.ANY,
) -> SecretDocument:
    """Store a secret of a project: a variable in all its workspaces."""
    new = actions.NewSecret(name, Secret(body.value), only=only)
    return await _put(parts, actor, actions.project_place(project), new, response)


@router.delete("/projects/{project}/secrets/{name}", status_code=HTTP_204_NO_CONTENT)
async def delete_project_secret(parts: WithParts, actor: Asking, project: str, name: str) -> None:
    """Remove a secret of a project."""
    await _delete(parts, actor, actions.project_place(project), name)


@router.get("/projects/{project}/domains/{domain}/secrets")
async def list_domain_secrets(parts: WithParts, actor: Asking, project: str, domain: str) -> SecretList:
    """Secrets of a project in one domain."""
    return await _list(parts, actor, actions.domain_place(project, domain))


@router.put(
    "/projects/{project}/domains/{domain}/secrets/{name}",
    status_code=HTTP_201_CREATED,
    responses={HTTP_200_OK: {"model": SecretDocument, "description": REPLACED}},
)
async def put_domain_secret(  # noqa: PLR0913  what a request has
    parts: WithParts,
    actor: Asking,
    response: Response,
    *,
    project: str,
    domain: str,
    name: str,
    body: ValuePut,
    only: OnlyQuery = actions.Only.ANY,
) -> SecretDocument:
    """Store a secret of a project in one domain: a variable in all its workspaces there."""
    new = actions.NewSecret(name, Secret(body.value), only=only)
    return await _put(parts, actor, actions.domain_place(project, domain), new, response)


@router.delete("/projects/{project}/domains/{domain}/secrets/{name}", status_code=HTTP_204_NO_CONTENT)
async def delete_domain_secret(parts: WithParts, actor: Asking, project: str, domain: str, name: str) -> None:
    """Remove a secret of a project in one domain."""
    await _delete(parts, actor, actions.domain_place(project, domain), name)


@router.get("/workspaces/{workspace}/secrets")
async def list_workspace_secrets(parts: WithParts, actor: Asking, workspace: str) -> WorkspaceSecretList:
    """What its processes get, and what its repository would like to have."""
    found = await find(parts, actor, workspace)
    async with parts.store.reading() as session:
        given = await of_workspace(session, found)
        stored = await environments.get(session, found.id, found.remembered.resolved)
    declared = {one["name"]: one for one in (stored.plan.get("secrets", ()) if stored is not None else ())}
    wanted = {one.env_var or one.key for one in (found.definition.secrets if found.definition else ())}
    wanted |= {name for name, scope in given.items() if scope is None}
    items = [
        WorkspaceSecret(
            name=name,
            description=declared.get(name, {}).get("description", ""),
            documentation_url=declared.get(name, {}).get("documentation_url", ""),
            declared=name in declared,
            given_by=GIVEN_BY[scope] if (scope := given.get(name)) is not None else "",
            wanted=name in wanted,
        )
        for name in sorted(declared.keys() | given.keys())
    ]
    return WorkspaceSecretList(items=items)


@router.put(
    "/workspaces/{workspace}/secrets/{name}",
    status_code=HTTP_201_CREATED,
    responses={HTTP_200_OK: {"model": SecretDocument, "description": REPLACED}},
)
async def put_workspace_secret(  # noqa: PLR0913  what a request has
    parts: WithParts,
    actor: Asking,
    response: Response,
    *,
    workspace: str,
    name: str,
    body: ValuePut,
    only: OnlyQuery = actions.Only.ANY,
) -> SecretDocument:
    """Store a secret of one workspace; where it runs, new processes have it within seconds."""
    place = actions.workspace_place(await find(parts, actor, workspace))
    return await _put(parts, actor, place, actions.NewSecret(name, Secret(body.value), only=only), response)


@router.delete("/workspaces/{workspace}/secrets/{name}", status_code=HTTP_204_NO_CONTENT)
async def delete_workspace_secret(parts: WithParts, actor: Asking, workspace: str, name: str) -> None:
    """Remove a secret of one workspace."""
    await _delete(parts, actor, actions.workspace_place(await find(parts, actor, workspace)), name)
