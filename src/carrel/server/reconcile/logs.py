"""Log streams of steps: lines are gathered for a moment and stored in batches."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable

from carrel.runtimes.contract import Log

FLUSH_SECONDS = 0.25
Store = Callable[[str, str, str], Awaitable[None]]
"""workspace id, stream, text."""


class LogSink:
    """The log streams of one workspace while its steps run."""

    def __init__(self, workspace: str, store: Store) -> None:
        """Gather lines for `workspace` and hand them to `store`."""
        self._workspace = workspace
        self._store = store
        self._lines: defaultdict[str, list[str]] = defaultdict(list)
        self._flusher: asyncio.Task[None] | None = None
        self._storing = asyncio.Lock()
        self.last_line_at = time.monotonic()

    def stream(self, name: str) -> Log:
        """A function that takes lines for the stream `name`."""

        def log(line: str) -> None:
            self.last_line_at = time.monotonic()
            self._lines[name].append(line)
            if self._flusher is None or self._flusher.done():
                self._flusher = asyncio.get_running_loop().create_task(self._flush_later())

        return log

    async def _flush_later(self) -> None:
        await asyncio.sleep(FLUSH_SECONDS)
        await asyncio.shield(self.flush())  # what was taken is stored, also where nothing more is gathered

    async def flush(self) -> None:
        """Store what was gathered; all of it is stored when this returns."""
        async with self._storing:
            taken, self._lines = self._lines, defaultdict(list)
            for stream, lines in taken.items():
                await self._store(self._workspace, stream, "".join(f"{line}\n" for line in lines))

    async def close(self) -> None:
        """Store the rest and stop gathering."""
        if self._flusher is not None:
            self._flusher.cancel()
            await asyncio.gather(self._flusher, return_exceptions=True)
        await self.flush()
