"""One link per target in a process: connected on demand, shared, replaced, closed when idle."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Final

from carrel.core.problems import Problem
from carrel.links.authority import Certifier
from carrel.links.dialling import Refused, attempt
from carrel.links.link import Link
from carrel.links.target import Target

FIRST_DELAY_SECONDS: Final = 0.01
LONGEST_DELAY_SECONDS: Final = 0.32


@dataclass(frozen=True)
class PoolSettings:
    """How patient a pool is."""

    patience_seconds: float = 3.0
    """How long a caller waits for an agent that does not answer yet, where it does not say."""
    attempt_seconds: float = 5.0
    idle_seconds: float = 300.0
    """A link with nothing open is closed after this time."""


class _Entry:
    """A link, or the attempt to get one."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.until = 0.0
        """Loop time up to which some caller waits."""
        self.connecting: asyncio.Task[Link] | None = None
        self.link: Link | None = None


class LinkPool:
    """Hands out links. Callers of the same target share one connection and one attempt to make it."""

    def __init__(self, certifier: Certifier, settings: PoolSettings = PoolSettings()) -> None:
        self._certifier = certifier
        self._greet: Callable[[Link], None] = lambda _: None
        self._settings = settings
        self._entries: dict[Target, _Entry] = {}
        self._sweeper: asyncio.Task[None] | None = None
        self._closings: set[asyncio.Task[None]] = set()
        self._closed = False

    async def link(self, target: Target, *, patience_seconds: float | None = None) -> Link:
        """The live link to a target; connects where there is none, trying again quickly while the agent boots.

        Args:
            target: a target of another start of the same workspace replaces the older link once it is connected.
            patience_seconds: None: the pool's.

        Raises:
            Problem: `agent_unreachable`.
        """
        entry = self._entries.get(target)
        if entry is not None and entry.link is not None and not entry.link.closed:
            return entry.link
        if self._closed:
            raise Problem("agent_unreachable", "This process is ending.")
        if entry is None:
            entry = self._entries[target] = _Entry(target)
        loop = asyncio.get_running_loop()
        patience = self._settings.patience_seconds if patience_seconds is None else patience_seconds
        entry.until = max(entry.until, loop.time() + patience)
        if entry.connecting is None:
            entry.connecting = loop.create_task(self._connect(entry))
            entry.connecting.add_done_callback(_look_at_exception)
        return await self._wait(entry.connecting, patience)

    async def _wait(self, connecting: asyncio.Task[Link], patience: float) -> Link:
        try:
            async with asyncio.timeout(patience + self._settings.attempt_seconds):
                return await asyncio.shield(connecting)
        except TimeoutError:
            raise Problem("agent_unreachable", "The agent did not answer in time.") from None
        except asyncio.CancelledError:
            if connecting.cancelled():
                raise Problem("agent_unreachable", "The link was closed while it was being made.") from None
            raise

    def on_link(self, greet: Callable[[Link], None]) -> None:
        """Have `greet` called with every link from now on, as soon as it is connected."""
        self._greet = greet

    def live(self, workspace: str) -> Link | None:
        """The workspace's link if it is connected; never connects."""
        for entry in self._entries.values():
            if entry.target.workspace == workspace and entry.link is not None and not entry.link.closed:
                return entry.link
        return None

    async def drop(self, workspace: str) -> None:
        """Close the workspace's link: it was stopped, or someone's access was revoked."""
        await asyncio.gather(
            *(self._forget(entry) for entry in list(self._entries.values()) if entry.target.workspace == workspace)
        )

    async def close(self) -> None:
        """Close all links; later calls of `link` raise."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        await asyncio.gather(*(self._forget(entry) for entry in list(self._entries.values())))
        await asyncio.gather(*self._closings)

    # --- connecting ------------------------------------------------------------------------------------------------

    async def _connect(self, entry: _Entry) -> Link:
        try:
            link = await self._persist(entry)
        except BaseException:
            self._entries.pop(entry.target, None)
            raise
        finally:
            entry.connecting = None
        entry.link = link
        link.on_close(lambda: self._lost(entry, link))
        self._greet(link)
        for other in list(self._entries.values()):
            if other is not entry and other.target.workspace == entry.target.workspace:
                self._later(self._forget(other))
        if self._sweeper is None:
            self._sweeper = asyncio.get_running_loop().create_task(self._sweep())
        return link

    async def _persist(self, entry: _Entry) -> Link:
        """Try until it works, the agent refuses, or no caller waits any longer."""
        loop = asyncio.get_running_loop()
        delay = FIRST_DELAY_SECONDS
        while True:
            try:
                connection = await attempt(entry.target, self._certifier, self._settings.attempt_seconds)
            except Refused as error:
                raise Problem("agent_unreachable", str(error)) from error
            except ConnectionError as error:
                if loop.time() + delay > entry.until:
                    raise Problem("agent_unreachable", f"Last answer: {error}") from error
            else:
                return Link(entry.target, connection)
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_SECONDS)

    # --- ending ----------------------------------------------------------------------------------------------------

    def _lost(self, entry: _Entry, link: Link) -> None:
        if self._entries.get(entry.target) is entry and entry.link is link and entry.connecting is None:
            del self._entries[entry.target]

    async def _forget(self, entry: _Entry) -> None:
        if self._entries.get(entry.target) is entry:
            del self._entries[entry.target]
        if entry.connecting is not None:
            entry.connecting.cancel()
            with contextlib.suppress(asyncio.CancelledError, Problem):
                await entry.connecting
        if entry.link is not None:
            await entry.link.close()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self._settings.idle_seconds / 4)
            for entry in list(self._entries.values()):
                if entry.link is not None and entry.link.idle_seconds > self._settings.idle_seconds:
                    await self._forget(entry)

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._closings.add(task)
        task.add_done_callback(self._closings.discard)


def _look_at_exception(task: asyncio.Task[Link]) -> None:
    """An attempt whose callers have all gone may fail unheard."""
    if not task.cancelled():
        task.exception()
