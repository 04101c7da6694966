"""One connection to a holder. Standard library only."""

from __future__ import annotations

import json
import socket
import time

from carrel.agent import frames

TYPE_CHECKING = False  # the name is what type checkers know; importing typing costs a megabyte
if TYPE_CHECKING:
    from typing import Any

FULL = 512 << 10
"""Bytes waiting for a viewer from which on the command has to wait for it."""


class Viewer:
    """Frames in, frames out, without blocking."""

    def __init__(self, connection: socket.socket) -> None:
        """Take over `connection`."""
        connection.setblocking(False)
        self._connection = connection
        self._received = bytearray()
        self._moved = time.monotonic()
        self.waiting = bytearray()
        self.is_attached = False
        self.is_gone = False

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

    def is_full(self) -> bool:
        """Whether the command must wait for this viewer."""
        return self.is_attached and len(self.waiting) > FULL

    def is_stalled(self, now: float, seconds: float) -> bool:
        """Whether it is full and has read nothing for `seconds`."""
        return self.is_full() and now - self._moved > seconds

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
