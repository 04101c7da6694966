"""One connection to a holder. Standard library only."""

from __future__ import annotations

import json
import socket
import time

from carrel.agent import frames

TYPE_CHECKING = False  # the name is what type checkers know; importing typing costs a megabyte
if TYPE_CHECKING:
    from typing import Any

    from carrel.agent.history import History
    from carrel.agent.places import Place

FULL = 512 << 10
"""Bytes waiting for a viewer from which on the command has to wait for it."""
WINDOW = 1 << 20
"""Bytes that a numbered viewer gets before it has to say that it has them: what is under way when a connection breaks."""
WATCHER_LIMIT = 8 << 20
"""Bytes that may wait for a viewer without a number that only looks on, for which the command does not wait."""
CHUNK = 65536
TELL_BYTES = 32768
TELL_SECONDS = 0.5
"""A numbered viewer is told how much of its input was taken, after so much of it or so long."""
NEVER = float("inf")


class Viewer:
    """Frames in, frames out, without blocking."""

    def __init__(self, connection: socket.socket, window: int = WINDOW) -> None:
        """Take over `connection`."""
        self._window = window
        connection.setblocking(False)
        self._connection = connection
        self._received = bytearray()
        self._moved = time.monotonic()
        self._told = 0
        self.waiting = bytearray()
        self.is_attached = False
        self.is_read_only = False
        self.is_choked = False
        """It typed more than the command has read."""
        self.is_gone = False
        self.place: Place | None = None
        """Of a numbered viewer."""
        self.sent = 0
        """Offset of the first byte of output that a numbered viewer was not sent."""
        self.tell_at = NEVER
        """When it is told how much of its input was taken."""

    def send(self, kind: bytes, content: bytes | dict[str, Any]) -> None:
        """Queue a frame and send what the socket takes."""
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        self.waiting += frames.frame(kind, content)
        self.flush()

    def flush(self) -> None:
        """Send what the socket takes."""
        try:
            sent = self._connection.send(self.waiting)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self.is_gone = True
            self.waiting.clear()
            return
        if self.place is None:
            self._moved = time.monotonic()
        del self.waiting[:sent]

    def receive(self) -> list[tuple[bytes, bytes]]:
        """The frames that have come in full."""
        try:
            data = self._connection.recv(65536)
        except (BlockingIOError, InterruptedError):
            return []
        except OSError:
            data = b""
        if not data:
            self.is_gone = True
        self._received += data
        try:
            return frames.take_frames(self._received)
        except ValueError:
            self.is_gone = True
            return []

    def sit(self, place: Place) -> None:
        """It has a number: what it is owed and what was taken from it is known."""
        self.place = place
        self._told = place.typed

    def is_settled(self, total: int) -> bool:
        """Whether a numbered viewer has everything."""
        return self.place is not None and self.place.seen == total

    # --- output ---------------------------------------------------------------------------------------------------------

    def printed(self, history: History, data: bytes) -> None:
        """Send new output, or what comes before it."""
        if self.place is None:
            self.send(frames.OUTPUT, data)
            return
        if self.place.seen == history.total - len(data):  # it had seen everything: its patience begins now
            self._moved = time.monotonic()
        if self.sent == history.total - len(data) and self._takes_more():
            self.sent += len(data)
            self.send(frames.OUTPUT, data)
        else:
            self.fill(history)

    def fill(self, history: History) -> None:
        """Send a numbered viewer what it has not been sent, as far as it takes it."""
        while self.place is not None and self.sent < history.total and not self.is_gone and self._takes_more():
            data = history.read(self.sent, min(CHUNK, self._window - self.sent + self.place.seen))
            if not data:  # it was not owed any longer: the viewer begins anew
                self.is_gone = True
                return
            self.sent += len(data)
            self.send(frames.OUTPUT, data)

    def _takes_more(self) -> bool:
        return self.place is not None and self.sent - self.place.seen < self._window and len(self.waiting) < FULL

    def saw(self, offset: int) -> None:
        """It has everything before `offset`."""
        if self.place is not None and self.place.seen < offset <= self.sent:
            self.place.seen = offset
            self._moved = time.monotonic()

    def is_full(self, total: int) -> bool:
        """Whether it is behind."""
        if self.place is not None:
            return total - self.place.seen > self._window
        return self.is_attached and len(self.waiting) > FULL

    def holds_up(self, total: int) -> bool:
        """Whether the command must wait for this viewer: not for who only looks on."""
        return not self.is_read_only and self.is_full(total)

    def is_silent(self, now: float, seconds: float) -> bool:
        """Whether it has read nothing for `seconds`."""
        return now - self._moved > seconds

    def is_stalled(self, now: float, seconds: float, total: int) -> bool:
        """Whether it is behind and has read nothing for `seconds`, or more waits for it than can be kept in memory."""
        return self.is_full(total) and (self.is_silent(now, seconds) or len(self.waiting) > WATCHER_LIMIT)

    # --- input ----------------------------------------------------------------------------------------------------------

    def typed(self, count: int) -> None:
        """Input was taken from it; it is told so, now or soon."""
        if self.place is None:
            return
        self.place.typed += count
        if self.place.typed - self._told >= TELL_BYTES:
            self.tell_typed()
        elif self.tell_at == NEVER:
            self.tell_at = time.monotonic() + TELL_SECONDS

    def tell_typed(self) -> None:
        """Tell how much of its input was taken."""
        self.tell_at = NEVER
        if self.place is not None:
            self._told = self.place.typed
            self.send(frames.TYPED, {"typed": self._told})

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
