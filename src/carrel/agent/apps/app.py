"""One app: started in a holder, watched until it answers, restarted with back-off when it ends."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from carrel.agent.apps.health import answers, free_port
from carrel.agent.capped_log import read_log
from carrel.agent.changes import Changes
from carrel.agent.holding import Exit, Holder, Holders, Manner, read_note
from carrel.agent.process import Command
from carrel.agent.user_env import Environment, system_shell
from carrel.core.agent import App, AppStatus, CommandLine, Progress
from carrel.core.problems import Problem
from carrel.core.records import dump

log = logging.getLogger("carrel.agent")

LOG_PREFIX = "app/"
POLL_SECONDS = 0.03
"""Between health probes of an app that starts; grows to POLL_MOST."""
POLL_MOST = 0.5
TAIL_BYTES = 600
TOLD = "carrel: "
TOLD_BYTES = 16384
PROMPT_SECONDS = 2.0
"""Who opens an app that tells how far it is learns that after this time; others wait for the answer."""
HOOKS_PAUSE_MOST = 15.0
"""Between starts of an app whose program a hook may be about to install."""


@dataclass(frozen=True)
class Endurance:
    """When to give an app up."""

    start_seconds: float = 120.0
    """How long it may take until it answers."""
    attempts: int = 5
    """Starts in a row that fail."""
    first_pause: float = 0.25
    """Seconds before the second start; doubled each time."""
    steady_seconds: float = 60.0
    """An app that answered for this long has failed afresh."""


@dataclass(frozen=True)
class Telling:
    """An app that may take long, and says how far it is: lines of its log that begin with TOLD."""

    start_seconds: float
    """How long it may take until it answers."""
    given_up: frozenset[int] = frozenset()
    """Exit codes after which it is not started again by itself."""


@dataclass(frozen=True)
class Recipe:
    """How an app is started on a port."""

    command: CommandLine
    env: Mapping[str, str]
    telling: Telling | None = None

    def on(self, port: int, environment: Environment) -> Command:
        """The process on `port`; `{port}` in command and environment is replaced."""
        if isinstance(self.command, str):
            argv: tuple[str, ...] = (system_shell(), "-c", self.command.replace("{port}", str(port)))
        else:
            argv = tuple(word.replace("{port}", str(port)) for word in self.command)
        caller = {name: value.replace("{port}", str(port)) for name, value in self.env.items()}
        return environment.command(*argv, caller=caller)

    def digest(self) -> str:
        """Tells whether a running process was started by this recipe."""
        return hashlib.sha256(json.dumps([dump(self.command), dump(self.env)]).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Surroundings:
    """What all apps have in common."""

    holders: Holders
    changes: Changes
    endurance: Endurance = Endurance()
    hooks_run: Callable[[], bool] = lambda: False
    """Whether hooks may still install what an app needs."""


class RunningApp:
    """The life of one app."""

    def __init__(self, app: App, recipe: Recipe | None, surroundings: Surroundings) -> None:
        """Nothing runs yet. `recipe` None: there is nothing to start, only a port."""
        self.app = app
        self.recipe = recipe
        self._holders = surroundings.holders
        self._changes = surroundings.changes
        self._endurance = surroundings.endurance
        self._hooks_run = surroundings.hooks_run
        self._state = Progress.PENDING
        self._port = app.port
        self._restarts = 0
        self._detail = ""
        self._began: datetime | None = None
        self._answered: datetime | None = None
        self._life: asyncio.Task[None] | None = None
        self._environment: Environment | None = None

    @property
    def holder(self) -> Holder:
        """The app's holder, which need not live."""
        return self._holders.get(self.app.name)

    def status(self) -> AppStatus:
        """State of the app."""
        log_name = LOG_PREFIX + self.app.name if self.recipe else ""
        return AppStatus(
            self.app.name,
            self._state,
            self._port,
            log_name,
            self._restarts,
            self._detail,
            self._began,
            self._answered,
        )

    def is_wanted(self) -> bool:
        """Whether it was started and not stopped since."""
        return self._life is not None

    async def started(self, environment: Environment, wait_seconds: float = math.inf) -> AppStatus:
        """Start it unless it runs, and wait until it answers.

        Args:
            environment: what it gets.
            wait_seconds: after which the status says how far it is, in place of that it answers.

        Raises:
            Problem: `app_failed`, with what it printed last.
        """
        if self.recipe is None:
            is_there = await answers(self._port, "")
            self._set(
                Progress.DONE if is_there else Progress.PENDING,
                "" if is_there else f"Nothing listens on port {self._port}.",
            )
            if not is_there:
                raise Problem("app_failed", self._detail)
            return self.status()
        self.start(environment)
        if self.recipe.telling is not None:
            wait_seconds = min(wait_seconds, PROMPT_SECONDS)
        with suppress(TimeoutError):
            async with asyncio.timeout(None if math.isinf(wait_seconds) else wait_seconds):
                await self._decided()
        if self._state is Progress.FAILED:
            raise Problem("app_failed", self._detail)
        return self.status()

    async def _decided(self) -> None:
        count = self._changes.count
        while self._state not in {Progress.DONE, Progress.FAILED}:
            count = await self._changes.after(count)
            if self._life is None:
                raise Problem("app_failed", f"{self.app.name} was stopped while it started.")

    def start(self, environment: Environment) -> None:
        """Start it unless it runs or is about to."""
        if self.recipe is None or (self._life is not None and not self._life.done()):
            return
        self._set(Progress.RUNNING, "")
        self._environment = environment
        self._life = asyncio.create_task(self._live(self.recipe))

    def take_environment(self, environment: Environment) -> None:
        """Its process has this environment when it is started the next time."""
        self._environment = environment

    async def stop(self) -> None:
        """End it."""
        life, self._life = self._life, None
        if life is not None:
            life.cancel()
        await self.holder.terminate()
        self._set(Progress.PENDING, "")

    async def adopt(self, environment: Environment) -> None:
        """Take over a process that an earlier agent started by the same recipe; end one of another recipe."""
        if self.recipe is None or not await self.holder.is_alive() or self.holder.exit() is not None:
            return
        if read_note(self.holder).get("recipe") == self.recipe.digest():
            self.start(environment)
        else:
            await self.holder.terminate()

    async def _live(self, recipe: Recipe) -> None:
        failures = 0
        loop = asyncio.get_running_loop()
        while True:
            try:
                assert self._environment is not None  # noqa: S101  start() sets it
                failure = await self._come_up(recipe, self._environment)
            except OSError as error:
                if self._hooks_run():
                    await self._wait_for_hooks(f"cannot be executed ({error.strerror})")
                    continue
                self._set(Progress.FAILED, f"{self.app.name} cannot be executed: {error.strerror}.")
                return
            if not failure:
                if self._began is not None:
                    self._answered = self._answered or datetime.now(UTC)
                self._set(Progress.DONE, "")
                began = loop.time()
                ended = await self.holder.ended()
                failure = _cause(ended)
                if loop.time() - began >= self._endurance.steady_seconds:
                    failures = 0
            elif self._has_given_up():
                self._set(Progress.FAILED, self._told() or f"{self.app.name} {failure}.")
                return
            elif self._hooks_run():
                await self._wait_for_hooks(failure)
                continue
            failures += 1
            log.warning("app_ended name=%s failures=%d cause=%s", self.app.name, failures, failure)
            if failures >= self._endurance.attempts:
                self._set(
                    Progress.FAILED,
                    f"{self.app.name} {failure}, {failures} times in a row. {self._last_words()}".strip(),
                )
                return
            self._restarts += 1
            self._set(Progress.RUNNING, f"{self.app.name} {failure}; it is started again.")
            await asyncio.sleep(self._endurance.first_pause * 2 ** (failures - 1))

    def _has_given_up(self) -> bool:
        ended = self.holder.exit()
        telling = self.recipe.telling if self.recipe is not None else None
        return telling is not None and ended is not None and ended.code in telling.given_up

    async def _wait_for_hooks(self, failure: str) -> None:
        """A hook may be about to install what the app needs: no failure counts before all of them have ended."""
        self._set(Progress.RUNNING, f"{self.app.name} {failure}; it is started again while and after the hooks run.")
        with suppress(TimeoutError):
            async with asyncio.timeout(HOOKS_PAUSE_MOST):
                count = self._changes.count
                while self._hooks_run():
                    count = await self._changes.after(count)

    async def _come_up(self, recipe: Recipe, environment: Environment) -> str:
        """Start it, or find it running, and wait until it answers; why it did not, or nothing. Raises OSError."""
        holder = self.holder
        note = read_note(holder)
        if note.get("recipe") == recipe.digest() and holder.exit() is None and await holder.is_alive():
            self._port = int(note["port"])
        else:
            self._port = self.app.port or free_port()
            self._began = self._began or datetime.now(UTC)
            note = {"port": self._port, "recipe": recipe.digest()}
            manner = Manner(masked=environment.masked)
            await self._holders.start(self.app.name, recipe.on(self._port, environment), manner, note)
        ending = asyncio.create_task(holder.ended())
        seconds = recipe.telling.start_seconds if recipe.telling is not None else self._endurance.start_seconds
        try:
            async with asyncio.timeout(seconds):
                return await self._wait_for_answer(ending)
        except TimeoutError:
            await holder.terminate()
            return f"did not answer on port {self._port} within {seconds:g} s"
        finally:
            ending.cancel()

    async def _wait_for_answer(self, ending: asyncio.Task[Exit | None]) -> str:
        pause = POLL_SECONDS
        while not ending.done():
            if await answers(self._port, self.app.health):
                return ""
            await asyncio.wait([ending], timeout=pause)
            pause = min(POLL_MOST, pause * 1.2)
            if self.recipe is not None and self.recipe.telling is not None:
                self._set(Progress.RUNNING, self._told() or self._detail)
        return _cause(ending.result())

    def _last_words(self) -> str:
        text = _printable(" / ".join(self._tail(TAIL_BYTES)[-3:]))
        return f"It printed last: {text}" if text else ""

    def _told(self) -> str:
        """The last line that is for people."""
        told = [line.removeprefix(TOLD) for line in self._tail(TOLD_BYTES) if line.startswith(TOLD)]
        return _printable(told[-1]) if told else ""

    def _tail(self, size: int) -> list[str]:
        try:
            data, _, _ = read_log(self.holder.log, -size, size)
        except (OSError, ValueError):
            return []
        return data.decode("utf-8", "replace").strip().splitlines()

    def _set(self, state: Progress, detail: str) -> None:
        if (state, detail) != (self._state, self._detail):
            self._state, self._detail = state, detail
            self._changes.note()


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())


def _cause(ended: Exit | None) -> str:
    if ended is None:
        return "was killed from outside"
    return f"ended with exit code {ended.code}" if ended.code >= 0 else f"was killed by signal {-ended.code}"
