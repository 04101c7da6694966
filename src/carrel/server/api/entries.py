"""Which entrances into workspaces the audit has already, so that a hundred connections a minute are one row."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

AGAIN_SECONDS: Final = 900.0
"""After this time the same person coming in the same way is a row again."""
MOST_KNOWN: Final = 20_000

Entry = tuple[str, str, str]
"""The token's id, the workspace's id, and how."""


class Entries:
    """What was written a short time ago; bounded, in memory: another server writes a row of its own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing was written."""
        self._clock = clock
        self._written: dict[Entry, float] = {}

    def is_due(self, entry: Entry) -> bool:
        """Whether it is to be written; then it counts as written."""
        now = self._clock()
        if now - self._written.get(entry, -AGAIN_SECONDS) < AGAIN_SECONDS:
            return False
        if len(self._written) >= MOST_KNOWN:
            self._written.clear()
        self._written[entry] = now
        return True
