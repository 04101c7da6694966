"""Named terminals: each lives in a holder, outlives links and the agent, and replays what it printed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from carrel.agent.changes import Changes
from carrel.agent.holding import Holder, Holders, Manner, read_note
from carrel.agent.process import Command
from carrel.agent.user_env import Environment
from carrel.core.agent import TerminalStatus
from carrel.core.problems import Problem

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LIMIT = 64
"""Terminals of one workspace."""


@dataclass(frozen=True)
class Wish:
    """A terminal to be made."""

    name: str
    command: str = ""
    """A shell line; empty: the user's shell."""
    cols: int = 80
    rows: int = 24
    cwd: str = ""
    term: str = "xterm-256color"


class Terminals:
    """All named terminals of the workspace."""

    def __init__(self, holders: Holders, environment: Callable[[], Awaitable[Environment]], changes: Changes) -> None:
        """Keep terminals in `holders`."""
        self._holders = holders
        self._environment = environment
        self._changes = changes
        self._making = asyncio.Lock()
        self._watches: dict[str, asyncio.Task[None]] = {}

    async def adopt(self) -> None:
        """Find the terminals that outlived an earlier agent; forget the dead."""
        for holder in self._holders.all():
            if not await holder.is_alive():
                holder.remove()
            elif holder.exit() is None:
                self._watch(holder)

    def names(self) -> tuple[str, ...]:
        """The living terminals."""
        return tuple(sorted(self._watches))

    async def create(self, wish: Wish) -> tuple[Holder, bool]:
        """Find or make the terminal; whether it was made.

        Raises:
            Problem: `bad_name`, `over_quota`, or `bad_value` when its command cannot be executed.
        """
        if not NAME.fullmatch(wish.name):
            raise Problem(
                "bad_name",
                f"{wish.name!r} names no terminal.",
                "Use letters, digits, dots, hyphens and underscores, 64 at most.",
            )
        environment = await self._environment()
        async with self._making:
            holder = self._holders.get(wish.name)
            if await holder.is_alive():
                if holder.exit() is None:
                    return holder, False
                await holder.terminate(0)  # it only waits for viewers that vanished before its end
            if len(self._watches) >= LIMIT:
                raise Problem("over_quota", f"The workspace has {LIMIT} terminals already.", "Close some.")
            try:
                holder = await self._make(wish, environment)
            except OSError as error:
                raise Problem("bad_value", f"The terminal cannot be started: {error}.") from error
        self._watch(holder)
        return holder, True

    async def find(self, name: str) -> Holder:
        """A terminal that lives, or has ended with viewers that are still owed something. Raises Problem `not_found`."""
        if NAME.fullmatch(name):
            holder = self._holders.get(name)
            if await holder.is_alive():
                return holder
        raise Problem(
            "not_found", f"There is no terminal {name[:64]!r}.", "`carrel attach --list` shows which there are."
        )

    async def _make(self, wish: Wish, environment: Environment) -> Holder:
        shell = environment.shell()
        argv, login_name = ((shell, "-c", wish.command), "") if wish.command else environment.terminal()
        env = environment.variables({"COLORTERM": "truecolor", "CARREL_TERMINAL": wish.name}) | {"TERM": wish.term}
        command = Command(argv, env, wish.cwd or environment.folder, environment.user, login_name)
        note = {"command": wish.command or shell, "created": datetime.now(UTC).isoformat()}
        return await self._holders.start(
            wish.name, command, Manner(terminal=True, cols=wish.cols, rows=wish.rows), note
        )

    def _watch(self, holder: Holder) -> None:
        async def until_it_ends() -> None:
            await holder.ended()
            self._watches.pop(holder.name, None)
            self._changes.note()

        self._watches[holder.name] = asyncio.create_task(until_it_ends())
        self._changes.note()

    async def status(self, name: str) -> TerminalStatus | None:
        """What is known of a living terminal."""
        holder = self._holders.get(name)
        facts, note = await holder.facts(), read_note(holder)
        if facts is None or not note:
            return None
        created = datetime.fromisoformat(note["created"])
        return TerminalStatus(
            name,
            note["command"],
            created,
            facts["attached"],
            facts["cols"],
            facts["rows"],
            facts["title"],
            facts["running"],
        )

    async def list(self) -> tuple[TerminalStatus, ...]:
        """All living terminals, by name."""
        found = await asyncio.gather(*(self.status(name) for name in self.names()))
        return tuple(status for status in found if status is not None)

    async def close(self, name: str) -> None:
        """End a terminal and what runs in it. Raises Problem `not_found`."""
        if name not in self._watches:
            raise Problem("not_found", f"There is no terminal {name!r}.")
        await self._holders.get(name).terminate()
