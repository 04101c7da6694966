"""A shorter way for the data of asyncssh's connections: fewer copies and fewer packets, the same bytes on the wire.

asyncssh copies what it sends seven times and what it receives six times, makes a new cipher for each packet, and puts
an SSH_MSG_IGNORE before each. For channel data under AES-GCM, which is nearly all that a link carries, this takes a
path with one copy each way; whatever else comes is left to asyncssh (docs/adr/0022-a-shorter-way-for-ssh-data.md).
"""
# ruff: noqa: SLF001  it takes the place of parts of asyncssh that have no public name

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

import asyncssh
from asyncssh.encryption import GCMEncryption
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PACKET_BYTES: Final = 128 * 1024
"""Most data in one packet: what a sender is told (RFC 4254 section 5.1). Four times asyncssh's; 64 and 256 KiB were slower."""
ROOM_BYTES: Final = 256 * 1024
"""What is read from a socket at once, at most."""
KEYS_LOOK_SECONDS: Final = 0.05
_IGNORE: Final = 2
_CHANNEL_DATA: Final = 94
_DATA_BYTE: Final = bytes((_CHANNEL_DATA,))
_FIRST_OF_CONNECTION: Final = 80
_FIRST_OF_CHANNELS: Final = 90
_TAG_BYTES: Final = 16
_SMALL_BYTES: Final = 8 * 1024
"""Up to here one copy more costs less than a second buffer on its way to the kernel."""
_LEAST_BYTES: Final = 16
"""The shortest packet: one block."""
_DATA_AT: Final = 10
"""Length of the padding, kind, channel, length of the data: then the data."""
_PADDING: Final = bytes(32)
"""Padding need not be secret or random under AES-GCM."""


class LeanPackets:
    """The shorter way of one connection. Made in `connection_made`, before the first packet."""

    def __init__(self, connection: Any) -> None:
        """Take the place of the connection's own `send_packet` and `_recv_data`."""
        self._ssh = connection
        self._send_plainly = connection.send_packet
        self._receive_plainly = connection._recv_data
        self._sealing: tuple[Any, AESGCM | None] = (None, None)
        self._opening: tuple[Any, AESGCM | None] = (None, None)
        self.tap: Callable[[bytes], None] | None = None
        """Takes every packet of the connection protocol whole, in the place of asyncssh and its channels."""
        self.most_waiting_bytes = 0
        """What may wait for the other side, or for the end of an exchange of keys, before it is cut off; 0: anything."""
        self._deferred_bytes = 0
        self._room = asyncio.Event()
        self._room.set()
        connection.pause_writing = self._room.clear
        connection.resume_writing = self._room.set
        connection.send_packet = self.send_packet
        connection._recv_data = self._receive
        connection.set_extra_info(lean_packets=self)

    # --- sending -----------------------------------------------------------------------------------------------------

    async def room(self) -> None:
        """Wait until the other side has taken what was sent.

        asyncssh holds nobody back but by the windows of channels, which the other side makes as wide as it likes.
        """
        while not self._ssh._kex_complete and self._ssh._transport is not None:  # noqa: ASYNC110
            await asyncio.sleep(KEYS_LOOK_SECONDS)  # asyncssh tells nobody of the end of an exchange
        await self._room.wait()

    def _bound(self, size: int) -> None:
        ssh = self._ssh
        self._deferred_bytes = 0 if ssh._kex_complete else self._deferred_bytes + size
        transport = ssh._transport
        if transport and transport.get_write_buffer_size() + self._deferred_bytes > self.most_waiting_bytes:
            transport.abort()

    def send_packet(self, pkttype: int, *args: bytes, handler: Any = None) -> None:
        """In the place of asyncssh's own.

        SSH_MSG_IGNORE is left out: it guards CBC modes against chosen initialisation vectors, and none is offered.
        """
        if pkttype == _IGNORE:
            return
        cipher = self._sealer() if pkttype >= _FIRST_OF_CHANNELS else None
        if cipher is None:
            self._send_plainly(pkttype, *args, handler=handler)
        else:
            self._seal(cipher, bytes((pkttype,)), args)
        if self.most_waiting_bytes:
            self._bound(sum(map(len, args)))

    def write(self, channel: Any, data: bytes) -> None:
        """As `channel.write(data)`."""
        size = len(data)
        if not hasattr(channel, "lean_window"):
            channel.lean_window = channel._send_window
        if channel._send_buf or channel._send_state != "open" or channel._send_window < size or channel._encoding:
            channel.write(data)
            return
        cipher = self._sealer()
        if cipher is None:
            channel.write(data)
            return
        channel._send_window -= size
        if channel._send_window < ROOM_BYTES and not channel._send_paused:
            _hold_back(channel)
        number, most = channel._send_chan.to_bytes(4, "big"), channel._send_pktsize
        if size <= most:
            self._seal(cipher, _DATA_BYTE, (number, size.to_bytes(4, "big"), data))
            return
        view = memoryview(data)
        for at in range(0, size, most):
            piece = view[at : at + most]
            self._seal(cipher, _DATA_BYTE, (number, len(piece).to_bytes(4, "big"), piece))

    def _sealer(self) -> AESGCM | None:
        """The cipher for what is sent; None: this is no time for the shorter way."""
        ssh = self._ssh
        encryption = ssh._send_encryption
        if (
            not ssh._kex_complete
            or not ssh._auth_complete
            or ssh._rekey_bytes_sent >= ssh._rekey_bytes
            or ssh._compressor
            or (ssh._rekey_seconds and time.monotonic() >= ssh._rekey_time)
        ):
            return None
        if self._sealing[0] is not encryption:
            self._sealing = (encryption, _cipher_of(encryption))
        return self._sealing[1]

    def _seal(self, cipher: AESGCM, kind: bytes, parts: tuple[bytes | memoryview, ...]) -> None:
        ssh = self._ssh
        size = 1 + sum(map(len, parts))
        padding = -(ssh._send_enchdrlen + size) % ssh._send_blocksize
        if padding < 4:
            padding += ssh._send_blocksize
        packet = b"".join((bytes((padding,)), kind, *parts, _PADDING[:padding]))
        length = len(packet).to_bytes(4, "big")
        state = ssh._send_encryption._cipher
        sealed = cipher.encrypt(state._iv, packet, length)
        state._update_iv()
        ssh._send_seq = (ssh._send_seq + 1) & 0xFFFFFFFF
        ssh._rekey_bytes_sent += len(packet)
        transport = ssh._transport
        if transport is None:
            return
        if size < _SMALL_BYTES:
            transport.write(length + sealed)
        else:
            transport.writelines((length, sealed))

    # --- receiving ---------------------------------------------------------------------------------------------------

    def _receive(self) -> None:
        """In the place of asyncssh's own: take what packets of channel data there are, leave the rest to it."""
        ssh = self._ssh
        cipher = self._opener()
        if cipher is None:
            self._receive_plainly()
            return
        if ssh._recv_handler == ssh._recv_packet:
            # asyncssh has taken the packet's first block off; under GCM it is still as it came.
            ssh._inpbuf, ssh._packet = ssh._packet + ssh._inpbuf, b""
            ssh._recv_handler = ssh._recv_pkthdr
        if ssh._recv_handler != ssh._recv_pkthdr:
            return  # it waits for something; what came is in its buffer
        ssh._reset_keepalive_timer()
        try:
            rest = self._take(cipher, ssh._inpbuf)
        except asyncssh.DisconnectError as error:
            ssh._send_disconnect(error.code, error.reason, error.lang)
            ssh._force_close(error)
            return
        except Exception:  # noqa: BLE001  as asyncssh does
            ssh.internal_error()
            return
        if rest:
            self._receive_plainly()

    def _opener(self) -> AESGCM | None:
        ssh = self._ssh
        if not ssh._auth_complete or ssh._decompressor:
            return None
        encryption = ssh._recv_encryption
        if self._opening[0] is not encryption:
            self._opening = (encryption, _cipher_of(encryption))
        return self._opening[1]

    def _take(self, cipher: AESGCM, buffer: bytes) -> bool:
        """Take packets of channel data from the buffer; True: the next packet is of another kind, and may be whole."""
        ssh = self._ssh
        state = ssh._recv_encryption._cipher
        view, position, size = memoryview(buffer), 0, len(buffer)
        other = False
        ssh._inpbuf = b""
        while size - position >= 4:
            length = int.from_bytes(view[position : position + 4], "big")
            end = position + 4 + length + _TAG_BYTES
            other = not _LEAST_BYTES <= length <= ssh._max_recv_pktlen
            if other or end > size:
                break
            try:
                packet = cipher.decrypt(state._iv, view[position + 4 : end], view[position : position + 4])
            except InvalidTag:
                other = True
                break
            tap = self.tap if packet[1] >= _FIRST_OF_CONNECTION else None
            channel, count = self._channel_of(packet) if self.tap is None else (None, 0)
            if channel is None and tap is None:
                other = True
                break
            position = end
            state._update_iv()
            ssh._recv_seq = (ssh._recv_seq + 1) & 0xFFFFFFFF
            ssh._auth_final = True
            if tap is not None:
                tap(packet[1 : -packet[0]])
            elif channel is not None:
                channel._accept_data(packet[_DATA_AT : _DATA_AT + count])
            if ssh._transport is None:
                return False
        ssh._inpbuf = buffer[position:] if position else buffer
        return other

    def _channel_of(self, packet: bytes) -> tuple[Any, int]:
        """Whose data it is, and how many bytes; None: it is something else, or not as it should be."""
        if packet[1] != _CHANNEL_DATA:
            return None, 0
        channel = self._ssh._channels.get(int.from_bytes(packet[2:6], "big"))
        count = int.from_bytes(packet[6:_DATA_AT], "big")
        as_it_should_be = (
            channel is not None
            and _DATA_AT + count + packet[0] == len(packet)
            and channel._recv_state == "open"
            and count <= channel._recv_window
        )
        return (channel, count) if as_it_should_be else (None, 0)


def write(channel: Any, data: bytes) -> None:
    """Write to a channel, by the shorter way where its connection has one."""
    lean = channel.get_extra_info("lean_packets")
    if lean is None:
        channel.write(data)
    else:
        lean.write(channel, data)


def _hold_back(channel: Any) -> None:
    """Have the session write no more until the far end has taken some: what does not fit its window goes the long way.

    Only where the window is wide. Every implementation widens it again long before so little is left; asyncssh tells the
    session when that has come (`_pause_resume_writing`).
    """
    if channel.lean_window >= 4 * ROOM_BYTES and channel._session is not None:
        channel._send_paused = True
        channel._session.pause_writing()


def _cipher_of(encryption: Any) -> AESGCM | None:
    return AESGCM(encryption._cipher._key) if type(encryption) is GCMEncryption else None
