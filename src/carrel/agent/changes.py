"""Waking those who wait for a change of state."""

from __future__ import annotations

import asyncio


class Changes:
    """A counter that can be waited for; a change carries no data, whoever wakes looks for himself."""

    def __init__(self) -> None:
        """Nothing has changed yet."""
        self.count = 0
        self._event = asyncio.Event()

    def note(self) -> None:
        """Something changed."""
        self.count += 1
        self._event.set()
        self._event = asyncio.Event()

    async def after(self, count: int) -> int:
        """Wait until the counter is past `count`; its value then."""
        while self.count <= count:
            await self._event.wait()
        return self.count
