"""When the first byte of an app's answer came in a start: the end of its timeline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import structlog

from carrel.core.problems import Problem
from carrel.links.access import Authority, Place

MOST_REMEMBERED: Final = 4096

log = structlog.get_logger()


class FirstBytes:
    """Notes the first request for each app and tells of its answer, once in a start.

    A proxy that forgot what it told tells it again; the control plane keeps the first.
    """

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._asked: dict[tuple[str, str], datetime | None] = {}
        """When an app was first asked for; None: its first byte was told."""
        self._telling: set[asyncio.Task[None]] = set()

    def asked(self, place: Place) -> None:
        """Somebody asks for an app, which may have to be waited for. Ports are nobody's to start, and have no timeline."""
        key = (place.workspace, place.app)
        if key in self._asked or place.app.isdigit():
            return
        if len(self._asked) >= MOST_REMEMBERED:
            self._asked.clear()
        self._asked[key] = datetime.now(UTC)

    def drop(self, place: Place) -> None:
        """It does not run and was not asked to: nobody waits."""
        self._asked.pop((place.workspace, place.app), None)

    def forget(self, workspace: str) -> None:
        """This start is over."""
        for key in [key for key in self._asked if key[0] == workspace]:
            del self._asked[key]

    def listener(self, place: Place) -> Callable[[], None] | None:
        """What a new connection calls with its first byte; None: it was told before."""
        if self._asked.get((place.workspace, place.app)) is None:
            return None
        return lambda: self._came(place)

    def _came(self, place: Place) -> None:
        key = (place.workspace, place.app)
        asked = self._asked.get(key)
        if asked is None:
            return
        self._asked[key] = None
        task = asyncio.get_running_loop().create_task(self._tell(place, asked, datetime.now(UTC)))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, place: Place, asked: datetime, answered: datetime) -> None:
        try:
            await self._authority.first_byte(place.workspace, place.app, asked, answered)
        except Problem:
            pass  # the workspace is gone by now, and its timeline too
        except Exception:
            log.exception("first_byte_not_told", workspace=place.workspace)

    async def flush(self) -> None:
        """Wait until what was told has arrived."""
        await asyncio.gather(*self._telling)
