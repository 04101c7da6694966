"""Git credentials: stored, listed, removed; a token is never shown again."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel
from starlette.status import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT

from carrel.core.secret import Secret
from carrel.server.actions import git_credentials as actions
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import ANSWER, REQUEST
from carrel.server.store.secrets import StoredSecret

router = APIRouter(tags=["git credentials"])


class GitCredential(BaseModel):
    """A stored credential, without its token."""

    model_config = ANSWER

    host: str
    username: str
    created_at: datetime
    updated_at: datetime


class GitCredentialList(BaseModel):
    """Your git credentials."""

    model_config = ANSWER

    items: list[GitCredential]


class GitCredentialPut(BaseModel):
    """A credential to store."""

    model_config = {**REQUEST, "title": "GitCredentialInput", "str_max_length": 10_000}

    username: str = ""
    """Empty: what forges take beside a token."""
    token: str


def _document(stored: StoredSecret) -> GitCredential:
    return GitCredential(
        host=stored.name,
        username=stored.shown["username"],
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )


@router.get("/git-credentials")
async def list_git_credentials(parts: WithParts, actor: Asking) -> GitCredentialList:
    """Hosts that you stored a credential for."""
    async with parts.store.reading() as session:
        found = await actions.list_git_credentials(actor, session)
    return GitCredentialList(items=[_document(item) for item in found])


@router.put(
    "/git-credentials/{host}",
    status_code=HTTP_201_CREATED,
    responses={HTTP_200_OK: {"model": GitCredential, "description": "An earlier one was replaced."}},
)
async def put_git_credential(
    parts: WithParts, actor: Asking, response: Response, host: str, body: GitCredentialPut
) -> GitCredential:
    """Store the credential of a host (`github.com`, `git.example.org:8443`), in the place of an earlier one."""
    async with parts.store.writing() as session:
        stored, is_new = await actions.put_git_credential(
            actor, session, parts.store.keys, host, body.username, Secret(body.token)
        )
    response.status_code = HTTP_201_CREATED if is_new else HTTP_200_OK
    return _document(stored)


@router.delete("/git-credentials/{host}", status_code=HTTP_204_NO_CONTENT)
async def delete_git_credential(parts: WithParts, actor: Asking, host: str) -> None:
    """Remove the credential of a host."""
    async with parts.store.writing() as session:
        await actions.delete_git_credential(actor, session, host)
