"""Where one is signed in with a browser, and signing out from afar."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.status import HTTP_204_NO_CONTENT

from carrel.server.actions import tokens as actions
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import ANSWER

router = APIRouter(tags=["session"])


class BrowserSession(BaseModel):
    """Where you are signed in."""

    model_config = ANSWER

    id: str
    address: str
    """From where it began; empty: it began before this was kept."""
    agent: str
    """What the browser says that it is."""
    created_at: datetime
    used_at: datetime | None
    """Within five minutes."""
    expires_at: datetime | None
    current: bool
    """It is the one that asks."""


class BrowserSessionList(BaseModel):
    """Browser sessions, the newest first."""

    model_config = ANSWER

    items: list[BrowserSession]


class Ended(BaseModel):
    """How many sessions were ended."""

    model_config = ANSWER

    ended: int


@router.get("/sessions")
async def list_sessions(parts: WithParts, actor: Asking) -> BrowserSessionList:
    """Where you are signed in with a browser."""
    async with parts.store.reading() as session:
        found = await actions.own_sessions(actor, session)
    return BrowserSessionList(
        items=[
            BrowserSession(
                id=one.id,
                address=one.bound_to.get("address", ""),
                agent=one.bound_to.get("agent", ""),
                created_at=one.created_at,
                used_at=one.used_at,
                expires_at=one.expires_at,
                current=one.id == actor.token_id,
            )
            for one in found
        ]
    )


@router.delete("/sessions/{session_id}", status_code=HTTP_204_NO_CONTENT)
async def end_session(parts: WithParts, actor: Asking, session_id: str) -> None:
    """End one of your browser sessions; what is open in it, also of apps, ends within 5 seconds."""
    async with parts.store.writing() as session:
        await actions.end_session(actor, session, session_id)


@router.delete("/sessions")
async def sign_out_everywhere(parts: WithParts, actor: Asking, *, keep_this: bool = False) -> Ended:
    """Sign all your browsers out, or all but this one. Tokens of programs stay: `GET /tokens` lists them."""
    async with parts.store.writing() as session:
        return Ended(ended=await actions.sign_out_everywhere(actor, session, keep_this=keep_this))
