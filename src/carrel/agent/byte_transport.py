"""A transport whose bytes are handed to a function: an SSH connection inside a channel writes to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class ByteTransport(asyncio.Transport):
    """As much of a transport as asyncssh asks of the tunnel below a connection.

    It never asks its writer to pause: asyncssh would not. What can be written at once is bounded by the windows that the
    SSH client has given to its channels.
    """

    def __init__(self, send: Callable[[bytes], None], closed: Callable[[], None]) -> None:
        """Hand what is written to `send`; `closed` is called once, when the writer is done."""
        super().__init__()
        self._send = send
        self._closed = closed
        self._is_closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Hand on."""
        if not self._is_closing:
            self._send(bytes(data))

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self._is_closing

    def close(self) -> None:
        """Nothing more will be written."""
        if not self._is_closing:
            self._is_closing = True
            self._closed()

    def abort(self) -> None:
        """As `close`: what was written has been handed on already."""
        self.close()

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ARG002  it has neither socket nor peer
        """Nothing is known."""
        return default
