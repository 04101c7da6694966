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
from carrel.agent.audience import Audience
from carrel.agent.capped_log import CappedLog
from carrel.agent.held_command import set_size, start_command
from carrel.agent.history import History
from carrel.agent.masking import Masker, masked_values
from carrel.agent.scrollback import Scrollback
from carrel.agent.spool import Spool

TYPE_CHECKING = False  # the name is what type checkers know; importing typing costs a megabyte
if TYPE_CHECKING:
    from typing import Any

    from carrel.agent.viewer import Viewer

CHUNK = 65536
LINGER = 0.1
"""Seconds that a terminal's last output is awaited after the end of its leader."""
TYPED_LIMIT = 1 << 20
"""Input that waits for the program; who types more is not heard for as long."""
LAST_CHUNKS = 64
"""So much is read at the end of a command, and no more where what it left running goes on printing."""
POLL_READ = select.POLLIN | select.POLLHUP | select.POLLERR


class Holder:
    """The loop: output to log or viewers, input and sizes from viewers, the command's end."""

    def __init__(self, orders: dict[str, Any]) -> None:
        """Open what is needed and start the command. Raises OSError."""
        self._folder: str = orders["folder"]
        self._is_terminal = bool(orders["terminal"])
        self._cols, self._rows = orders["cols"], orders["rows"]
        self._history = History(Scrollback(orders["scrollback"]), Spool(self._folder, orders["spool"]))
        self._audience = Audience(self._history, orders["patience"])
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
        self._typed = bytearray()
        self._exit: dict[str, Any] | None = None
        self._interrupted = False
        self._is_closed = False
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
                reading = 0 if self._audience.holds_up() else POLL_READ
                poll.register(self._output, reading | (select.POLLOUT if self._typed else 0))
            self._audience.register(poll, takes_input=len(self._typed) < TYPED_LIMIT)
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
        if self._output >= 0 and self._is_terminal:
            self._output_ended()  # what the command left running is hung up on, however long viewers are waited for
        return self._audience.take_leave(self._exit, now, waits=not (self._is_closed or self._interrupted))

    def _patience(self) -> int:
        """Milliseconds until something is due; -1: nothing is."""
        now = time.monotonic()
        times = [self._kill_at - now, self._audience.next_time() - now]
        if now < self._end_at:
            times.append(self._end_at - now)
        if self._exit is not None or self._audience.is_watched_closely():
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
        else:
            self._serve_viewer(fd, event)

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        viewer = self._audience.accept(connection)
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
        self._audience.printed(data)

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
        for _ in range(LAST_CHUNKS):  # what it printed belongs before its end
            if self._output < 0 or not self._read_output():
                break
        self._exit = {"code": code, "ended": time.time(), "interrupted": self._interrupted}
        write_json(f"{self._folder}/exit.json", self._exit)
        if self._is_terminal or self._output < 0:
            self._end_at = time.monotonic() + LINGER
        self._audience.tell_end(self._exit)

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
        self._audience.keep_time(now)

    # --- viewers --------------------------------------------------------------------------------------------------------

    def _serve_viewer(self, fd: int, event: int) -> None:
        viewer, said = self._audience.receive(fd, event)
        if viewer is None:
            return
        for kind, content in said:
            self._obey(viewer, kind, content)
        self._audience.after(viewer)

    def _obey(self, viewer: Viewer, kind: bytes, content: bytes) -> None:
        if kind == frames.ATTACH:
            self._attach(viewer, json.loads(content))
        elif kind == frames.SEEN:
            self._audience.saw(viewer, int(json.loads(content)["seen"]))
        elif kind == frames.BYE:
            self._audience.bye(viewer)
        elif kind == frames.QUERY:
            viewer.send(frames.FACTS, self._facts())
        elif viewer.is_read_only:
            pass  # nothing that it says touches the command
        elif kind == frames.INPUT:
            viewer.typed(len(content))
            self._type(content)
            viewer.is_choked = len(self._typed) >= TYPED_LIMIT
        elif kind == frames.RESIZE:
            self._resize(json.loads(content))
        elif kind == frames.TERMINATE:
            self._is_closed = True
            self._terminate(json.loads(content)["grace"])

    def _attach(self, viewer: Viewer, wish: dict[str, Any]) -> None:
        has_ended = self._exit is not None
        if not wish.get("read_only") and not has_ended:
            self._resize(wish)
        resumes = self._audience.attach(viewer, wish, (self._cols, self._rows), has_ended=has_ended)
        if not (wish.get("read_only") or resumes):
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
            self._audience.tell_news((self._cols, self._rows))

    def _redraw(self) -> None:
        """A full-screen program draws itself anew when told that the size changed."""
        try:  # noqa: SIM105  contextlib costs a third of a megabyte
            os.killpg(self._foreground(), signal.SIGWINCH)
        except OSError:
            pass

    def _foreground(self) -> int:
        """The process group that the terminal's keys go to. Raises OSError."""
        return int(struct.unpack("i", fcntl.ioctl(self._input, termios.TIOCGPGRP, b"\0\0\0\0"))[0])

    def _running(self) -> str:
        """The name of what runs in the foreground, unless it is the terminal's own command."""
        try:
            group = self._foreground()
            if group == self._command:
                return ""
            with open(f"/proc/{group}/comm", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
                return file.read().strip()
        except OSError:
            return ""

    def _facts(self) -> dict[str, Any]:
        return {
            "attached": self._audience.attached(),
            "cols": self._cols,
            "rows": self._rows,
            "title": self._history.scrollback.title(),
            "total": self._history.total,
            "running": self._running(),
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
