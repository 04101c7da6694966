"""Wake-ups that carry no data but a topic: in one process, and between servers on one PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

LOOP = "loop"
"""Something became due for the reconcile loop."""
WORKSPACES = "workspaces"
"""Something that people may see of any workspace is new."""
TEMPLATES = "templates"
"""A repository of templates is to be read, or was."""
ACCESS = "access"
"""Somebody may no longer do what he could: rung by whoever takes it away, heard by whoever holds connections open."""


def of_workspace(workspace_id: str) -> str:
    """The topic of one workspace: its row, its events, its logs."""
    return f"workspace:{workspace_id}"


def intent_of(workspace_id: str) -> str:
    """The topic of what people want of one workspace; the loop listens while it works on it."""
    return f"intent:{workspace_id}"


class Wakeups:
    """Who waits for which topic. A wake-up between two waits is not lost: the bell stays rung until it is heard."""

    def __init__(self) -> None:
        self._bells: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    @asynccontextmanager
    async def listen(self, *topics: str) -> AsyncIterator[Bell]:
        """A bell that rings for any of the topics; read the state *after* entering, then wait."""
        event = asyncio.Event()
        for topic in topics:
            self._bells[topic].add(event)
        try:
            yield Bell(event)
        finally:
            for topic in topics:
                self._bells[topic].discard(event)
                if not self._bells[topic]:
                    del self._bells[topic]

    def ring(self, topics: Iterable[str]) -> None:
        """Wake all who listen to any of the topics."""
        for topic in topics:
            for event in self._bells.get(topic, ()):
                event.set()

    def ring_all(self) -> None:
        """Wake everybody: after a lost connection nobody knows what was missed."""
        for topic in list(self._bells):
            self.ring((topic,))


class Bell:
    """One listener's bell."""

    def __init__(self, event: asyncio.Event) -> None:
        self._event = event

    async def wait(self, timeout_seconds: float | None = None) -> bool:
        """Until it rings, or the time is over; returns whether it rang."""
        rang = True
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._event.wait()
        except TimeoutError:
            rang = False
        self._event.clear()
        return rang

    @property
    def rung(self) -> bool:
        """Whether it rang since the last wait."""
        return self._event.is_set()


async def cancelled(task: asyncio.Task[None]) -> None:
    """Cancel a background task and wait for its end."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
