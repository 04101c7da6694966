"""A WebSocket on its way through: bytes both ways, and a look at what the client sends."""

from __future__ import annotations

import asyncio
from typing import Protocol

import structlog

from carrel.proxy.door import Admitted
from carrel.proxy.frames import Boundaries, close_frame
from carrel.proxy.upstream import Upstream

log = structlog.get_logger()


class Watcher(Protocol):
    """Sees what a client sends."""

    def feed(self, data: bytes) -> None:
        """The next bytes from the client."""


class Tunnel:
    """Joins a client's transport and a connection to an app; each direction ends by itself."""

    def __init__(self, transport: asyncio.Transport, upstream: Upstream, admitted: Admitted, watcher: Watcher) -> None:
        self.admitted = admitted
        self.bytes_in = 0
        self.bytes_out = 0
        self._transport = transport
        self._upstream = upstream
        self._watcher: Watcher | None = watcher
        self._boundaries = Boundaries()
        self._client_ended = False
        self._upstream_ended = False
        upstream.consumer = self

    # --- the client's side -----------------------------------------------------------------------------------------

    def client_data(self, data: bytes) -> None:
        """Pass on."""
        self.bytes_in += len(data)
        self._upstream.write(data)
        if self._watcher is not None:
            try:
                self._watcher.feed(data)
            except Exception:
                # Looking along must never cost somebody the connection.
                log.exception("watcher_failed")
                self._watcher = None

    def client_ended(self) -> None:
        """Pass on the end of the client's direction."""
        self._client_ended = True
        self._upstream.write_eof()
        self._close_if_both_ended()

    def client_writable(self, writable: bool) -> None:  # noqa: FBT001  a callback's one fact
        """Hold the app back while the client has fallen behind."""
        if writable:
            self._upstream.resume_reading()
        else:
            self._upstream.pause_reading()

    def client_lost(self) -> None:
        """The client is gone."""
        self._upstream.abort()

    def cut(self) -> None:
        """End both sides now: access was revoked, or the proxy ends."""
        self._upstream.abort()
        self._transport.abort()

    def say_goodbye(self, code: int) -> bool:
        """Tell the client why this ends, and leave the app; False: not now, a message is under way."""
        if not self._boundaries.between or self._upstream_ended:
            return False
        self._transport.write(close_frame(code))
        self._upstream.abort()
        return True

    # --- the app's side --------------------------------------------------------------------------------------------

    def upstream_data(self, data: bytes) -> None:
        """Pass on."""
        self.bytes_out += len(data)
        self._boundaries.feed(data)
        self._transport.write(data)

    def upstream_ended(self) -> None:
        """Pass on the end of the app's direction."""
        self._upstream_ended = True
        if self._transport.can_write_eof() and not self._client_ended:
            self._transport.write_eof()
        self._close_if_both_ended()

    def upstream_lost(self) -> None:
        """What was received is still sent, then the client's connection ends."""
        self._transport.close()

    def upstream_writable(self, writable: bool) -> None:  # noqa: FBT001  a callback's one fact
        """Hold the client back while the app has fallen behind."""
        if writable:
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _close_if_both_ended(self) -> None:
        if self._client_ended and self._upstream_ended:
            self._upstream.abort()
            self._transport.close()
