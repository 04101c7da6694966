"""A client's side of a WebSocket, read along (RFC 6455 section 5): frames are never changed, and never held up."""

from __future__ import annotations

from typing import Final, Protocol

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
SERVICE_RESTART: Final = 1012
"""Come back: somebody else will serve (IANA's registry of close codes)."""
_FIN: Final = 0x80
_COMPRESSED: Final = 0x40
_MASKED: Final = 0x80
_LONGEST_HEAD: Final = 14
_EXTENDED: Final = {126: 2, 127: 8}
"""Bytes of an extended length."""


class Listener(Protocol):
    """Hears of data messages; control frames (ping, pong, close) are left out."""

    wants_payload: bool

    def message(self, length: int, *, compressed: bool) -> None:
        """A data message begins; its first frame has so many bytes."""

    def payload(self, data: bytes) -> None:
        """Some bytes of the message, unmasked; only where `wants_payload`."""

    def end(self) -> None:
        """The message is complete."""


class ClientFrames:
    """Splits what a client sends into messages. What it does not understand it stops reading."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._head = b""
        self._left = 0
        self._mask = b""
        self._position = 0
        self._is_data = False
        self._is_last = False
        self._lost = False

    def feed(self, data: bytes) -> None:
        """The next bytes from the client."""
        position = 0
        while position < len(data) and not self._lost:
            take = self._take_payload if self._left else self._take_head
            position = take(data, position)

    def _take_head(self, data: bytes, position: int) -> int:
        known = len(self._head)
        self._head += data[position : position + _LONGEST_HEAD - known]
        size = _head_size(self._head)
        if size < 0 or len(self._head) < size:
            return len(data)
        head, self._head = self._head[:size], b""
        self._on_head(head)
        return position + size - known

    def _on_head(self, head: bytes) -> None:
        first, second = head[0], head[1]
        if not second & _MASKED:
            self._lost = True
            return
        short = second & 0x7F
        self._left = short if short < 126 else int.from_bytes(head[2:-4], "big")
        self._mask, self._position = head[-4:], 0
        opcode = first & 0x0F
        self._is_data = opcode <= BINARY
        self._is_last = bool(first & _FIN)
        if opcode in {TEXT, BINARY}:
            self._listener.message(self._left, compressed=bool(first & _COMPRESSED))
        if not self._left:
            self._frame_ends()

    def _take_payload(self, data: bytes, position: int) -> int:
        end = min(len(data), position + self._left)
        if self._is_data and self._listener.wants_payload:
            self._listener.payload(_unmask(data[position:end], self._mask, self._position))
        taken = end - position
        self._position += taken
        self._left -= taken
        if not self._left:
            self._frame_ends()
        return end

    def _frame_ends(self) -> None:
        if self._is_data and self._is_last:
            self._listener.end()


class Boundaries:
    """Whether a stream of frames is between two of them: only there can another one be put in."""

    def __init__(self) -> None:
        self._head = b""
        self._left = 0

    @property
    def between(self) -> bool:
        """Whether the last frame is complete."""
        return not self._left and not self._head

    def feed(self, data: bytes) -> None:
        """The next bytes."""
        position, size = 0, len(data)
        while position < size:
            if self._left:
                taken = min(self._left, size - position)
                self._left -= taken
                position += taken
                continue
            known = len(self._head)
            head = self._head + data[position : position + _LONGEST_HEAD - known]
            length = _head_size(head)
            if length < 0 or len(head) < length:
                self._head = head
                return
            self._head = b""
            short = head[1] & 0x7F
            extended = head[2 : 2 + _EXTENDED.get(short, 0)]
            self._left = int.from_bytes(extended, "big") if extended else short
            position += length - known


def close_frame(code: int) -> bytes:
    """A server's frame that ends a WebSocket (RFC 6455 section 5.5.1)."""
    return bytes((_FIN | CLOSE, 2)) + code.to_bytes(2, "big")


def _head_size(head: bytes) -> int:
    """Bytes of a frame's head, mask included; -1 while that cannot be told."""
    if len(head) < 2:
        return -1
    extended = _EXTENDED.get(head[1] & 0x7F, 0)
    return 2 + extended + (4 if head[1] & _MASKED else 0)


def _unmask(data: bytes, mask: bytes, position: int) -> bytes:
    shift = position % 4
    key = (mask[shift:] + mask[:shift]) * (len(data) // 4 + 1)
    return (int.from_bytes(data, "big") ^ int.from_bytes(key[: len(data)], "big")).to_bytes(len(data), "big")
