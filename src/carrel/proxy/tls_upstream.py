"""TLS to an app that asks for it (`portsAttributes.protocol: https`), inside the channel of a link.

The certificate is accepted, whoever signed it: the way to the workspace's own loopback is authenticated and encrypted
already (conformance C409).
"""

from __future__ import annotations

import ssl
from contextlib import suppress

import asyncssh

from carrel.proxy.upstream import Upstream

_CHUNK = 64 * 1024


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["http/1.1"])
    return context


_CONTEXT = _context()


class TlsUpstream(Upstream):
    """One connection to an app that speaks TLS."""

    def __init__(self) -> None:
        super().__init__()
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = _CONTEXT.wrap_bio(self._incoming, self._outgoing, server_hostname="localhost")
        self._is_agreed = False
        self._held = bytearray()
        """Written before the handshake was over."""

    def connection_made(self, chan: asyncssh.SSHTCPChannel[bytes]) -> None:
        """Begin the handshake."""
        super().connection_made(chan)
        self._shake_hands()

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Pass on what is in the records."""
        self._incoming.write(data)
        try:
            if not self._is_agreed and not self._shake_hands():
                return
            while plain := self._tls.read(_CHUNK):
                super().data_received(plain, datatype)
                if self.closed:
                    return
            self.eof_received()  # the app said that it will send no more
        except ssl.SSLWantReadError:
            self._flush()
        except ssl.SSLError:
            self._give_up()

    def write(self, data: bytes) -> None:
        """Send, as soon as both sides have agreed on keys."""
        if not self._is_agreed:
            self._held += data
        elif not self.closed and data:
            self._tls.write(data)
            self._flush()

    def write_eof(self) -> None:
        """Say that no more will come; the channel stays open for the answer."""
        if self._is_agreed and not self.closed:
            with suppress(ssl.SSLError):  # the app's own goodbye is not there yet
                self._tls.unwrap()
            self._flush()

    def _shake_hands(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        except ssl.SSLError:
            self._give_up()
            return False
        self._is_agreed = True
        held, self._held = bytes(self._held), bytearray()
        self.write(held)
        self._flush()
        return True

    def _flush(self) -> None:
        if data := self._outgoing.read():
            super().write(data)

    def _give_up(self) -> None:
        """What answers does not speak TLS, or not as it should."""
        consumer = self.consumer
        self.abort()
        if consumer is not None:
            consumer.upstream_lost()
