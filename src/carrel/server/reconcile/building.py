"""Makes the images of an environment: from the engine, from the build cache, or by building."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.spec import BuildStep, Source, WorkspaceRef
from carrel.runtimes.build_cache import BuildCache
from carrel.runtimes.contract import BuildJob, Log, Runtime

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Built:
    """What making images came to."""

    built: bool = False
    """Anything was built."""
    fetched: bool = False
    """Anything came from the build cache."""
    trouble: str = ""
    """Why the build cache could not be used."""


@dataclass(frozen=True)
class Building:
    """For whom, where, and with what."""

    ref: WorkspaceRef
    source: Source
    runtime: Runtime
    credentials: Mapping[str, tuple[str, Secret]]
    cache: BuildCache | None
    told: Callable[[Problem], Awaitable[None]]
    """Takes what goes wrong with a push, which may be later."""


async def make_images(building: Building, steps: Sequence[BuildStep], say: Log, *, force: bool) -> Built:
    """Have the image of every step here; with `force` all are built anew, and take their places in the cache.

    Raises:
        Problem: `build_failed`, `no_space`; never because of the cache.
    """
    built: list[str] = []
    fetched, trouble = False, ""
    for step in steps:
        if not force and await building.runtime.inspect_image(step.tag) is not None:
            continue
        if not force and building.cache is not None:
            try:
                if await building.cache.fetch(step.tag, say):
                    fetched = True
                    continue
            except Problem as problem:
                trouble = str(problem)
                say(f"The build cache cannot be used: {problem}")
        say(f"Building: {step.title or step.tag}")
        job = BuildJob(building.ref, step, building.source, building.credentials, force=force)
        await building.runtime.build_image(job, say)
        built.append(step.tag)
    if building.cache is not None:
        building.cache.store_soon(built, _quiet, building.told)
    return Built(bool(built), fetched, trouble)


def _quiet(line: str) -> None:
    """The log of a push: the workspace's own is closed by then."""
    log.debug("build_cache", line=line)
