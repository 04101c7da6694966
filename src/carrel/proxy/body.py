"""Bodies of HTTP/1.1 messages: where they end, while their bytes are passed on as they come (RFC 9112 section 7)."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final, Protocol

from carrel.proxy.head import CHUNKED, UNTIL_CLOSE, BadHead, parse_fields

MAX_CHUNK_LINE_BYTES: Final = 256
MAX_TRAILER_BYTES: Final = 8 * 1024
_HEX = frozenset(b"0123456789abcdefABCDEF")
_MAX_SIZE_DIGITS: Final = 15
_CHUNK_LINE_BYTES = frozenset(range(0x20, 0x7F)) | {0x09}


class BadBody(Exception):  # noqa: N818  describes the body
    """A body whose framing could be understood in two ways."""


class Body(Protocol):
    """Follows a body; `done` once its last byte was seen."""

    done: bool

    def feed(self, data: bytes) -> int:
        """How many of these bytes belong to the body.

        Raises:
            BadBody: the framing is wrong.
        """


class LengthBody:
    """A body of known length."""

    def __init__(self, length: int) -> None:
        self._left = length
        self.done = length == 0

    def feed(self, data: bytes) -> int:
        """Up to the length."""
        taken = min(len(data), self._left)
        self._left -= taken
        self.done = self._left == 0
        return taken


class EndlessBody:
    """A body that ends with its connection."""

    done = False

    def feed(self, data: bytes) -> int:
        """Everything."""
        return len(data)


class _Expect(Enum):
    SIZE = auto()
    DATA = auto()
    DATA_END = auto()
    TRAILER = auto()


class ChunkedBody:
    """A chunked body: every size line, chunk end and trailer is checked, and nothing is taken for granted."""

    def __init__(self, *, keep_payload: bool = False) -> None:
        self.done = False
        self.payload: list[bytes] = []
        """What the chunks hold, where it is kept: for a client that knows no chunks."""
        self._keep = keep_payload
        self._expect = _Expect.SIZE
        self._left = 0
        self._line = bytearray()

    def feed(self, data: bytes) -> int:
        """Up to the end of the last chunk's trailers."""
        position = 0
        while position < len(data) and not self.done:
            if self._expect is _Expect.DATA:
                position = self._take_data(data, position)
            else:
                position = self._take_line(data, position)
        return position

    def _take_data(self, data: bytes, position: int) -> int:
        end = min(len(data), position + self._left)
        if self._keep:
            self.payload.append(data[position:end])
        self._left -= end - position
        if self._left == 0:
            self._expect = _Expect.DATA_END
        return end

    def _take_line(self, data: bytes, position: int) -> int:
        """Take bytes up to the end of a line; the line may have begun in an earlier piece."""
        end = data.find(b"\n", position)
        stop = len(data) if end < 0 else end + 1
        self._line += data[position:stop]
        limit = MAX_TRAILER_BYTES if self._expect is _Expect.TRAILER else MAX_CHUNK_LINE_BYTES
        if len(self._line) > limit:
            raise BadBody("A line of the chunked body is too long.")
        if end < 0:
            return stop
        if not self._line.endswith(b"\r\n"):
            raise BadBody("A line of the chunked body does not end with CR LF.")
        self._on_line()
        return stop

    def _on_line(self) -> None:
        if self._expect is _Expect.TRAILER:
            self._on_trailer()
            return
        line = bytes(self._line[:-2])
        self._line.clear()
        if self._expect is _Expect.DATA_END:
            if line:
                raise BadBody("A chunk is longer than its size says.")
            self._expect = _Expect.SIZE
            return
        self._left = _chunk_size(line)
        self._expect = _Expect.DATA if self._left else _Expect.TRAILER

    def _on_trailer(self) -> None:
        """Trailers are collected up to the empty line, then checked like the fields of a head."""
        if self._line != b"\r\n" and not self._line.endswith(b"\r\n\r\n"):
            return
        try:
            parse_fields(bytes(self._line[:-2]))
        except BadHead as error:
            raise BadBody(error.detail) from error
        self.done = True


def _chunk_size(line: bytes) -> int:
    """The size in a chunk's first line; extensions are let through where they are printable."""
    digits, _, extension = line.partition(b";")
    digits = digits.rstrip(b" \t") if extension else digits
    if not digits or len(digits) > _MAX_SIZE_DIGITS or not _HEX.issuperset(digits):
        raise BadBody("A chunk's size is not a hexadecimal number.")
    if not _CHUNK_LINE_BYTES.issuperset(extension):
        raise BadBody("A chunk's extension is malformed.")
    return int(digits, 16)


def body_of(length: int, *, keep_payload: bool = False) -> Body:
    """The body that a head's `length` announces."""
    if length == CHUNKED:
        return ChunkedBody(keep_payload=keep_payload)
    if length == UNTIL_CLOSE:
        return EndlessBody()
    return LengthBody(length)
