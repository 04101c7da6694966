"""The packets of an asyncssh connection above key exchange and authentication, taken out and put in whole.

This is the one module that knows asyncssh's inside (2.24): `_channels`, `process_packet`, `_transport`. A relay of
packets needs no windows, no channel objects and no copies of state: what one end says reaches the other as it was said,
and flow control is between the ends (ADR 0019).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import asyncssh
from asyncssh.packet import SSHPacket, SSHPacketHandler, String, UInt32

from carrel.ssh.lean_packets import LeanPackets

FIRST_PACKET: Final = 80
"""From this type on packets belong to the connection protocol."""
_MSG_DISCONNECT: Final = 1
LINGER_SECONDS: Final = 3.0
"""How long what was written may take to leave before the connection is cut."""
WRITE_BUFFER_BYTES: Final = 512 * 1024
"""What waits for a slow receiver before its sender is held back."""
MOST_WAITING_BYTES: Final = 8 * 1024 * 1024
"""What waits for a receiver before it is cut off: it asks and asks, and does not read our answers."""

Receive = Callable[[bytes], None]


class _EveryChannel(dict[int, Any]):
    """In the place of a connection's channels: packets of all of them go to one handler."""

    def __init__(self, handler: Any) -> None:
        super().__init__()
        self._handler = handler

    def __missing__(self, number: int) -> Any:
        return self._handler


class _Handler:
    """As much of asyncssh's packet handler as its connection asks for."""

    def __init__(self, tap: Tap) -> None:
        self._tap = tap

    def log_received_packet(self, *_: Any) -> None:
        """Packets are not logged: they are what people type."""

    def process_packet(self, _type: int, _number: int, packet: SSHPacket) -> bool:
        """Hand it on."""
        self._tap.receive(packet.get_full_payload())
        return True


class Tap:
    """One connection, from which every packet goes to `receive`, and to which `send` writes packets."""

    def __init__(self, ssh: Any, receive: Receive) -> None:
        """Begin to tap an asyncssh connection that is authenticated."""
        self.receive = receive
        self.on_pressure: Callable[[bool], None] = lambda _: None
        """Called with True when too much waits to be sent, with False when it has left."""
        self._inside = ssh
        self._transport: asyncio.Transport = self._inside._transport
        self._channels: dict[int, Any] = self._inside._channels
        self._ended = False
        self._is_behind = False
        """It does not take what was sent."""
        self._deferred_bytes = 0
        """What asyncssh keeps until an exchange of keys has ended, however long the other side takes for it."""
        handler = _Handler(self)
        self._lean: LeanPackets | None = ssh.get_extra_info("lean_packets")
        if self._lean is not None:
            self._lean.tap = self._take
        self._inside._channels = _EveryChannel(handler)
        self._inside.process_packet = self._process_packet
        self._inside.log_received_packet = handler.log_received_packet
        self._inside.log_sent_packet = handler.log_received_packet
        self._before = (ssh.pause_writing, ssh.resume_writing)
        self._inside.pause_writing = lambda: self._fell_behind(is_behind=True)
        self._inside.resume_writing = lambda: self._fell_behind(is_behind=False)
        self._inside._send_deferred_packets = self._keys_exchanged
        self._transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)
        # Keep-alives of our own would take the answers to those of the ends.
        self._inside._keepalive_interval = 0
        self._inside._cancel_keepalive_timer()

    def _process_packet(self, kind: int, number: int, packet: SSHPacket) -> Any:
        if kind >= FIRST_PACKET:
            self.receive(packet.get_full_payload())
            return True
        return SSHPacketHandler.process_packet(self._inside, kind, number, packet)

    def _take(self, packet: bytes) -> None:
        self.receive(packet)

    def send(self, packet: bytes) -> None:
        """Send a packet, or cut off who takes none."""
        is_deferred = not self._inside._kex_complete
        self._inside.send_packet(packet[0], memoryview(packet)[1:])
        if is_deferred:
            self._defer(len(packet))
        if self._deferred_bytes + self._transport.get_write_buffer_size() > MOST_WAITING_BYTES:
            self._transport.abort()

    # --- who falls behind ----------------------------------------------------------------------------------------------

    @property
    def _has_pressure(self) -> bool:
        return self._is_behind or self._deferred_bytes > WRITE_BUFFER_BYTES

    def _fell_behind(self, *, is_behind: bool) -> None:
        had, self._is_behind = self._has_pressure, is_behind
        self._tell(had=had)

    def _defer(self, size: int) -> None:
        had, self._deferred_bytes = self._has_pressure, self._deferred_bytes + size
        self._tell(had=had)

    def _keys_exchanged(self) -> None:
        """In the place of asyncssh's own, which it calls to send what it kept."""
        had, self._deferred_bytes = self._has_pressure, 0
        type(self._inside)._send_deferred_packets(self._inside)
        self._tell(had=had)

    def _tell(self, *, had: bool) -> None:
        if had != self._has_pressure:
            self.on_pressure(self._has_pressure)

    # --- coming and going ----------------------------------------------------------------------------------------------

    def pause_reading(self) -> None:
        """Take nothing more from the socket."""
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on."""
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def release(self, held: list[bytes]) -> None:
        """Give the connection back to asyncssh, which then handles what was `held`, too."""
        self._inside._channels = self._channels
        del self._inside.process_packet
        del self._inside._send_deferred_packets
        self._inside.pause_writing, self._inside.resume_writing = self._before
        if self._lean is not None:
            self._lean.tap = None
        for payload in held:
            packet = SSHPacket(payload)
            kind = packet.get_byte()
            SSHPacketHandler.process_packet(self._inside, kind, 0, packet)

    def end(self, code: int = asyncssh.DISC_BY_APPLICATION, reason: str = "") -> None:
        """Disconnect once what was written has left, at the latest after LINGER_SECONDS."""
        if self._ended or self._transport.is_closing():
            return
        self._ended = True
        self._inside.send_packet(_MSG_DISCONNECT, UInt32(code), String(reason), String("en"))
        self._transport.close()
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self._transport.abort)
