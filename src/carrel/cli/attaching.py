"""A viewer of a terminal at a keyboard: one thread, one poll loop, and a connection that is replaced when it is lost."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

from carrel.cli.attach_request import Escape
from carrel.cli.own_terminal import raw_terminal, terminal_size
from carrel.cli.terminal_place import TerminalPlace
from carrel.cli.web_socket import BINARY, CLOSE, PING, WebSocket

STDIN, STDOUT, STDERR, CONTROL = range(4)
READ_BYTES = 64 << 10
ACKNOWLEDGE_SECONDS = 0.1
PING_SECONDS = 5.0
"""A ping after so much silence."""
SILENCE_SECONDS = 8.0
"""So long after a ping nothing came: the connection is lost."""
QUIET_SECONDS = 1.5
"""A loss that lasts no longer is not worth a word."""
FIRST_DELAY_SECONDS, LONGEST_DELAY_SECONDS = 0.1, 2.0
RETRIED_KINDS = frozenset({"agent_unreachable", "internal", "unavailable"})
INTERRUPT = 0x03
RESET = b"\x1bc"
"""Makes the terminal forget what it shows."""


class EndedError(Exception):
    """The terminal cannot be attached to, or not any longer: a problem document."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(document.get("title", ""))
        self.document = document


class Attaching:
    """Standard input to a terminal, its output to standard output, until it ends or is left."""

    def __init__(self, connect: Callable[[TerminalPlace, bool], WebSocket], *, read_only: bool) -> None:
        """`connect` opens a connection for a viewer (True: again, after a loss); OSError: not now."""
        self._connect = connect
        self._read_only = read_only
        self._place = TerminalPlace()
        self._escape = Escape()
        self._socket: WebSocket | None = None
        self._frame = bytearray()
        self._status: int | None = None
        self._inputs = [0]
        self._is_tty = os.isatty(0)
        self._resume_seconds = 600.0
        self._lost_at = self._retry_at = 0.0
        self._has_said = False
        self._delay = FIRST_DELAY_SECONDS
        self._heard_at = self._ping_at = self._unacknowledged_at = 0.0
        self._signal_read, self._signal_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def run(self) -> int:
        """Attach and pump; the exit status of the terminal's command, or 0 when it was left.

        Raises:
            EndedError: why not, or why not any longer.
            OSError: the first connection could not be made.
        """
        self._open(again=False)
        with raw_terminal(enabled=self._is_tty), self._signals():
            while self._status is None:
                self._turn()
        self._leave()
        return self._status

    def _turn(self) -> None:
        try:
            ready = dict(self._poll())
            if self._signal_read in ready:
                os.read(self._signal_read, 64)
                self._control({"resize": terminal_size()})
            if 0 in ready:
                self._read_input()
            if self._socket is not None:
                self._serve(self._socket, ready.get(self._socket.fileno(), 0))
        except OSError:
            self._lost()
        if self._socket is None and self._status is None:
            self._try_again()

    def _poll(self) -> list[tuple[int, int]]:
        poll = select.poll()
        poll.register(self._signal_read, select.POLLIN)
        for fd in self._inputs:
            if self._place.room > READ_BYTES or (self._is_tty and self._socket is None):
                poll.register(fd, select.POLLIN)
        if self._socket is not None:
            poll.register(self._socket, select.POLLIN | (select.POLLOUT if self._socket.backlog else 0))
        return poll.poll(max(0.0, self._patience()) * 1000)

    def _patience(self) -> float:
        now = time.monotonic()
        times = [PING_SECONDS if self._socket is not None else self._retry_at - now]
        if self._unacknowledged_at:
            times.append(self._unacknowledged_at + ACKNOWLEDGE_SECONDS - now)
        return min(times)

    # --- the keyboard -----------------------------------------------------------------------------------------------

    def _read_input(self) -> None:
        try:
            data = os.read(0, READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._inputs.clear()
            return
        if self._is_tty:
            data = self._escape.feed(data)
        if self._escape.leaves or (self._is_tty and self._read_only and INTERRUPT in data):
            self._status = 0
        elif not self._read_only and self._place.room >= len(data):
            self._place.type(data)

    # --- the connection ---------------------------------------------------------------------------------------------

    def _serve(self, socket: WebSocket, events: int) -> None:
        now = time.monotonic()
        if events & ~select.POLLOUT:
            self._heard_at, self._ping_at = now, 0.0
            for message in socket.receive():
                if message.kind == CLOSE:
                    raise ConnectionResetError("The server closed the connection.")
                if message.kind == BINARY:
                    self._frame += message.data
                    if not message.goes_on:
                        frame, self._frame = bytes(self._frame), bytearray()
                        self._take(frame)
                if self._status is not None:
                    return
        if events & select.POLLOUT:
            socket.flush()
        if data := self._place.pull():
            socket.send(BINARY, bytes([STDIN]) + data)
        self._acknowledge(now)
        if self._ping_at and now - self._ping_at > SILENCE_SECONDS:
            raise ConnectionResetError("The server does not answer any more.")
        if not self._ping_at and now - self._heard_at > PING_SECONDS - 0.1:
            self._ping_at = now
            socket.send(PING, b"")

    def _acknowledge(self, now: float) -> None:
        if not self._place.owes_acknowledgement():
            self._unacknowledged_at = 0.0
            return
        self._unacknowledged_at = self._unacknowledged_at or now
        if self._place.is_due() or now - self._unacknowledged_at >= ACKNOWLEDGE_SECONDS:
            self._unacknowledged_at = 0.0
            self._control(self._place.acknowledge())

    def _take(self, frame: bytes) -> None:
        if frame[:1] == bytes([STDOUT]):
            write_all(1, memoryview(frame)[1:])
            self._place.received(len(frame) - 1)
        elif frame[:1] == bytes([CONTROL]):
            self._obey(json.loads(frame[1:]))

    def _obey(self, message: dict[str, Any]) -> None:
        if "terminal" in message:
            self._greeted(message["terminal"])
        elif "typed" in message:
            self._place.took(int(message["typed"]))
        elif "exit" in message:
            ended = message["exit"]
            name = str(ended.get("signal") or "")
            number = int(getattr(signal, f"SIG{name.removeprefix('SIG')}", signal.SIGTERM)) if name else 0
            self._status = 128 + number if number else int(ended.get("status") or 0)
        elif "problem" in message:
            if message["problem"].get("kind") in RETRIED_KINDS:
                raise ConnectionResetError(message["problem"].get("detail", ""))
            raise EndedError(message["problem"])

    def _greeted(self, greeting: dict[str, Any]) -> None:
        was_there = self._place.seen >= 0
        goes_on = self._place.greet(greeting)
        self._resume_seconds = float(greeting.get("resume_seconds", self._resume_seconds))
        if was_there and not goes_on and os.isatty(1):
            write_all(1, memoryview(RESET))
        if self._has_said:
            say("Back.")
        self._lost_at, self._has_said, self._delay = 0.0, False, FIRST_DELAY_SECONDS

    def _control(self, message: dict[str, Any]) -> None:
        if self._socket is not None:
            self._socket.send(BINARY, bytes([CONTROL]) + json.dumps(message).encode())

    def _open(self, *, again: bool) -> None:
        self._socket = self._connect(self._place, again)
        self._place.connected()
        self._frame.clear()
        self._heard_at, self._ping_at, self._unacknowledged_at = time.monotonic(), 0.0, 0.0

    def _lost(self) -> None:
        """The connection is gone; the terminal is not."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._unacknowledged_at = None, 0.0
        now = time.monotonic()
        self._retry_at = now + (self._delay if self._lost_at else 0.0)
        self._lost_at = self._lost_at or world()

    def _try_again(self) -> None:
        waited = world() - self._lost_at
        if waited > self._resume_seconds:
            raise EndedError({"title": f"The connection was lost {waited:.0f} seconds ago and could not be made again"})
        if waited > QUIET_SECONDS and not self._has_said:
            say("The connection is lost; trying again ...")
            self._has_said = True
        if time.monotonic() < self._retry_at:
            return
        try:
            self._open(again=True)
            self._control({"resize": terminal_size()})
        except OSError:
            self._socket = None
            self._retry_at = time.monotonic() + self._delay
            self._delay = min(self._delay * 2, LONGEST_DELAY_SECONDS)

    def _leave(self) -> None:
        """Say that nobody comes back."""
        with contextlib.suppress(OSError):
            self._control({"bye": True})
        if self._socket is not None:
            self._socket.close()

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """A new size becomes a byte in our pipe, which the loop reads."""
        before = signal.signal(signal.SIGWINCH, lambda *_: os.write(self._signal_write, b"x"))
        try:
            yield
        finally:
            signal.signal(signal.SIGWINCH, before)


def world() -> float:
    """Seconds of a clock that goes on while the machine sleeps."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return time.time() if boottime is None else time.clock_gettime(boottime)


def say(text: str) -> None:
    """A line to the person, whatever state the terminal is in."""
    with contextlib.suppress(OSError):
        os.write(2, f"\r\ncarrel: {text}\r\n".encode())


def write_all(descriptor: int, data: memoryview) -> None:
    """Write all of it, and wait where it takes time.

    Raises:
        EndedError: it cannot be written.
    """
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:  # somebody we share the terminal with made it so
            select.select([], [descriptor], [])
        except OSError as error:
            raise EndedError({"title": "The output cannot be written", "detail": str(error)}) from error
