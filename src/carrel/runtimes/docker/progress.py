"""A program's output as lines of a log, in which long work is seen to move."""

from __future__ import annotations

import time
from collections.abc import Callable

from carrel.runtimes.contract import Log
from carrel.runtimes.docker.multiplex import Lines, clean

_EVERY_SECONDS = 2.0


class ProgressLog:
    """Writes whole lines, and now and then the state of a line that a program keeps overwriting."""

    def __init__(self, log: Log, clock: Callable[[], float] = time.monotonic) -> None:
        """Write to `log`."""
        self._log = log
        self._clock = clock
        self._lines = Lines()
        self._said_at = clock()

    def feed(self, chunk: bytes) -> None:
        """The next bytes."""
        lines = self._lines.feed(chunk)
        now = self._clock()
        if not lines and b"\r" in chunk and now - self._said_at >= _EVERY_SECONDS:
            lines = [clean(chunk.rstrip(b"\r").rsplit(b"\r", 1)[-1])]
        for line in lines:
            self._log(line)
            self._said_at = now

    def end(self) -> None:
        """No more comes."""
        for line in self._lines.end():
            self._log(line)
