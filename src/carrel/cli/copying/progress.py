"""How far a copy is, in one line of the terminal."""

from __future__ import annotations

import sys
import time

from carrel.cli.quantities import format_size
from carrel.transfer.pack import Sink
from carrel.transfer.tar_members import Source

STEP_SECONDS = 0.1


class Progress:
    """Shows bytes and speed on standard error, where that is a terminal."""

    def __init__(self, title: str, *, shown: bool) -> None:
        self._title = title
        self._is_shown = shown and sys.stderr.isatty()
        self._began = time.monotonic()
        self._told = 0.0
        self.bytes = 0
        self.total: int | None = None

    def add(self, size: int) -> None:
        """So many bytes went by."""
        self.bytes += size
        if not self._is_shown:
            return
        now = time.monotonic()
        if now - self._told >= STEP_SECONDS:
            self._told = now
            speed = self.bytes / max(now - self._began, 0.001)
            of = f" of {format_size(self.total)}, {min(self.bytes * 100 // self.total, 100)}%" if self.total else ""
            print(
                f"\r\x1b[K{self._title}  {format_size(self.bytes)}{of}  {format_size(int(speed))}/s",
                end="",
                file=sys.stderr,
                flush=True,
            )

    def end(self) -> None:
        """Leave an empty line."""
        if self._is_shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


class CountedSink:
    """A sink that is counted."""

    def __init__(self, sink: Sink, progress: Progress) -> None:
        self._sink = sink
        self._progress = progress

    def write(self, data: bytes) -> None:
        """Pass on."""
        self._sink.write(data)
        self._progress.add(len(data))


class CountedSource:
    """A source that is counted."""

    def __init__(self, source: Source, progress: Progress) -> None:
        self._source = source
        self._progress = progress

    def read(self, size: int) -> bytes:
        """Pass on."""
        data = self._source.read(size)
        self._progress.add(len(data))
        return data
