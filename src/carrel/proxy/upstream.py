"""One connection to an app: a channel of a link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

import asyncssh

from carrel.ssh.lean_packets import write

WRITE_BUFFER_BYTES: Final = 256 * 1024


class Consumer(Protocol):
    """Who uses a connection at the moment."""

    def upstream_data(self, data: bytes) -> None:
        """The app sent something."""

    def upstream_ended(self) -> None:
        """The app will send no more."""

    def upstream_lost(self) -> None:
        """The connection is gone."""

    def upstream_writable(self, writable: bool) -> None:  # noqa: FBT001  a callback's one fact
        """The app takes data, or has fallen behind."""


class Upstream(asyncssh.SSHTCPSession[bytes]):
    """One connection to an app."""

    def __init__(self) -> None:
        self.consumer: Consumer | None = None
        self.channel: asyncssh.SSHTCPChannel[bytes]
        self.closed = False
        self.used_before = False
        self.idle_since = 0.0
        self.on_first_byte: Callable[[], None] | None = None
        self._paused = False

    def connection_made(self, chan: asyncssh.SSHTCPChannel[bytes]) -> None:
        """Keep the channel."""
        self.channel = chan
        chan.set_write_buffer_limits(WRITE_BUFFER_BYTES)

    def data_received(self, data: bytes, datatype: int | None) -> None:  # noqa: ARG002  asyncssh's signature
        """Pass on; data that nobody asked for ends the connection."""
        if self.on_first_byte is not None:
            self.on_first_byte()
            self.on_first_byte = None
        if self.consumer is None:
            self.abort()
        else:
            self.consumer.upstream_data(data)

    def eof_received(self) -> bool:
        """Pass on; our own direction stays open."""
        if self.consumer is None:
            self.abort()
        else:
            self.consumer.upstream_ended()
        return not self.closed

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncssh's signature
        """Pass on."""
        self.closed = True
        if self.consumer is not None:
            self.consumer.upstream_lost()

    def pause_writing(self) -> None:
        """Pass on."""
        if self.consumer is not None:
            self.consumer.upstream_writable(False)

    def resume_writing(self) -> None:
        """Pass on."""
        if self.consumer is not None:
            self.consumer.upstream_writable(True)

    def pause_reading(self) -> None:
        """Take no more from the app for now; its window fills and holds it back."""
        if not self._paused and not self.closed:
            self._paused = True
            self.channel.pause_reading()

    def resume_reading(self) -> None:
        """Take from the app again."""
        if self._paused and not self.closed:
            self._paused = False
            self.channel.resume_reading()

    def write(self, data: bytes) -> None:
        """Send to the app."""
        if not self.closed:
            write(self.channel, data)

    def write_eof(self) -> None:
        """Send no more."""
        if not self.closed:
            self.channel.write_eof()

    def abort(self) -> None:
        """End the connection now."""
        self.consumer = None
        if not self.closed:
            self.closed = True
            self.channel.abort()
