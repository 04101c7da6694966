"""A registry as the cache of builds: what one engine built, another one pulls in the place of building.

An image's tag is a hash of all that goes in, so the name in the registry says all: what is there under it is right. The cache is
a help and never a condition: whatever goes wrong with it is told, and the image is built.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.runtimes.contract import Log, Runtime

LOCAL = "carrel-env/"
"""How the names of built images begin; the rest is `<project>:<hash>`."""
REST_SECONDS = 60.0
"""How long a registry that could not be used is left alone."""


class BuildCache:
    """The cache of one runtime; without a prefix it has nothing and keeps nothing."""

    def __init__(
        self, runtime: Runtime, prefix: str, credentials: Mapping[str, tuple[str, Secret]] | None = None
    ) -> None:
        """Keep images below `prefix`, a registry and the beginning of a repository's name."""
        self._runtime = runtime
        self._prefix = prefix.strip().rstrip("/")
        self._credentials = credentials or {}
        self._rest_until = 0.0
        self._pushing: set[asyncio.Task[None]] = set()

    def name(self, tag: str) -> str:
        """The image's name in the registry; empty: it is not kept there."""
        return f"{self._prefix}/{tag.removeprefix(LOCAL)}" if self._prefix and tag.startswith(LOCAL) else ""

    async def fetch(self, tag: str, log: Log) -> bool:
        """Have the image `tag` here from the registry; whether it was there.

        Raises:
            Problem: the registry could not be used. Within REST_SECONDS it is not asked again.
        """
        name = self.name(tag)
        if not name or time.monotonic() < self._rest_until:
            return False
        try:
            await self._runtime.adopt_image(name, tag, self._credentials, log)
        except Problem as problem:
            if problem.kind == "image_missing":
                return False
            self._rest_until = time.monotonic() + REST_SECONDS
            raise
        log(f"From the build cache: {name}")
        return True

    async def store(self, tag: str, log: Log) -> None:
        """Push the image `tag`.

        Raises:
            Problem: the registry could not be used.
        """
        if name := self.name(tag):
            await self._runtime.push_image(tag, name, self._credentials, log)
            log(f"In the build cache: {name}")

    def store_soon(self, tags: Sequence[str], log: Log, failed: Callable[[Problem], Awaitable[None]]) -> None:
        """Push images in the background: nobody's start waits for it."""
        if self._prefix and tags:
            task = asyncio.create_task(self._store_all(list(tags), log, failed))
            self._pushing.add(task)
            task.add_done_callback(self._pushing.discard)

    async def _store_all(self, tags: list[str], log: Log, failed: Callable[[Problem], Awaitable[None]]) -> None:
        try:
            for tag in tags:
                await self.store(tag, log)
        except Problem as problem:
            await failed(problem)

    async def settled(self) -> None:
        """Once nothing is being pushed."""
        while self._pushing:
            await asyncio.wait(self._pushing)

    async def close(self) -> None:
        """Give up what is being pushed; the next build pushes it."""
        for task in list(self._pushing):
            task.cancel()
        await self.settled()
