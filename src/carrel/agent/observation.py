"""The workspace, looked at as often as somebody cares; its figures."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

from carrel.agent.evidence import Evidence
from carrel.agent.resources import Sample, measure
from carrel.core.agent import Resources

log = logging.getLogger("carrel.agent")

PORTS_WATCHED_SECONDS = 1.0
PORTS_SECONDS = 15.0
EVIDENCE_SECONDS = 10.0
CONFIGURATION_SECONDS = 10.0


class Figures:
    """The resource figures, with a percentage since the last look."""

    def __init__(self) -> None:
        """No look yet."""
        self._sample: Sample | None = None
        self._last = Resources()

    def now(self, disk: str) -> Resources:
        """The figures now; asked again within a second, the same."""
        now = time.monotonic()
        if self._sample is None or now - self._sample.at >= 1:
            self._last, self._sample = measure(now, self._sample, disk)
        return self._last


class Attention:
    """How many watch, which decides how often to look."""

    def __init__(self) -> None:
        """Nobody watches."""
        self._watchers = 0
        self._came = asyncio.Event()

    def pay(self) -> None:
        """One more watches."""
        self._watchers += 1
        self._came.set()

    def cease(self) -> None:
        """One less."""
        self._watchers -= 1

    def interval(self) -> float:
        """Seconds between two looks at the ports."""
        return PORTS_WATCHED_SECONDS if self._watchers else PORTS_SECONDS

    async def pause(self, seconds: float) -> None:
        """Wait, but no longer than until somebody comes to watch."""
        self._came.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._came.wait()


class Observer:
    """Looks around for ever."""

    def __init__(
        self,
        evidence: Evidence,
        look_at_ports: Callable[[], Awaitable[bool]],
        look_at_configuration: Callable[[], Awaitable[bool]],
        attention: Attention,
    ) -> None:
        """What to look at, and how often."""
        self._evidence = evidence
        self._look_at_ports = look_at_ports
        self._look_at_configuration = look_at_configuration
        self._attention = attention

    async def observe(self, found: Callable[[], None]) -> None:
        """Look for ever; `found` is called when there was anything new."""
        ports_seen = evidence_seen = configuration_seen = -EVIDENCE_SECONDS - PORTS_SECONDS
        while True:
            now = time.monotonic()
            is_new = False
            try:
                if now - ports_seen >= self._attention.interval():
                    ports_seen = now
                    is_new |= await self._look_at_ports()
                if now - evidence_seen >= EVIDENCE_SECONDS:
                    evidence_seen = now
                    is_new |= self._evidence.look(datetime.now(UTC))
                if now - configuration_seen >= CONFIGURATION_SECONDS:
                    configuration_seen = now
                    is_new |= await self._look_at_configuration()
            except OSError:
                log.exception("observation_failed")
            if is_new:
                found()
            await self._attention.pause(min(self._attention.interval(), EVIDENCE_SECONDS))
