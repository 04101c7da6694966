"""A session that starts its workspace first: `?start=true` of `exec` in sockets.py.

One connection in place of a start, a wait and a session; only who asks for it wakes anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from carrel.core.access import Actor
from carrel.core.problems import Problem
from carrel.core.workspace import Goal, Phase, Workspace
from carrel.server.actions import goals
from carrel.server.api.parts import Parts
from carrel.server.store import workspaces as rows
from carrel.server.store.wakeups import of_workspace

LOOK_SECONDS = 15.0
"""How often to look without a wake-up."""
Tell = Callable[[dict[str, Any]], Awaitable[None]]


async def wake(parts: Parts, actor: Actor, found: Workspace, tell: Tell) -> Workspace:
    """Start `found` and wait until it runs; each phase on the way is told as `{"phase": ...}`, `running` the last.

    Raises:
        Problem: the start is refused, or it failed for good (kind and hint of the failure), or somebody stopped it.
    """
    async with parts.store.wakeups.listen(of_workspace(found.id)) as bell:
        async with parts.store.writing() as session:
            now = await goals.start(actor, session, parts.settings, found.id)
        told: Phase | None = None
        while not parts.stopping.is_set():
            if now.phase is not told:
                told = now.phase
                await tell({"phase": now.phase.value})
            if now.phase is Phase.RUNNING:
                return now
            _must_be_coming(now)
            await bell.wait(LOOK_SECONDS)
            async with parts.store.reading() as session:
                now = await rows.get(session, actor, found.id)
    raise Problem("not_running", f"{found.name} is being started, and this server stops.", hint="Try again.")


def _must_be_coming(now: Workspace) -> None:
    if now.goal is not Goal.RUN:
        raise Problem("not_running", f"{now.name} was stopped meanwhile. {now.stop_reason}".strip())
    if now.failure is not None and now.phase is Phase.FAILED:
        raise Problem(now.failure.kind, now.failure.detail, hint=now.failure.hint)
