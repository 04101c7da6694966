"""Who is attached to the workspace with a terminal or the editor: `postAttachCommand` runs when somebody comes (C392)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

GRACE_SECONDS = 30.0
"""Who comes back so soon was never gone: a page that is loaded again, a connection that was lost."""


class Attachments:
    """Counts those who are attached."""

    def __init__(self, came: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        """Nobody is attached; `came` is called when the first one comes."""
        self._came = came
        self._clock = clock
        self._count = 0
        self._left: float | None = None

    @contextmanager
    def attached(self) -> Iterator[None]:
        """For as long as the block lasts."""
        self.come()
        try:
            yield
        finally:
            self.leave()

    def come(self) -> None:
        """One more."""
        is_back = self._left is not None and self._clock() - self._left < GRACE_SECONDS
        self._count += 1
        if self._count == 1 and not is_back:
            self._came()

    def leave(self) -> None:
        """One less."""
        self._count -= 1
        self._left = self._clock()
