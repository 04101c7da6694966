"""Reading the logs of hooks and apps, with waiting for more."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Any

from carrel.agent.capped_log import read_log
from carrel.core.problems import Problem

LIMIT = 1 << 20
"""Bytes of one answer."""
WAIT_MOST = 60.0
POLL_SECONDS = 0.1


async def read(path: str, offset: int, limit: int, wait_seconds: float) -> dict[str, Any]:
    """A piece of a log, as `log.read` answers it.

    Args:
        path: the log's file.
        offset: where to begin; negative counts from the end.
        limit: most bytes.
        wait_seconds: how long to wait when there is nothing yet.

    Raises:
        Problem: `not_found`.
    """
    limit = max(1, min(limit, LIMIT))
    loop = asyncio.get_running_loop()
    until = loop.time() + min(wait_seconds, WAIT_MOST)
    while True:
        try:
            data, start, total = read_log(path, offset, limit)
        except FileNotFoundError as error:
            if loop.time() >= until:
                raise Problem("not_found", "There is no such log, or nothing was printed yet.") from error
            data, start, total = b"", 0, 0
        except ValueError as error:
            raise Problem("internal", "The log cannot be read.") from error
        if data or loop.time() >= until:
            return {"data": b64encode(data).decode(), "offset": start, "next": start + len(data), "size": total}
        await asyncio.sleep(POLL_SECONDS)
