"""Images before there is a workspace of them. A build belongs to nobody who waits for it: whoever asks for the same one joins.

Nothing is stored: the tag says what is in an image, so a build that ended with its server is done again when it is asked for,
from the layers that the engine kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Self

import structlog

from carrel.core.problems import Problem, too_many_requests
from carrel.core.records import dump
from carrel.core.workspace import Workspace, new_id
from carrel.definition.image_build import ImageMade, pushed_name
from carrel.runtimes.contract import Runtime
from carrel.server.reconcile.environments import Environments

log = structlog.get_logger(__name__)
AT_ONCE = 2
OF_ONE_USER = 4
"""Under way at a time, waiting ones included."""
WAIT_SECONDS = 30.0
"""After which it is worth asking again where so many are."""
LIMIT_SECONDS = 3600.0
MOST_LINES = 20_000
"""Kept of one log; then the older ones are given up."""
MOST_CHARACTERS = 2000
"""Of one line."""
HINT = "Correct what the detail names in `container_image`, and ask again; what was built before it is not built anew."
KEPT_SECONDS = 86400.0
"""How long an image that was made is kept without a workspace of it."""


class Build:
    """One build, and its log."""

    def __init__(self) -> None:
        """Under way."""
        self._lines: list[str] = []
        self._given_up = 0
        self._news = asyncio.Event()
        self._outcome: ImageMade | Problem | None = None

    def say(self, line: str) -> None:
        """One more line."""
        self._lines.append(line[:MOST_CHARACTERS])
        if len(self._lines) > MOST_LINES:
            half = MOST_LINES // 2
            self._given_up += half
            del self._lines[:half]
        self._wake()

    def is_over(self) -> bool:
        """Whether there is nothing more to come."""
        return self._outcome is not None

    def end(self, outcome: ImageMade | Problem) -> None:
        """It is over."""
        self._outcome = outcome
        self._wake()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def follow(self, patience: float) -> AsyncIterator[str]:
        """Lines from the first on, until it is over; an empty one after every `patience` seconds of silence."""
        at = 0
        while True:
            news = self._news
            if at < self._given_up:
                yield f"... {self._given_up - at} lines are left out"
                at = self._given_up
            for line in self._lines[at - self._given_up :]:
                at += 1
                yield line or " "
            if news is not self._news:
                continue
            if self._outcome is not None:
                return
            try:
                async with asyncio.timeout(patience):
                    await news.wait()
            except TimeoutError:
                yield ""

    def result(self) -> ImageMade:
        """What it came to. Raises the problem that ended it."""
        if self._outcome is None:
            raise Problem("unavailable", "The build is not over.")
        if isinstance(self._outcome, Problem):
            raise self._outcome
        return self._outcome


@dataclass
class ImageBuilds:
    """The builds that are under way."""

    environments: Environments
    runtime: Runtime
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _under_way: dict[str, tuple[str, Build, asyncio.Task[None]]] = field(default_factory=dict)
    """Key of what is wanted -> owner, build, task."""
    _made: dict[str, float] = field(default_factory=dict)
    """Image -> until when it is kept."""

    def begin(self, wanted: Workspace) -> Build:
        """The build of what `wanted.definition` says; one that is under way is joined. `wanted` is stored nowhere.

        Raises:
            Problem: `too_many_requests`.
        """
        key = _key(wanted)
        if key in self._under_way and not self._under_way[key][1].is_over():
            return self._under_way[key][1]
        if Counter(owner for owner, _, _ in self._under_way.values())[wanted.owner_id] >= OF_ONE_USER:
            raise too_many_requests(f"{OF_ONE_USER} images are being built for you already.", WAIT_SECONDS)
        build = Build()
        task = asyncio.create_task(self._run(replace(wanted, id=new_id()), build))
        self._under_way[key] = (wanted.owner_id, build, task)
        task.add_done_callback(lambda _: self._over(key, build))
        return build

    def _over(self, key: str, build: Build) -> None:
        if key in self._under_way and self._under_way[key][1] is build:
            del self._under_way[key]
        if not build.is_over():  # ended before it began
            build.end(Problem("unavailable", "The server ended before the image was built.", "Ask again."))

    def kept(self) -> frozenset[str]:
        """Images that were made lately, and those of Carrel's own: no collection takes them away."""
        now = time.monotonic()
        self._made = {image: until for image, until in self._made.items() if until > now}
        return frozenset(self._made) | self.environments.own_images.names()

    async def __aenter__(self) -> Self:
        """Nothing is under way yet."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """End what is under way: the engine drops a build whose client is gone."""
        tasks = [task for _, _, task in self._under_way.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, wanted: Workspace, build: Build) -> None:
        try:
            build.end(await self._made_within_limit(wanted, build))
        except Problem as problem:
            build.end(problem)
        except asyncio.CancelledError:
            build.end(Problem("unavailable", "The server ended while the image was being built.", "Ask again."))
            raise
        except Exception:
            log.exception("image_build_failed", user=wanted.owner_id)
            build.end(Problem("internal", "The build ended in a way that nobody foresaw."))

    async def _made_within_limit(self, wanted: Workspace, build: Build) -> ImageMade:
        if self.places.locked():
            build.say("Waiting for other builds to end.")
        async with self.places:
            try:
                async with asyncio.timeout(LIMIT_SECONDS):
                    return await self._make(wanted, build)
            except TimeoutError as error:
                detail = f"The image was not made within {LIMIT_SECONDS / 60:.0f} minutes."
                raise Problem("no_progress", detail, "Make it do less, or in two images one upon the other.") from error

    async def _make(self, wanted: Workspace, build: Build) -> ImageMade:
        try:
            made = await self.environments.make_image(wanted, self.runtime, build.say)
        except Problem as problem:
            if problem.kind != "build_failed":
                raise
            raise Problem(problem.kind, problem.detail, HINT, problem.extra) from problem
        self._made[made.image] = time.monotonic() + KEPT_SECONDS
        spec = wanted.definition.image_spec if wanted.definition is not None else None
        name = pushed_name(spec, made.image) if spec is not None else ""
        if not name:
            return made
        build.say(f"Pushing {name}")
        credentials = await self.environments.credentials.registries(wanted)
        try:
            await self.runtime.push_image(made.image, name, credentials, build.say)
        except Problem as problem:
            detail = f"The image {made.image} is made, but {name} could not be pushed. {problem.detail}"
            raise Problem(problem.kind, detail, problem.hint, problem.extra) from problem
        return replace(made, pushed=name)


def _key(wanted: Workspace) -> str:
    text = json.dumps([wanted.project, dump(wanted.definition)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
