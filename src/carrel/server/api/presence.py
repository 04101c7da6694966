"""Who is here: every connection that stays open says so, so that nobody is watched unknowingly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from carrel.core.access import Actor
from carrel.core.workspace import Workspace
from carrel.links.access import PRESENT_SECONDS
from carrel.server.api.parts import Parts


@asynccontextmanager
async def here(parts: Parts, actor: Actor, workspace: Workspace, how: str) -> AsyncIterator[None]:
    """While the block runs, the agent is told that the actor is there: `terminal main`, `ssh` ..."""
    telling = asyncio.create_task(_tell(parts, actor, workspace, how))
    try:
        yield
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


async def _tell(parts: Parts, actor: Actor, workspace: Workspace, how: str) -> None:
    while True:
        await parts.live.present(workspace, actor.user_id, actor.name, how)
        await asyncio.sleep(PRESENT_SECONDS)
