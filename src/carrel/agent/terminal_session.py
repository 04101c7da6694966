"""One viewer of a named terminal on an SSH channel (docs/reference/agent-protocol.md, ADR 0018)."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from carrel.agent import frames
from carrel.agent.holding import Connection, Holder
from carrel.agent.session import Channel, Request
from carrel.agent.terminals import Terminals, Wish
from carrel.core.agent import SignalKind
from carrel.core.problems import Problem
from carrel.core.terminal import FROM_VARIABLE, KEEP_VARIABLE, READ_ONLY_VARIABLE, VIEWER_PATTERN, VIEWER_VARIABLE

INPUT_LIMIT = 262144
RESUME_SECONDS = 600
"""How long the place of a viewer that vanished is kept where the server says nothing."""
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
class Wanted:
    """How somebody wants to look on."""

    viewer: str = ""
    """Its id; empty: it has no number, and cannot resume its input."""
    offset: int = -1
    """First byte of output that it has not seen; negative: it comes for the first time."""
    is_read_only: bool = False
    keep_seconds: int = RESUME_SECONDS
    """How long its place is kept when it vanishes."""

    @classmethod
    def of(cls, request: Request) -> Wanted:
        """What the variables of the request say; what is malformed is not said."""
        viewer = request.env.get(VIEWER_VARIABLE, "")
        return cls(
            viewer if re.fullmatch(VIEWER_PATTERN, viewer) else "",
            _number(request.env.get(FROM_VARIABLE, ""), -1),
            request.env.get(READ_ONLY_VARIABLE, "") not in {"", "0"},
            _number(request.env.get(KEEP_VARIABLE, ""), RESUME_SECONDS),
        )


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else default


class TerminalSession:
    """One viewer of a named terminal; a `Work`."""

    def __init__(
        self, request: Request, channel: Channel, terminals: Terminals, note: Callable[[SignalKind, str], None]
    ) -> None:
        """Attach `channel` to the terminal that the subsystem names, making it where it is absent and may be made."""
        self._name = request.argument.partition(" ")[2].strip()
        self._request = request
        self._channel = channel
        self._terminals = terminals
        self._note = note
        self._wanted = Wanted.of(request)
        self._connection: Connection | None = None
        self._early = bytearray()
        self._unfinished = bytearray()
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
            holder, made = await self._reach(wish)
            connection = await holder.connect()
        except (Problem, OSError) as error:
            self._refuse(error)
            return
        self._connection = connection
        attach: dict[str, Any] = {"cols": cols, "rows": rows, "from": self._wanted.offset}
        attach |= {"read_only": self._wanted.is_read_only}
        if self._wanted.viewer:
            attach |= {"viewer": self._wanted.viewer, "keep": self._wanted.keep_seconds}
        connection.send(frames.ATTACH, json.dumps(attach).encode())
        if self._early:
            self.received(bytes(self._early))
            self._channel.resume_reading()
        try:
            await self._relay(connection, made=made)
        finally:
            await connection.close()

    async def _reach(self, wish: Wish) -> tuple[Holder, bool]:
        """The terminal, and whether it was made: not for who goes on with one, nor for who only looks on."""
        if self._wanted.is_read_only or (self._wanted.viewer and self._wanted.offset >= 0):
            return await self._terminals.find(wish.name), False
        return await self._terminals.create(wish)

    def _refuse(self, error: Problem | OSError) -> None:
        problem = error.document() if isinstance(error, Problem) else None
        self._tell({"terminal": self._name, "error": str(error), "problem": problem})
        self._channel.exit(255)

    # --- from the terminal ----------------------------------------------------------------------------------------------

    async def _relay(self, connection: Connection, *, made: bool) -> None:
        code: int | None = None
        is_greeted = False
        async for kind, content in connection.frames():
            await self._writable.wait()
            if self._is_lost or self._channel.is_closing():
                return
            if kind == frames.OUTPUT:
                self._note(SignalKind.OUTPUT, f"terminal {self._name}")
                self._channel.write(content)
            elif kind == frames.HELLO:
                is_greeted = True
                self._greet(json.loads(content), made=made)
            elif kind == frames.REPLAY:
                self._channel.write(without_queries(content))
            elif kind in {frames.TYPED, frames.NEWS}:
                self._channel.write_stderr(content + b"\n")
            elif kind == frames.EXIT and (is_greeted or not self._wanted.viewer):
                code = json.loads(content)["code"]
                if self._wanted.viewer:  # it has everything; others may be owed something still
                    break
        if not is_greeted and not self._is_lost:
            self._refuse(Problem("not_found", f"The terminal {self._name} has ended.", "A new one can be opened."))
        elif code is None and self._wanted.viewer and not self._is_lost:
            self._channel.close()  # its holder let us go for reading nothing: the viewer comes back
        elif not self._is_lost:
            # Without an end of the terminal its holder let us go for reading nothing; the viewer attaches anew.
            self._channel.exit(code & 255 if code is not None and code >= 0 else 255 if code is None else 128 - code)

    def _greet(self, hello: dict[str, Any], *, made: bool) -> None:
        greeting = {"terminal": self._name, "offset": hello["offset"], "created": made}
        if self._wanted.viewer:
            greeting |= hello | {"resume_seconds": self._wanted.keep_seconds}
        self._tell(greeting | ({"read_only": True} if self._wanted.is_read_only else {}))

    def _tell(self, message: dict[str, Any]) -> None:
        self._channel.write_stderr(json.dumps(message).encode() + b"\n")

    # --- to the terminal ------------------------------------------------------------------------------------------------

    def received(self, data: bytes) -> None:
        """Type it; of a numbered viewer it is frames."""
        if self._connection is None:
            self._early += data
            self._channel.pause_reading()
            return
        if not self._wanted.viewer:
            self._type(self._connection, data)
        else:
            self._unfinished += data
            self._obey(self._connection)
        if self._connection.waiting() > INPUT_LIMIT and self._draining is None:
            self._channel.pause_reading()
            self._draining = asyncio.get_running_loop().create_task(self._drain(self._connection))

    def _obey(self, connection: Connection) -> None:
        try:
            found = frames.take_frames(self._unfinished)
        except ValueError:
            self._unfinished.clear()
            self._channel.exit(255)
            return
        for kind, content in found:
            if kind == frames.INPUT:
                self._type(connection, content)
            elif kind in {frames.SEEN, frames.BYE}:
                connection.send(kind, content)

    def _type(self, connection: Connection, data: bytes) -> None:
        if self._wanted.is_read_only:
            return
        self._note(SignalKind.INPUT, f"terminal {self._name}")
        connection.send(frames.INPUT, data)

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
        if self._connection is not None and not self._wanted.is_read_only:
            self._connection.send(frames.RESIZE, json.dumps({"cols": cols, "rows": rows}).encode())

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
