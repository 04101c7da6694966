"""One's own account."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from carrel.server.actions import users as actions
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.users import UserDocument, user_document
from carrel.server.api.workspace_documents import REQUEST

router = APIRouter(tags=["users"])


class ProfilePatch(BaseModel):
    """What is to be changed; null or absent: this is not."""

    model_config = {**REQUEST, "title": "ProfileUpdate"}

    full_name: str | None = None
    email: str | None = None
    """Shown, and for commits; it proves nothing."""


@router.get("/me")
async def get_me(parts: WithParts, actor: Asking) -> UserDocument:
    """Your account."""
    async with parts.store.reading() as session:
        return user_document(await actions.me(actor, session), await actions.known_of_users(session))


@router.patch("/me")
async def change_me(parts: WithParts, actor: Asking, body: ProfilePatch) -> UserDocument:
    """Change your full name or e-mail address."""
    async with parts.store.writing() as session:
        changed = await actions.change_me(actor, session, body.model_dump(exclude_none=True))
        return user_document(changed, await actions.known_of_users(session))
