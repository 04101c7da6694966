"""Waiting until a workspace is as it was asked to be, and showing how it comes about."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from carrel.cli.display import Display, shown
from carrel.cli.progress import Progress
from carrel.core.problems import PROBLEMS, Problem
from carrel.core.workspace import Phase

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Workspace

Ask = Callable[[], Awaitable["Workspace"]]


@dataclass(frozen=True)
class Ended:
    """How it came out."""

    workspace: Workspace | None
    """None: nothing is left of it."""
    took_seconds: float


async def ask_and_wait(client: Client, found: Workspace, ask: Ask, goal: Phase, *, purge: bool = False) -> Ended:
    """Ask for something of a workspace that exists, and wait until its phase is `goal`, or nothing is left of it.

    Raises:
        Problem: the server refuses, or a step failed for good: with the kind and the hint of that failure.
    """
    last = (await client.events.latest(found.id, 0)).last
    began = datetime.now(UTC)
    asked = await ask()
    if asked.phase == goal and not purge and not (goal is Phase.RUNNING and _leaves_first(found, asked)):
        return Ended(asked, 0.0)
    return await wait(client, asked, Wanted(goal, last, began, purge))


def _leaves_first(found: Workspace, asked: Workspace) -> bool:
    """Whether a workspace that is in the wanted phase has to leave it and come back, as for a restart."""
    return (found.start, found.revision) != (asked.start, asked.revision)


@dataclass(frozen=True)
class Wanted:
    """What is waited for, and from where on."""

    phase: Phase
    after: int
    """Number of the last event before it was asked for."""
    since: datetime
    """When it was asked for, by this machine's clock."""
    purge: bool = False
    """Nothing is to be left: the phase `deleted` is not the end."""


async def wait(client: Client, asked: Workspace, wanted: Wanted) -> Ended:
    """Wait until an accepted wish has come true.

    Raises:
        Problem: a step failed for good, or somebody asked for something else meanwhile.
    """
    # The server's own clock where it says when it accepted the wish; logs are stamped with it.
    since = asked.goal_at or wanted.since
    progress = Progress(since)
    progress.enter(asked.phase, since)
    with shown(progress) as display:
        logs = asyncio.create_task(_show_logs(client, asked.id, since, display))
        try:
            await _until_at_rest(client, asked, wanted, progress, display)
        except Problem as problem:
            if problem.kind != "not_found" or not wanted.purge:  # it was gone before we looked
                raise
        finally:
            logs.cancel()
            await asyncio.gather(logs, return_exceptions=True)
    took = (datetime.now(UTC) - wanted.since).total_seconds()
    return Ended(await _outcome(client, asked, wanted), took)


async def _until_at_rest(
    client: Client, asked: Workspace, wanted: Wanted, progress: Progress, display: Display
) -> None:
    """Take events until the wanted phase is reached, or another one that nothing leads out of."""
    ends = {Phase.FAILED, *_others(wanted.phase)} | (set() if wanted.purge else {wanted.phase})
    async with aclosing(client.events.follow(asked.id, after=wanted.after)) as events:
        async for event in events:
            if event.at and asked.goal_at and event.at < asked.goal_at:
                continue  # a new workspace that began as a prebuild has a past
            progress.feed(event)
            display.changed(progress)
            if event.kind == "purged":
                return
            if event.kind == "phase_changed" and progress.phase in ends:
                # A step of before may still tell how it ended: only another goal makes an end of its phase.
                if progress.phase in _others(wanted.phase) and await _is_still_wanted(client, asked):
                    continue
                return


async def _is_still_wanted(client: Client, asked: Workspace) -> bool:
    try:
        return (await client.workspaces.find(asked.id)).goal == asked.goal
    except Problem as problem:
        if problem.kind == "not_found":
            return False
        raise


def _others(wanted: Phase) -> set[Phase]:
    """Phases at rest that only somebody else's wish leads to."""
    if wanted is Phase.RUNNING:
        return {Phase.STOPPED, Phase.DELETED}
    return {Phase.DELETED} if wanted is Phase.STOPPED else set()


async def _show_logs(client: Client, workspace_id: str, since: datetime, display: Display) -> None:
    with suppress(Problem):  # the log is a help, not the matter
        async with aclosing(client.logs.follow(workspace_id, since=since)) as chunks:
            async for chunk in chunks:
                display.log(chunk.text)


async def _outcome(client: Client, asked: Workspace, wanted: Wanted) -> Workspace | None:
    try:
        now = await client.workspaces.find(asked.id)
    except Problem as problem:
        if problem.kind == "not_found" and wanted.phase is Phase.DELETED:
            return None
        raise
    if now.phase == wanted.phase:
        return now
    if now.problem is not None:
        kind = now.problem.kind if now.problem.kind in PROBLEMS else "internal"
        raise Problem(kind, now.problem.detail, now.problem.hint)
    reason = f": {now.stop_reason}" if now.stop_reason else "."
    raise Problem("wrong_state", f"{now.name} is {now.phase} now{reason}")
