"""Shares of a workspace: with users, and guest links."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, model_validator
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from carrel.core.access import Level
from carrel.server.actions import shares as actions
from carrel.server.actions.shares import Gift
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import ANSWER, REQUEST
from carrel.server.store.shares import StoredShare

router = APIRouter(tags=["shares"])


class ShareDocument(BaseModel):
    """What of a workspace was given to somebody."""

    model_config = {**ANSWER, "title": "Share"}

    id: str
    user: str
    """To whom; empty: it is a guest link."""
    guest: bool
    """It is a guest link."""
    title: str
    """Of a guest link: for whom it was made."""
    level: Level
    """`view`: terminals without typing, and the ports that are named. `edit`: the full power of the workspace's user: files,
    secrets in its environment, credentials."""
    ports: list[int]
    created_at: datetime
    expires_at: datetime | None


class NewShareDocument(ShareDocument):
    """A share that was just made; the address of a guest link is shown this once."""

    model_config = {**ANSWER, "title": "NewShare"}

    url: str
    """Of a guest link; whoever has it comes in until it ends. Empty: it is none."""


class ShareList(BaseModel):
    """The shares of a workspace."""

    model_config = ANSWER

    items: list[ShareDocument]


class ShareCreate(BaseModel):
    """A share to make: with a `user`, or (`guest`) by a link."""

    model_config = REQUEST

    user: str = ""
    guest: bool = False
    level: Level = Level.VIEW
    ports: Annotated[frozenset[int], Field(max_length=32)] = frozenset()
    """What `view` opens; `edit` opens all."""
    title: Annotated[str, Field(max_length=30)] = ""
    """Of a guest link: for whom."""
    expires_in_seconds: Annotated[int, Field(ge=60, le=31536000)] | None = None
    """Null: a guest link two hours, another share until it is taken away."""

    @model_validator(mode="after")
    def _one_of_both(self) -> ShareCreate:
        if bool(self.user) == self.guest:
            raise ValueError("give a user, or guest: true")
        return self

    def gift(self) -> Gift:
        """As the action takes it."""
        life = timedelta(seconds=self.expires_in_seconds) if self.expires_in_seconds else None
        return Gift(self.level, self.user, self.ports, self.title, life)


def _members(share: StoredShare) -> dict[str, object]:
    return {
        "id": share.id,
        "user": share.user,
        "guest": share.is_guest_link,
        "title": share.title,
        "level": share.level,
        "ports": sorted(share.ports),
        "created_at": share.created_at,
        "expires_at": share.expires_at,
    }


@router.get("/workspaces/{workspace}/shares")
async def list_shares(parts: WithParts, actor: Asking, workspace: str) -> ShareList:
    """To whom a workspace is given."""
    async with parts.store.reading() as session:
        found = await actions.list_shares(actor, session, workspace)
    return ShareList(items=[ShareDocument.model_validate(_members(share)) for share in found])


@router.post("/workspaces/{workspace}/shares", status_code=HTTP_201_CREATED)
async def share_workspace(parts: WithParts, actor: Asking, workspace: str, body: ShareCreate) -> NewShareDocument:
    """Give a workspace to a user, in the place of what he was given before, or make a guest link."""
    async with parts.store.writing() as session:
        share, url = await actions.share(actor, session, parts.settings, workspace, body.gift())
    return NewShareDocument.model_validate(_members(share) | {"url": url})


@router.delete("/workspaces/{workspace}/shares/{share}", status_code=HTTP_204_NO_CONTENT)
async def unshare_workspace(parts: WithParts, actor: Asking, workspace: str, share: str) -> None:
    """Take a share away, or give back what was shared with you; what is open by it ends within 5 seconds."""
    async with parts.store.writing() as session:
        await actions.unshare(actor, session, workspace, share)
