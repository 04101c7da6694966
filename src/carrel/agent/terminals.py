"""Named terminals: each lives in a holder, outlives links and the agent, and replays what it printed."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from carrel.agent import frames
from carrel.agent.changes import Changes
from carrel.agent.holding import Connection, Holder, Holders, Manner, read_note
from carrel.agent.process import Command
from carrel.agent.session import Channel, Request
from carrel.agent.user_env import Environment
from carrel.core.agent import SignalKind, TerminalStatus
from carrel.core.problems import Problem

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LIMIT = 64
"""Terminals of one workspace."""
FROM_VARIABLE = "CARREL_TERMINAL_FROM"
"""`env` request of a viewer that resumes: the offset of the first byte that it has not seen."""
INPUT_LIMIT = 262144
_QUERIES = re.compile(
    rb"\x1b\[[?>=]?[0-9;]*[cn]"  # device attributes, device status
    rb"|\x1b\[\??[0-9;]*\$p"  # mode requests
    rb"|\x1b\[[0-9;]*t"  # window reports
    rb"|\x1b\[>[0-9;]*q|\x1b\[\?u"  # version, keyboard protocol
    rb"|\x1b\](?:1[0-9]|4;[0-9]+|52;[a-z]*);\?(?:\x07|\x1b\\)"  # colours, clipboard
    rb"|\x1bP[+$]q[^\x1b]*\x1b\\"  # capabilities, settings
    rb"|\x05"
)
"""What makes a terminal emulator answer."""


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
            if await holder.is_alive():
                self._watch(holder)
            else:
                holder.remove()

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
                return holder, False
            if len(self._watches) >= LIMIT:
                raise Problem("over_quota", f"The workspace has {LIMIT} terminals already.", "Close some.")
            try:
                holder = await self._make(wish, environment)
            except OSError as error:
                raise Problem("bad_value", f"The terminal cannot be started: {error}.") from error
        self._watch(holder)
        return holder, True

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
            name, note["command"], created, facts["attached"], facts["cols"], facts["rows"], facts["title"]
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


class TerminalSession:
    """One viewer of a named terminal; a `Work`."""

    def __init__(
        self, request: Request, channel: Channel, terminals: Terminals, note: Callable[[SignalKind, str], None]
    ) -> None:
        """Attach `channel` to the terminal that the subsystem names, making it where it is absent."""
        self._name = request.argument.partition(" ")[2].strip()
        self._request = request
        self._channel = channel
        self._terminals = terminals
        self._note = note
        self._connection: Connection | None = None
        self._early = bytearray()
        self._writable = asyncio.Event()
        self._writable.set()
        self._is_lost = False
        self._draining: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Relay until the terminal or the channel ends."""
        pty = self._request.pty
        cols, rows = (pty.cols, pty.rows) if pty else (80, 24)
        wish = Wish(self._name, cols=cols, rows=rows, term=pty.term if pty else Wish.term)
        try:
            holder, made = await self._terminals.create(wish)
            connection = await holder.connect()
        except (Problem, OSError) as error:
            self._tell({"terminal": self._name, "error": str(error)})
            self._channel.exit(255)
            return
        self._connection = connection
        seen = self._request.env.get(FROM_VARIABLE, "")
        offset = int(seen) if seen.isdecimal() and len(seen) < 16 else -1
        self._send(frames.ATTACH, {"cols": cols, "rows": rows, "from": offset})
        if self._early:
            self.received(bytes(self._early))
            self._channel.resume_reading()
        try:
            await self._relay(connection, made, offset)
        finally:
            await connection.close()

    async def _relay(self, connection: Connection, made: bool, offset: int) -> None:  # noqa: FBT001  told to the viewer
        code: int | None = None
        first = -1
        async for kind, content in connection.frames():
            await self._writable.wait()
            if self._is_lost or self._channel.is_closing():
                return
            if kind == frames.HELLO:
                first = json.loads(content)["offset"]
                self._tell({"terminal": self._name, "offset": first, "created": made})
            elif kind == frames.REPLAY:
                self._channel.write(content if first == offset else without_queries(content))
            elif kind == frames.OUTPUT:
                self._note(SignalKind.OUTPUT, f"terminal {self._name}")
                self._channel.write(content)
            elif kind == frames.EXIT:
                code = json.loads(content)["code"]
        if not self._is_lost:
            # Without an end of the terminal its holder let us go for reading nothing; the viewer attaches anew.
            self._channel.exit(code & 255 if code is not None and code >= 0 else 255 if code is None else 128 - code)

    def _tell(self, message: dict[str, Any]) -> None:
        self._channel.write_stderr(json.dumps(message).encode() + b"\n")

    def _send(self, kind: bytes, message: dict[str, Any]) -> None:
        if self._connection is not None:
            self._connection.send(kind, json.dumps(message).encode())

    def received(self, data: bytes) -> None:
        """Type it."""
        if self._connection is None:
            self._early += data
            self._channel.pause_reading()
            return
        self._note(SignalKind.INPUT, f"terminal {self._name}")
        self._connection.send(frames.INPUT, data)
        if self._connection.waiting() > INPUT_LIMIT and self._draining is None:
            self._channel.pause_reading()
            self._draining = asyncio.get_running_loop().create_task(self._drain(self._connection))

    async def _drain(self, connection: Connection) -> None:
        try:
            await connection.drained()
        except OSError:
            return
        finally:
            self._draining = None
        self._channel.resume_reading()

    def ended_input(self) -> None:
        """A viewer may look on."""

    def resized(self, cols: int, rows: int) -> None:
        """Resize the terminal; the last one to do so decides."""
        self._send(frames.RESIZE, {"cols": cols, "rows": rows})

    def signalled(self, _name: str) -> None:
        """Keys do that in a terminal."""

    def paused(self) -> None:
        """Read no more from the holder."""
        self._writable.clear()

    def resumed(self) -> None:
        """Read on."""
        self._writable.set()

    def lost(self) -> None:
        """Detach; the terminal lives on."""
        self._is_lost = True
        self._writable.set()
        if self._connection is not None:
            self._connection.abort()


def without_queries(output: bytes) -> bytes:
    """Output to be replayed, with the sequences that an emulator would answer replaced by as many NULs.

    Their answers were typed long ago; given again, they would appear at the prompt as garbage.
    """
    return _QUERIES.sub(lambda found: b"\0" * len(found[0]), output)
