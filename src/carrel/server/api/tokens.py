"""Personal tokens and browser sessions of the one who asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from carrel.core.access import Scope
from carrel.core.secret import Secret
from carrel.server.actions import login
from carrel.server.actions import tokens as actions
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.parts import Parts
from carrel.server.api.workspace_documents import ANSWER, REQUEST
from carrel.server.store import tokens as rows
from carrel.server.store.tokens import NewToken, Token, TokenKind

router = APIRouter(tags=["tokens"])


class TokenDocument(BaseModel):
    """What is known of a token; not the token."""

    model_config = {**ANSWER, "title": "Token"}

    id: str
    kind: TokenKind
    title: str
    scopes: list[Scope]
    """Empty: all that its user may do."""
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


class TokenList(BaseModel):
    """Personal tokens and browser sessions."""

    model_config = ANSWER

    items: list[TokenDocument]


class TokenCreate(BaseModel):
    """A personal token to make."""

    model_config = REQUEST

    title: Annotated[str, Field(max_length=200)] = ""
    scopes: frozenset[Scope] = frozenset()
    """Empty: all that you may do."""
    life_seconds: Annotated[int, Field(ge=60, le=10**9)] | None = None
    """Null: until it is revoked."""


class NewTokenDocument(TokenDocument):
    """A token that was just made: it is shown this once."""

    model_config = {**ANSWER, "title": "NewToken"}

    token: str


def _members(token: Token) -> dict[str, object]:
    return {
        "id": token.id,
        "kind": token.kind,
        "title": token.title,
        "scopes": sorted(token.scopes),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "used_at": token.used_at,
    }


@router.get("/tokens")
async def list_tokens(parts: WithParts, actor: Asking) -> TokenList:
    """Your personal tokens and browser sessions."""
    async with parts.store.reading() as session:
        found = await rows.of_user(session, actor.user_id, TokenKind.PERSONAL, TokenKind.SESSION)
    return TokenList(items=[TokenDocument.model_validate(_members(token)) for token in found])


@router.post("/tokens", status_code=HTTP_201_CREATED)
async def create_token(parts: WithParts, actor: Asking, body: TokenCreate) -> NewTokenDocument:
    """Make a personal token; it is shown this once."""
    new = _wanted(parts, actor.user_id, body)
    async with parts.store.writing() as session:
        value, token = await login.make_token(actor, session, new)
    return new_token_document(value, token)


def new_token_document(value: Secret, token: Token) -> NewTokenDocument:
    """A token that was just made, as it is answered."""
    return NewTokenDocument.model_validate(_members(token) | {"token": value.reveal()})


def _wanted(parts: Parts, user_id: str, body: TokenCreate) -> NewToken:
    life = timedelta(seconds=body.life_seconds) if body.life_seconds else None
    life = actions.checked_life(parts.settings, life)
    return NewToken(user_id, TokenKind.PERSONAL, body.title, body.scopes, life=life)


@router.delete("/tokens/{token}", status_code=HTTP_204_NO_CONTENT)
async def revoke_token(parts: WithParts, actor: Asking, token: str) -> None:
    """Revoke a token, or end a browser session."""
    async with parts.store.writing() as session:
        await login.revoke_token(actor, session, token)


@router.get("/users/{user}/tokens")
async def list_tokens_of_user(parts: WithParts, actor: Asking, user: str) -> TokenList:
    """Tokens and browser sessions of somebody, for who manages people."""
    async with parts.store.reading() as session:
        found = await actions.tokens_of(actor, session, user)
    return TokenList(items=[TokenDocument.model_validate(_members(token)) for token in found])


@router.post("/users/{user}/tokens", status_code=HTTP_201_CREATED)
async def create_token_of_service(parts: WithParts, actor: Asking, user: str, body: TokenCreate) -> NewTokenDocument:
    """Make a token of a service account; it is shown this once."""
    new = _wanted(parts, "", body)
    async with parts.store.writing() as session:
        value, token = await actions.make_service_token(actor, session, user, new)
    return new_token_document(value, token)


@router.delete("/users/{user}/tokens/{token}", status_code=HTTP_204_NO_CONTENT)
async def revoke_token_of_user(parts: WithParts, actor: Asking, user: str, token: str) -> None:
    """Revoke a token of somebody, or end his browser session, for who manages people."""
    async with parts.store.writing() as session:
        await actions.revoke_of(actor, session, user, token)
