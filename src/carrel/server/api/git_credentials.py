"""Git credentials: stored, listed, removed; a token is never shown again."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel
from starlette.status import HTTP_200_OK, HTTP_201_CREATED, HTTP_204_NO_CONTENT

from carrel.core.secret import Secret
from carrel.server.actions import git_credentials as actions
from carrel.server.actions.git_logins import GitLogins
from carrel.server.actions.signing_keys import make_signing_key, public_signing_key
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import ANSWER, REQUEST
from carrel.server.store.secrets import StoredSecret

router = APIRouter(tags=["git credentials"])


class GitCredential(BaseModel):
    """A stored credential, without its token."""

    model_config = ANSWER

    host: str
    username: str
    kind: Literal["token", "login"]
    """`login`: it came by `carrel git-credential login`, and is renewed while it is used."""
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


class GitLogin(BaseModel):
    """A login at a git host that waits for you (RFC 8628)."""

    model_config = ANSWER

    host: str
    user_code: str
    """To be typed at `verification_uri`."""
    verification_uri: str
    verification_uri_complete: str
    """The same with the code in it, where the host has such an address."""
    expires_at: datetime
    interval_seconds: int
    """How long to wait before each look at `GET` of this."""


class GitLoginState(BaseModel):
    """How far a login is."""

    model_config = ANSWER

    state: Literal["pending", "done"]
    interval_seconds: int
    """How long to wait before the next look."""


class SigningKey(BaseModel):
    """The key with which your workspaces sign commits."""

    model_config = ANSWER

    public_key: str
    """An OpenSSH line, to be added to your account at a forge as a signing key; empty: none was made yet."""


class SigningKeyPut(BaseModel):
    """Wanted: a key."""

    model_config = {**REQUEST, "title": "SigningKeyInput"}

    anew: bool = False
    """Also where there is one; that one signs no more."""


def _document(stored: StoredSecret) -> GitCredential:
    return GitCredential(
        host=stored.name,
        username=stored.shown["username"],
        kind="login" if stored.shown.get("kind") == actions.OAUTH else "token",
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


@router.post("/git-credentials/{host}/login", status_code=HTTP_201_CREATED)
async def begin_git_login(parts: WithParts, actor: Asking, host: str) -> GitLogin:
    """Begin a login by OAuth's device flow; you go on in a browser, and `GET` of this says when it is done."""
    begun = await GitLogins(parts.store, parts.settings).begin(actor, host)
    return GitLogin(**begun.__dict__)


@router.get("/git-credentials/{host}/login")
async def get_git_login(parts: WithParts, actor: Asking, host: str) -> GitLoginState:
    """How far the login is; when it is done the credential is stored."""
    found = await GitLogins(parts.store, parts.settings).look(actor, host)
    return GitLoginState(state="done" if found.is_done else "pending", interval_seconds=found.interval_seconds)


@router.get("/signing-key")
async def get_signing_key(parts: WithParts, actor: Asking) -> SigningKey:
    """The public half of your signing key."""
    async with parts.store.reading() as session:
        return SigningKey(public_key=await public_signing_key(session, actor.user_id))


@router.put("/signing-key")
async def put_signing_key(parts: WithParts, actor: Asking, body: SigningKeyPut) -> SigningKey:
    """Have a signing key: the private half is made and kept by the server, and is never shown."""
    async with parts.store.writing() as session:
        public = await make_signing_key(actor, session, parts.store.keys, anew=body.anew)
    return SigningKey(public_key=public)
