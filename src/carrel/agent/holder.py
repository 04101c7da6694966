"""A small process that outlives the agent: it owns a PTY or a log, runs one command, and serves whoever attaches.

Started by `carrel.agent.holding` with its orders on standard input; it detaches itself and becomes a child of PID 1.
In its folder it keeps `record.json` (who it is), `socket`, and `exit.json` once the command has ended.
Standard library only, and little of it: there is one such process for each terminal, hook and app.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import socket
import struct
import sys
import termios
import time

from carrel.agent import frames
from carrel.agent.capped_log import CappedLog
from carrel.agent.held_command import set_size, start_command
from carrel.agent.masking import Masker, masked_values
from carrel.agent.scrollback import Scrollback
from carrel.agent.viewer import Viewer

TYPE_CHECKING = False  # the name is what type checkers know; importing typing costs a megabyte
if TYPE_CHECKING:
    from typing import Any

CHUNK = 65536
LINGER = 0.1
"""Seconds that a terminal's last output is awaited after the end of its leader."""
TYPED_LIMIT = 1 << 20
"""Input that waits for the program; with more waiting, viewers are not read."""
FAREWELL = 5.0
"""Seconds that viewers have to read the end."""
POLL_READ = select.POLLIN | select.POLLHUP | select.POLLERR


class Holder:
    """The loop: output to log or viewers, input and sizes from viewers, the command's end."""

    def __init__(self, orders: dict[str, Any]) -> None:
        """Open what is needed and start the command. Raises OSError."""
        self._folder: str = orders["folder"]
        self._is_terminal = bool(orders["terminal"])
        self._cols, self._rows = orders["cols"], orders["rows"]
        self._patience_seconds: float = orders["patience"]
        self._scrollback = Scrollback(orders["scrollback"])
        self._masker = Masker(masked_values(orders["masked"]))
        self._log = None if self._is_terminal else CappedLog(f"{self._folder}/log")
        self._wake, wake_end = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self._told_to_end())
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._input, self._output, self._command = start_command(orders, self._cols, self._rows)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        self._listener.bind(f"{self._folder}/socket")
        self._listener.listen(16)
        self._listener.setblocking(False)
        self._viewers: dict[int, Viewer] = {}
        self._typed = bytearray()
        self._exit: dict[str, Any] | None = None
        self._interrupted = False
        self._kill_at = float("inf")
        self._end_at = float("inf")
        write_json(f"{self._folder}/record.json", {"pid": os.getpid(), "command": self._command, "began": time.time()})

    def run(self) -> None:
        """Until the command has ended and nothing more can come of it."""
        while not self._is_over():
            poll = select.poll()
            poll.register(self._wake, POLL_READ)
            poll.register(self._listener, POLL_READ)
            if self._output >= 0:
                is_held_up = any(viewer.is_full() for viewer in self._viewers.values())
                poll.register(self._output, (0 if is_held_up else POLL_READ) | (select.POLLOUT if self._typed else 0))
            reading = POLL_READ if len(self._typed) < TYPED_LIMIT else select.POLLHUP
            for fd, viewer in self._viewers.items():
                poll.register(fd, reading | (select.POLLOUT if viewer.waiting else 0))
            for fd, event in poll.poll(self._patience()):
                self._serve(fd, event)
            self._keep_time()
        os.unlink(f"{self._folder}/socket")  # noqa: PTH108  pathlib costs a megabyte

    def _is_over(self) -> bool:
        if self._exit is None:
            return False
        now = time.monotonic()
        if self._output >= 0 and now < self._end_at:
            return False
        return now >= self._end_at + FAREWELL or not any(viewer.waiting for viewer in self._viewers.values())

    def _patience(self) -> int:
        """Milliseconds until something is due; -1: nothing is."""
        now = time.monotonic()
        times = [self._kill_at - now]
        if now < self._end_at:
            times.append(self._end_at - now)
        if self._exit is not None or any(viewer.is_full() for viewer in self._viewers.values()):
            times.append(1.0)
        soonest = min(times)
        return -1 if soonest == float("inf") else max(0, int(soonest * 1000) + 1)

    def _serve(self, fd: int, event: int) -> None:
        if fd == self._wake:
            os.read(self._wake, 512)
            self._reap()
        elif fd == self._listener.fileno():
            self._accept()
        elif fd == self._output:
            if event & select.POLLOUT:
                self._type(b"")
            if event & POLL_READ:
                self._read_output()
        elif fd in self._viewers:
            self._serve_viewer(fd, event)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        viewer = Viewer(connection)
        self._viewers[connection.fileno()] = viewer
        if self._exit is not None:
            viewer.send(frames.EXIT, self._exit)

    # --- the command's output -----------------------------------------------------------------------------------------

    def _read_output(self) -> bool:
        """Take what is there, at most CHUNK bytes; returns whether there was any."""
        pieces, size, is_ended = [], 0, False
        while size < CHUNK:
            try:
                piece = os.read(self._output, CHUNK)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:  # EIO: the other side of the PTY is closed
                piece = b""
            if not piece:
                is_ended = True
                break
            pieces.append(piece)
            size += len(piece)
        if pieces:
            self._printed(b"".join(pieces))
        if is_ended:
            self._output_ended()
        return bool(pieces)

    def _printed(self, data: bytes) -> None:
        if self._log is not None:
            write_log(self._log, self._masker.feed(data))
            return
        self._scrollback.add(data)
        for viewer in self._viewers.values():
            if viewer.is_attached:
                viewer.send(frames.OUTPUT, data)

    def _output_ended(self) -> None:
        if self._log is not None:
            write_log(self._log, self._masker.finish())
        if self._input not in (-1, self._output):
            os.close(self._input)
        os.close(self._output)
        self._input = self._output = -1
        if self._exit is not None:
            self._end_at = time.monotonic()

    # --- the command's end ----------------------------------------------------------------------------------------------

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._command:
                self._command_ended(os.waitstatus_to_exitcode(status))

    def _command_ended(self, code: int) -> None:
        while self._output >= 0 and self._read_output():
            pass  # what it printed belongs before its end
        self._exit = {"code": code, "ended": time.time(), "interrupted": self._interrupted}
        write_json(f"{self._folder}/exit.json", self._exit)
        if self._is_terminal or self._output < 0:
            self._end_at = time.monotonic() + LINGER
        for viewer in self._viewers.values():
            viewer.send(frames.EXIT, self._exit)

    def _told_to_end(self) -> None:
        """The workspace stops (PID 1 signals everybody)."""
        self._interrupted = True
        self._terminate(4.0)

    def _terminate(self, grace: float) -> None:
        if self._exit is not None and self._output < 0:
            return
        signal_session(self._command, signal.SIGHUP if self._is_terminal else signal.SIGTERM)
        self._kill_at = time.monotonic() + grace

    def _keep_time(self) -> None:
        now = time.monotonic()
        if now >= self._kill_at:
            self._kill_at = float("inf")
            signal_session(self._command, signal.SIGKILL)
            self._end_at = now + LINGER
        for fd in [fd for fd, viewer in self._viewers.items() if viewer.is_stalled(now, self._patience_seconds)]:
            self._drop(fd)

    # --- viewers --------------------------------------------------------------------------------------------------------

    def _serve_viewer(self, fd: int, event: int) -> None:
        viewer = self._viewers[fd]
        if event & select.POLLOUT:
            viewer.flush()
        if event & POLL_READ:
            for kind, content in viewer.receive():
                self._obey(viewer, kind, content)
        if viewer.is_gone:
            self._drop(fd)

    def _drop(self, fd: int) -> None:
        self._viewers.pop(fd).close()

    def _obey(self, viewer: Viewer, kind: bytes, content: bytes) -> None:
        if kind == frames.INPUT:
            self._type(content)
        elif kind == frames.RESIZE:
            self._resize(json.loads(content))
        elif kind == frames.ATTACH:
            self._attach(viewer, json.loads(content))
        elif kind == frames.TERMINATE:
            self._terminate(json.loads(content)["grace"])
        elif kind == frames.QUERY:
            viewer.send(frames.FACTS, self._facts())

    def _attach(self, viewer: Viewer, wish: dict[str, Any]) -> None:
        data, offset = self._scrollback.since(wish["from"])
        viewer.is_attached = True
        viewer.send(frames.HELLO, {"offset": offset})
        viewer.send(frames.REPLAY, data)
        self._resize(wish)
        self._redraw()

    def _type(self, data: bytes) -> None:
        """Into the PTY as far as the kernel takes it; the rest waits until the program reads."""
        if self._input < 0:
            return
        self._typed += data
        try:
            written = os.write(self._input, self._typed)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            written = len(self._typed)
        del self._typed[:written]

    def _resize(self, size: dict[str, Any]) -> None:
        if self._is_terminal and self._input >= 0 and size["cols"] > 0 and size["rows"] > 0:
            self._cols, self._rows = size["cols"], size["rows"]
            set_size(self._input, self._cols, self._rows)

    def _redraw(self) -> None:
        """A full-screen program draws itself anew when told that the size changed."""
        try:
            group = struct.unpack("i", fcntl.ioctl(self._input, termios.TIOCGPGRP, b"\0\0\0\0"))[0]
            os.killpg(group, signal.SIGWINCH)
        except OSError:
            pass

    def _facts(self) -> dict[str, Any]:
        return {
            "attached": sum(viewer.is_attached for viewer in self._viewers.values()),
            "cols": self._cols,
            "rows": self._rows,
            "title": self._scrollback.title(),
            "total": self._scrollback.total,
        }


def write_json(path: str, value: dict[str, Any]) -> None:
    """Write a file whole or not at all."""
    temporary = f"{path}.new"
    with open(temporary, "w") as file:  # noqa: PTH123  pathlib costs a megabyte
        json.dump(value, file)
    os.replace(temporary, path)  # noqa: PTH105


def write_log(log: CappedLog, data: bytes) -> None:
    """Append; on a full disk the command matters more than its log."""
    try:  # noqa: SIM105  contextlib costs a third of a megabyte
        log.write(data)
    except OSError:
        pass


def signal_session(leader: int, number: int) -> None:
    """Signal every process of the command's session, in whatever group it is."""
    for entry in os.listdir("/proc"):  # noqa: PTH208
        if not entry.isdecimal():
            continue
        try:
            with open(f"/proc/{entry}/stat", "rb") as file:  # noqa: PTH123
                session = int(file.read().rpartition(b")")[2].split()[3])
            if session == leader:
                os.kill(int(entry), number)
        except (OSError, IndexError, ValueError):
            continue


def detach(orders: dict[str, Any]) -> None:
    """Become a process of PID 1's, start the command, tell on standard output how that went, and run."""
    os.setsid()
    os.chdir("/")
    os.umask(0o077)
    os.closerange(3, 1024)  # an event loop may leave the agent's ends of our own streams open in us
    null = os.open("/dev/null", os.O_RDWR)
    for target in (0, 2):
        os.dup2(null, target)
    try:
        holder = Holder(orders)
    except OSError as error:
        os.write(1, json.dumps({"errno": error.errno, "error": error.strerror}).encode())
        return
    os.write(1, b"{}")
    os.dup2(null, 1)
    holder.run()


def main() -> None:
    """Read the orders, fork, and leave once the child has said how it went."""
    orders = json.load(sys.stdin)
    if os.fork() == 0:
        status = 1
        try:
            detach(orders)
            status = 0
        finally:
            os._exit(status)
