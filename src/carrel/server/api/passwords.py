"""Signing in with a password, choosing one, and invitations."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, SecretStr
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from carrel.core.passwords import LONGEST, normal
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.actions import passwords as actions
from carrel.server.actions import users as people
from carrel.server.api.asking import Asking, WithParts, check_origin, request_of
from carrel.server.api.session import SessionDocument, session_document, set_cookie
from carrel.server.api.workspace_documents import ANSWER, REQUEST

router = APIRouter(tags=["session"])
Typed = Annotated[SecretStr, Field(max_length=4 * LONGEST)]


class PasswordSignIn(BaseModel):
    """Name and password."""

    model_config = REQUEST

    name: Annotated[str, Field(max_length=200)]
    password: Typed


class PasswordPut(BaseModel):
    """A password to choose."""

    model_config = {**REQUEST, "title": "PasswordInput"}

    old: Typed = SecretStr("")
    """Empty: there is none yet."""
    new: Typed


class InviteAccept(BaseModel):
    """An invitation, and the password that its user chooses."""

    model_config = REQUEST

    code: Annotated[str, Field(max_length=200)]
    password: Typed


class InviteCreate(BaseModel):
    """An invitation to make."""

    model_config = REQUEST

    expires_in_seconds: Annotated[int, Field(ge=60, le=14 * 86400)] | None = None
    """Null: three days."""
    reset: bool = False
    """The user's password, sessions and tokens end at once."""


class InviteDocument(BaseModel):
    """An invitation: who has it chooses the user's password, once."""

    model_config = {**ANSWER, "title": "Invite"}

    url: str
    expires_in_seconds: int


@router.post("/session/password", status_code=HTTP_201_CREATED)
async def sign_in_with_password(
    parts: WithParts, request: Request, response: Response, body: PasswordSignIn
) -> SessionDocument:
    """Sign a browser in with name and password: sets the session cookie. Whatever is wrong, the answer is the same."""
    check_origin(request)
    request.state.sign_in, request.state.claimed = True, body.name
    actions.demand_passwords(parts.settings)
    came = request_of(request)
    parts.attempts.check(came.address)
    parts.attempts.failed(came.address)  # until it is known better: many at once count, too
    async with parts.store.reading() as session:
        attempt = await actions.attempt_of(session, body.name.strip(), came.address)
    password = normal(body.password.get_secret_value())
    rehashed: str | None = None
    if await parts.hashes.check(attempt.hash, password):
        rehashed = await parts.hashes.make(password) if parts.hashes.is_old(attempt.hash) else ""
    async with parts.store.writing() as writing:
        begun = await actions.finish(writing, parts.settings, attempt, rehashed, came)
    if begun is None:
        raise actions.refused()
    parts.attempts.succeeded(came.address)
    cookie, actor = begun
    set_cookie(parts, response, cookie)
    return session_document(actor)


@router.put("/me/password", status_code=HTTP_204_NO_CONTENT)
async def put_password(parts: WithParts, actor: Asking, body: PasswordPut) -> None:
    """Choose another password; it takes the old one. Your other browsers are signed out."""
    async with parts.store.reading() as session:
        stored = await actions.own_hash(actor, session, parts.settings)
        user = await people.me(actor, session)
    wanted = actions.checked(user, body.new.get_secret_value())
    if stored and not await parts.hashes.check(stored, normal(body.old.get_secret_value())):
        async with parts.store.writing() as writing:
            await actions.record_wrong_old(writing, actor.user_id)
        raise Problem(
            "not_allowed", "The old password is wrong.", "An administrator makes an invitation for a new one."
        )
    hashed = await parts.hashes.make(wanted)
    async with parts.store.writing() as writing:
        await actions.choose(actor, writing, hashed, stored)


@router.post("/session/invite", status_code=HTTP_201_CREATED)
async def accept_invite(parts: WithParts, request: Request, response: Response, body: InviteAccept) -> SessionDocument:
    """Choose a password by an invitation, which is used up, and be signed in: sets the session cookie."""
    check_origin(request)
    request.state.sign_in = True
    came, code = request_of(request), Secret(body.code.strip())
    async with parts.store.reading() as session:
        user = await actions.invited(session, parts.settings, code)
    hashed = await parts.hashes.make(actions.checked(user, body.password.get_secret_value()))
    async with parts.store.writing() as writing:
        cookie, actor = await actions.accept_invite(writing, parts.settings, code, hashed, came)
    set_cookie(parts, response, cookie)
    return session_document(actor)


@router.post("/users/{user}/invites", status_code=HTTP_201_CREATED)
async def invite_user(parts: WithParts, actor: Asking, user: str, body: InviteCreate | None = None) -> InviteDocument:
    """Make a link with which this person chooses a password, once; an earlier one is over."""
    wanted = body or InviteCreate()
    life = timedelta(seconds=wanted.expires_in_seconds) if wanted.expires_in_seconds else None
    async with parts.store.writing() as session:
        url, life = await actions.make_invite(actor, session, parts.settings, actions.Invite(user, life, wanted.reset))
    return InviteDocument(url=url, expires_in_seconds=int(life.total_seconds()))
