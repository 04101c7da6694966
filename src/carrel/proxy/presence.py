"""Who is here: people with an app open, told while they are. It is no activity (docs/adr/0009-what-counts-as-activity.md)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from carrel.core.problems import Problem
from carrel.links.access import PRESENT_SECONDS, Authority, Identity
from carrel.proxy.door import Admitted

MOST_REMEMBERED: Final = 4096

log = structlog.get_logger()

Person = tuple[Identity, str]
"""Who, and the app or port that he has open."""


class Presence:
    """Tells of a person at the first request, and every `PRESENT_SECONDS` while requests come or a socket is open."""

    def __init__(self, authority: Authority, clock: Callable[[], float] = time.monotonic) -> None:
        self._authority = authority
        self._clock = clock
        self._seen: dict[Person, float] = {}
        self._told: dict[Person, float] = {}
        self._telling: set[asyncio.Task[None]] = set()

    def see(self, admitted: Admitted) -> None:
        """A request came, or something is open."""
        if admitted.is_anybody:
            return
        person = (admitted.identity, admitted.place.app)
        if len(self._seen) >= MOST_REMEMBERED:
            self._seen.clear()
            self._told.clear()
        self._seen[person] = self._clock()
        if person not in self._told:
            self._tell(person)

    def look(self, is_open: Iterable[Admitted]) -> None:
        """Called every second or so, with those who have something open."""
        for admitted in is_open:
            self.see(admitted)
        now = self._clock()
        for person, told in list(self._told.items()):
            if now - told < PRESENT_SECONDS:
                continue
            if now - self._seen.get(person, 0.0) < PRESENT_SECONDS:
                self._tell(person)
            else:
                del self._told[person]
                self._seen.pop(person, None)

    def _tell(self, person: Person) -> None:
        self._told[person] = self._clock()
        task = asyncio.get_running_loop().create_task(self._send(person))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _send(self, person: Person) -> None:
        identity, app = person
        try:
            await self._authority.present(identity, f"port {app}" if app.isdigit() else f"app {app}")
        except Problem:
            self._told.pop(person, None)  # it does not run now; the next request tells again
        except Exception:
            log.exception("presence_not_told", workspace=identity.workspace)

    async def flush(self) -> None:
        """Wait until what was told has arrived."""
        await asyncio.gather(*self._telling)
