"""Packets of the SSH connection protocol (RFC 4254) as bytes: what a relay has to read of them, and the few it makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

GLOBAL_REQUEST: Final = 80
REQUEST_SUCCESS: Final = 81
REQUEST_FAILURE: Final = 82
OPEN: Final = 90
OPEN_CONFIRMATION: Final = 91
OPEN_FAILURE: Final = 92
WINDOW_ADJUST: Final = 93
DATA: Final = 94
EXTENDED_DATA: Final = 95
EOF: Final = 96
CLOSE: Final = 97
REQUEST: Final = 98
SUCCESS: Final = 99
FAILURE: Final = 100

ADMINISTRATIVELY_PROHIBITED: Final = 1
CONNECT_FAILED: Final = 2
RESOURCE_SHORTAGE: Final = 4
STDERR: Final = 1


class Malformed(Exception):  # noqa: N818  says what the packet is
    """A packet is shorter than it says."""


def uint32(number: int) -> bytes:
    """Four bytes."""
    return number.to_bytes(4, "big")


def string(value: bytes) -> bytes:
    """Bytes with their length before them."""
    return uint32(len(value)) + value


def read_uint32(packet: bytes, offset: int) -> int:
    """The number at an offset."""
    if offset + 4 > len(packet):
        raise Malformed
    return int.from_bytes(packet[offset : offset + 4], "big")


def read_string(packet: bytes, offset: int) -> tuple[bytes, int]:
    """The string at an offset, and the offset behind it."""
    begin = offset + 4
    end = begin + read_uint32(packet, offset)
    if end > len(packet):
        raise Malformed
    return packet[begin:end], end


@dataclass(frozen=True)
class Open:
    """A request to open a channel."""

    kind: bytes
    number: int
    """By which the sender knows the channel."""
    window: int
    largest_packet: int
    rest: bytes

    @classmethod
    def read(cls, packet: bytes) -> Open:
        """From a packet of type OPEN."""
        kind, offset = read_string(packet, 1)
        number, window, largest = (read_uint32(packet, offset + step) for step in (0, 4, 8))
        return cls(kind, number, window, largest, packet[offset + 12 :])

    def packet(self) -> bytes:
        """The inverse of `read`."""
        head = bytes((OPEN,)) + string(self.kind) + uint32(self.number)
        return head + uint32(self.window) + uint32(self.largest_packet) + self.rest


@dataclass(frozen=True)
class Request:
    """A request about a channel (`number` is the receiver's), or a global one (`number` is 0)."""

    kind: bytes
    wants_reply: bool
    rest: bytes
    number: int = 0

    @classmethod
    def read(cls, packet: bytes) -> Request:
        """From a packet of type REQUEST or GLOBAL_REQUEST."""
        number, offset = (read_uint32(packet, 1), 5) if packet[0] == REQUEST else (0, 1)
        kind, offset = read_string(packet, offset)
        if offset >= len(packet):
            raise Malformed
        return cls(kind, packet[offset] != 0, packet[offset + 1 :], number)

    def without_reply(self) -> bytes:
        """The same request about a channel as a packet, but nobody waits for an answer."""
        return bytes((REQUEST,)) + uint32(self.number) + string(self.kind) + b"\0" + self.rest


def open_confirmation(number: int, own: int, window: int, largest_packet: int) -> bytes:
    """The channel that the receiver calls `number` and the sender `own` is open."""
    return bytes((OPEN_CONFIRMATION,)) + uint32(number) + uint32(own) + uint32(window) + uint32(largest_packet)


def open_failure(number: int, code: int, reason: str) -> bytes:
    """The channel that the receiver calls `number` is not opened."""
    return bytes((OPEN_FAILURE,)) + uint32(number) + uint32(code) + string(reason.encode()) + string(b"en")


def window_adjust(number: int, size: int) -> bytes:
    """The receiver may send that many bytes more."""
    return bytes((WINDOW_ADJUST,)) + uint32(number) + uint32(size)


def stderr_data(number: int, text: bytes) -> bytes:
    """Text for standard error."""
    return bytes((EXTENDED_DATA,)) + uint32(number) + uint32(STDERR) + string(text)


def about(kind: int, number: int) -> bytes:
    """A packet that says nothing but of which channel it is: EOF, CLOSE, SUCCESS, FAILURE."""
    return bytes((kind,)) + uint32(number)


def exit_status(number: int, status: int) -> bytes:
    """How a session ended."""
    return bytes((REQUEST,)) + uint32(number) + string(b"exit-status") + b"\0" + uint32(status)
