"""Once an hour: images and toolboxes that no workspace refers to are removed from the runtime."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from carrel.core.problems import Problem
from carrel.core.records import load
from carrel.devcontainer import EnvironmentPlan
from carrel.runtimes.contract import Runtime
from carrel.server.store import environments, workspaces
from carrel.server.store.engine import Store

log = structlog.get_logger(__name__)
EVERY_SECONDS = 3600.0


async def in_use(store: Store) -> tuple[frozenset[str], frozenset[str]]:
    """Images and toolboxes that some workspace refers to, those in the trash included."""
    async with store.reading() as session:
        plans = [load(EnvironmentPlan, row.plan) for row in await environments.all_in_use(session)]
        toolboxes = await workspaces.toolboxes_in_use(session)
    return frozenset(image for plan in plans for image in (*plan.build.images(), plan.image)), toolboxes


async def collect(store: Store, runtime: Runtime, kept: frozenset[str] = frozenset()) -> list[str]:
    """Remove what nothing refers to, but for the images in `kept`; returns names."""
    images, toolboxes = await in_use(store)
    removed = list(await runtime.collect(images | kept, toolboxes))
    if removed:
        log.info("collected", names=removed)
    return removed


async def keep_collecting(store: Store, runtime: Runtime, kept: Callable[[], frozenset[str]] = frozenset) -> None:
    """For as long as the server lives; `kept` says which images stay although no workspace refers to them."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await collect(store, runtime, kept())
        except Problem as problem:
            log.warning("collection_failed", kind=problem.kind, detail=problem.detail)
