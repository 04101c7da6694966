"""A running session: bytes both ways over one WebSocket, the terminal, signals, the exit status.

Frames are binary; the first byte is the channel: 0 stdin, 1 stdout, 2 stderr, 3 control (JSON).
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from carrel.cli.own_terminal import raw_terminal, terminal_size

STDIN, STDOUT, STDERR, CONTROL = range(4)
FAILED = 255
"""Exit status when the session itself fails, as OpenSSH's client has it."""
LARGEST_FRAME_BYTES = 4 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
PASSED_ON = ("INT", "TERM", "HUP", "QUIT", "USR1", "USR2")
"""Signals that go to the command in the workspace."""
PATIENCE = 3
"""So many Ctrl-C end the session when the command does not."""


class SessionProblemError(Exception):
    """The server told a problem."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(document.get("title", ""))
        self.document = document


class Session:
    """One running session: stdin goes up in a thread of its own, output comes down in the caller's."""

    def __init__(self, socket: ClientConnection, *, tty: bool, reads_stdin: bool = True) -> None:
        self._socket = socket
        self._tty = tty
        self._reads_stdin = reads_stdin
        self._interrupts = 0
        # Signal handlers only write a byte here: the thread that sends reads it.
        self._signal_read, self._signal_write = os.pipe()

    def run(self, opening: dict[str, Any]) -> int:
        """Open, pump until the command ends, return its exit status.

        Raises:
            SessionProblemError: the server told why it cannot be run, or not any longer.
            BrokenPipeError: nobody reads our output any more.
        """
        self._socket.send(json.dumps(opening))
        with raw_terminal(enabled=self._tty), self._signals():
            threading.Thread(target=self._pump_up, daemon=True).start()
            return self._pump_down()

    # --- down ------------------------------------------------------------------------------------------------------

    def _pump_down(self) -> int:
        reason = ""
        try:
            for message in self._socket:
                frame = message if isinstance(message, bytes) else bytes([CONTROL]) + message.encode()
                if frame[:1] == bytes([CONTROL]):
                    status = _exit_status(json.loads(frame[1:]))
                    if status is not None:
                        return status
                else:
                    _write_all(2 if frame[:1] == bytes([STDERR]) else 1, memoryview(frame)[1:])
        except ConnectionClosed as error:
            reason = str(error)
        if self._interrupts >= PATIENCE:
            return 128 + signal.SIGINT
        detail = f"The command may have been ended. {reason}".strip()
        raise SessionProblemError(
            {"title": "The connection was lost", "detail": detail, "hint": "`carrel show NAME` says how it is."}
        )

    # --- up --------------------------------------------------------------------------------------------------------

    def _pump_up(self) -> None:
        with contextlib.suppress(ConnectionClosed, OSError):
            inputs = [self._signal_read]
            if self._reads_stdin:
                inputs.append(0)
            else:
                self._control({"eof": True})
            while True:
                ready, _, _ = select.select(inputs, [], [])
                if self._signal_read in ready:
                    self._pass_on(os.read(self._signal_read, 64))
                if 0 in ready:
                    self._pump_input(inputs)

    def _pump_input(self, inputs: list[int]) -> None:
        try:
            data = os.read(0, CHUNK_BYTES)
        except BlockingIOError:  # somebody we share it with was faster
            return
        except OSError:  # the terminal is gone
            data = b""
        if data:
            self._socket.send(bytes([STDIN]) + data)
        else:
            inputs.remove(0)
            self._control({"eof": True})

    def _pass_on(self, numbers: bytes) -> None:
        for number in numbers:
            if number == signal.SIGWINCH:
                self._control({"resize": terminal_size()})
                continue
            self._control({"signal": signal.Signals(number).name.removeprefix("SIG")})
            self._interrupts += number == signal.SIGINT
            if self._interrupts >= PATIENCE:
                self._socket.close()

    def _control(self, message: dict[str, Any]) -> None:
        self._socket.send(bytes([CONTROL]) + json.dumps(message).encode())

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Signals become bytes in our pipe for the time of the session."""

        def note(number: int, _frame: FrameType | None) -> None:
            os.write(self._signal_write, bytes([number]))

        wanted = [signal.Signals[f"SIG{name}"] for name in PASSED_ON]
        if self._tty:
            wanted.append(signal.SIGWINCH)
        # What was ignored when we were started (nohup) stays ignored.
        previous = {n: signal.signal(n, note) for n in wanted if signal.getsignal(n) is not signal.SIG_IGN}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)


def until_running(socket: ClientConnection, name: str) -> None:
    """Wait for the workspace that this session starts; says so where it takes a start. Ctrl-C ends the wait."""
    for message in socket:
        frame = message if isinstance(message, bytes) else bytes([CONTROL]) + message.encode()
        said = json.loads(frame[1:])
        if "problem" in said:
            raise SessionProblemError(said["problem"])
        if said.get("phase") == "running":
            return
        if os.isatty(2):
            os.write(2, f"{name} is {said.get('phase')} ...\n".encode())


def _exit_status(message: dict[str, Any]) -> int | None:
    """The exit status in a control message; None where it is about something else."""
    if "problem" in message:
        raise SessionProblemError(message["problem"])
    ended = message.get("exit")
    if ended is None:
        return None
    if ended.get("signal"):
        name = str(ended["signal"]).removeprefix("SIG")
        return 128 + int(getattr(signal, f"SIG{name}", signal.SIGTERM))
    if ended.get("status") is None:
        raise SessionProblemError(
            {"title": "The command's end is not known", "detail": "The connection to the workspace was lost."}
        )
    return int(ended["status"])


def _write_all(descriptor: int, data: memoryview) -> None:
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:  # somebody we share the terminal with made it so
            select.select([], [descriptor], [])
        except BrokenPipeError:
            raise
        except OSError as error:
            raise SessionProblemError({"title": "The output cannot be written", "detail": str(error)}) from error
