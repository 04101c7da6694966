"""Now and then: how much disk each workspace's volumes have, for the limits and for people to see (ADR 0035)."""

from __future__ import annotations

import asyncio
import time

import structlog

from carrel.core.problems import Problem
from carrel.runtimes.contract import Runtime
from carrel.server.store import quota
from carrel.server.store.engine import Store

log = structlog.get_logger(__name__)
FIRST_SECONDS = 60.0
"""After the start of a server, which has better to do."""
SHARE = 20
"""A measurement that takes a minute is made every 20 minutes at most: an engine looks at every file for it."""


async def measure(store: Store, runtime: Runtime) -> float:
    """Ask the runtime, and store what differs; how long the runtime took, in seconds. Raises as the runtime does."""
    began = time.monotonic()
    found = await runtime.disk_usage()
    took = time.monotonic() - began
    async with store.writing() as session:
        await quota.set_disk(session, found)
    return took


async def keep_measuring(store: Store, runtime: Runtime, every_seconds: float) -> None:
    """For as long as the server lives; 0: never."""
    if not every_seconds:
        return
    pause = min(FIRST_SECONDS, every_seconds)
    while True:
        await asyncio.sleep(pause)
        took = 0.0
        try:
            took = await measure(store, runtime)
        except Problem as problem:
            log.warning("disk_not_measured", kind=problem.kind, detail=problem.detail)
        pause = max(every_seconds, took * SHARE)
