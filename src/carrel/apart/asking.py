"""The first question to the server, asked until it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog

from carrel.core.problems import Problem

AGAIN_SECONDS: Final = 1.0

T = TypeVar("T")
log = structlog.get_logger(__name__)


async def until_answered(ask: Callable[[], Awaitable[T]]) -> T:
    """What the server answers; a server that is not there yet is waited for.

    Raises:
        Problem: the server answers, and refuses.
    """
    told = False
    while True:
        try:
            return await ask()
        except Problem as problem:
            if problem.kind != "unavailable":
                raise
            if not told:
                log.warning("waiting_for_the_server", detail=problem.detail)
            told = True
        await asyncio.sleep(AGAIN_SECONDS)
