"""Who is here: every connection that stays open says so, so that nobody is watched unknowingly; the audit has it, too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from carrel.core.access import Actor
from carrel.core.problems import Problem
from carrel.core.workspace import Workspace
from carrel.links.access import PRESENT_SECONDS
from carrel.server.actions.visits import record_entry
from carrel.server.api.parts import Parts

log = structlog.get_logger(__name__)
LAST_WORDS_SECONDS = 2.0
"""How long the end of a connection waits for what is being told: that somebody came is told of the shortest visit, too."""


@asynccontextmanager
async def here(parts: Parts, actor: Actor, workspace: Workspace, how: str) -> AsyncIterator[None]:
    """While the block runs, the agent is told that the actor is there: `terminal main`, `ssh` ..."""
    leaving = asyncio.Event()
    telling = asyncio.create_task(_tell(parts, actor, workspace, how, leaving))
    try:
        yield
    finally:
        leaving.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                await telling


async def _tell(parts: Parts, actor: Actor, workspace: Workspace, how: str, leaving: asyncio.Event) -> None:
    await _record(parts, actor, workspace, how)
    while not leaving.is_set():
        await parts.live.present(workspace, actor.user_id, actor.name, how)
        with suppress(TimeoutError):
            async with asyncio.timeout(PRESENT_SECONDS):
                await leaving.wait()


async def _record(parts: Parts, actor: Actor, workspace: Workspace, how: str) -> None:
    if not parts.entries.is_due((actor.token_id, workspace.id, how)):
        return
    try:
        async with parts.store.writing() as session:
            await record_entry(actor, session, workspace, how)
    except Problem as problem:
        log.warning("entry_not_recorded", workspace=workspace.id, actor=actor.user_id, kind=problem.kind)
