"""People with an account."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.status import HTTP_201_CREATED

from carrel.core.access import Role
from carrel.server.actions import users as actions
from carrel.server.actions.users import Known
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.session import LoginLink
from carrel.server.api.workspace_documents import ANSWER, REQUEST
from carrel.server.store.users import User, UserKind

router = APIRouter(tags=["users"])


class UserDocument(BaseModel):
    """A person or a program with an account."""

    model_config = {**ANSWER, "title": "User"}

    id: str
    name: str
    role: Role
    kind: UserKind
    full_name: str
    email: str
    created_at: datetime
    disabled: bool
    has_password: bool | None
    """Null: you do not manage people."""
    seen_at: datetime | None
    """When one of its tokens or sessions was last used; null: never, or you do not manage people."""


class UserList(BaseModel):
    """People with an account, by name."""

    model_config = ANSWER

    items: list[UserDocument]


class UserCreate(BaseModel):
    """An account to make."""

    model_config = REQUEST

    name: str
    role: Role = Role.DEVELOPER
    kind: UserKind = UserKind.PERSON


class UserPatch(BaseModel):
    """What is to be changed; null or absent: this is not."""

    model_config = {**REQUEST, "title": "UserUpdate"}

    role: Role | None = None
    disabled: bool | None = None
    full_name: str | None = None
    email: str | None = None

    def profile(self) -> dict[str, str]:
        """What of the profile is to be changed."""
        return {name: value for name in ("full_name", "email") if (value := getattr(self, name)) is not None}


class LoginLinkCreate(BaseModel):
    """A link to make."""

    model_config = REQUEST

    expires_in_seconds: Annotated[int, Field(ge=60, le=259200)] | None = None
    """Null: as the setting `login_link_seconds` says."""


def user_document(user: User, known: Known | None = None) -> UserDocument:
    """A user as he is answered; `known`: to those who may know it."""
    return UserDocument(
        id=user.id,
        name=user.name,
        role=user.role,
        kind=user.kind,
        full_name=user.full_name,
        email=user.email if known is not None else "",
        created_at=user.created_at,
        disabled=user.disabled_at is not None,
        has_password=user.id in known.have_password if known is not None else None,
        seen_at=known.seen.get(user.id) if known is not None else None,
    )


@router.get("/users")
async def list_users(parts: WithParts, actor: Asking) -> UserList:
    """Who has an account: those who are disabled too for who manages people."""
    async with parts.store.reading() as session:
        found = await actions.list_users(actor, session)
        known = await actions.known_of_users(session) if actions.manages(actor) else None
    return UserList(items=[user_document(user, known) for user in found])


@router.post("/users", status_code=HTTP_201_CREATED)
async def add_user(parts: WithParts, actor: Asking, body: UserCreate) -> UserDocument:
    """Make an account; a login link lets its person in."""
    async with parts.store.writing() as session:
        made = await actions.add_user(actor, session, body.name, body.role, body.kind)
        return user_document(made, await actions.known_of_users(session))


@router.patch("/users/{user}")
async def change_user(parts: WithParts, actor: Asking, user: str, body: UserPatch) -> UserDocument:
    """Give another role or profile, disable, or enable again; what a disabled user has open ends within 5 seconds."""
    async with parts.store.writing() as session:
        changed = await actions.change_user(
            actor, session, user, role=body.role, disabled=body.disabled, profile=body.profile()
        )
        return user_document(changed, await actions.known_of_users(session))


@router.post("/users/{user}/login-links", status_code=HTTP_201_CREATED)
async def make_login_link_of_user(
    parts: WithParts, actor: Asking, user: str, body: LoginLinkCreate | None = None
) -> LoginLink:
    """Make a link that signs a browser in as this user, once."""
    seconds = body.expires_in_seconds if body is not None else None
    life = timedelta(seconds=seconds) if seconds else None
    async with parts.store.writing() as session:
        url, life = await actions.make_login_link(actor, session, parts.settings, user, life)
    return LoginLink(url=url, expires_in_seconds=int(life.total_seconds()))
