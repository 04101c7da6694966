"""A byte stream that outlives its connections: numbered bytes, acknowledgements, replay. Pure; both ends use it.

The wire is in docs/reference/agent-protocol.md ("carrel-stream"), the reasons in ADR 0017. Each direction has one
sequence of numbers: a byte takes one, and the end takes the number after the last byte. What was written stays here
until the other side has taken it, so that a new connection can begin where the old one broke. Standard library only,
and little of it: `carrel ssh-proxy` imports this for every `ssh`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

VERSION = 1
ID_BYTES = 16
WINDOW_BYTES = 4 << 20
"""How far a sender may be ahead of what was taken: the memory of one direction, on both sides."""
PIECE_BYTES = 64 << 10
"""Content of one DATA frame."""
ACK_BYTES = 256 << 10
"""Taken bytes after which the other side is told, where nothing is being sent anyway."""

_HEADER = struct.Struct("!BI")
_NUMBER = struct.Struct("!Q")
_HELLO = struct.Struct(f"!B{ID_BYTES}sBQ")
_WELCOME = struct.Struct("!BQI")
_FRAME_LIMIT = PIECE_BYTES + _NUMBER.size


class Kind(IntEnum):
    """First byte of a frame; four bytes of length and the content follow."""

    HELLO = 1
    WELCOME = 2
    DATA = 3
    END = 4
    ACK = 5
    REFUSED = 6


class Refusal(IntEnum):
    """Why the agent ends a connection; first byte of REFUSED."""

    UNKNOWN = 1
    """There is no such stream (any more)."""
    TAKEN = 2
    """Another connection has taken the stream over."""
    PROTOCOL = 3
    """What came makes no sense, or is of another version."""


class StreamError(Exception):
    """The other side does not keep to the protocol, or the two sides do not fit together."""


class RefusedError(Exception):
    """The agent does not serve this stream."""

    def __init__(self, reason: int, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class Hello(NamedTuple):
    """What the client says first on each connection."""

    id: bytes
    """ID_BYTES that the client has drawn: who knows them has the stream."""
    is_new: bool
    """The agent has never answered: it may make the stream."""
    taken: int
    """How far the client has taken what the agent sent."""


class Welcome(NamedTuple):
    """The agent's answer."""

    taken: int
    """How far the agent has taken what the client sent."""
    resume_seconds: int
    """How long the stream lives without a connection."""


def frame(kind: Kind, content: bytes) -> bytes:
    """One frame."""
    return _HEADER.pack(kind, len(content)) + content


def hello(said: Hello) -> bytes:
    """The frame HELLO."""
    return frame(Kind.HELLO, _HELLO.pack(VERSION, said.id, said.is_new, said.taken))


def read_hello(content: bytes) -> Hello:
    """What a HELLO says. Raises StreamError: malformed, or of another version."""
    if len(content) != _HELLO.size or content[0] != VERSION:
        raise StreamError("this is no hello of version 1")
    _, name, flags, taken = _HELLO.unpack(content)
    return Hello(name, bool(flags & 1), taken)


def welcome(said: Welcome) -> bytes:
    """The frame WELCOME."""
    return frame(Kind.WELCOME, _WELCOME.pack(VERSION, said.taken, said.resume_seconds))


def read_welcome(content: bytes) -> Welcome:
    """What a WELCOME says. Raises StreamError: malformed, or of another version."""
    if len(content) != _WELCOME.size or content[0] != VERSION:
        raise StreamError("this is no welcome of version 1")
    _, taken, seconds = _WELCOME.unpack(content)
    return Welcome(taken, seconds)


def refused(reason: Refusal, text: str) -> bytes:
    """The frame REFUSED."""
    return frame(Kind.REFUSED, bytes([reason]) + text.encode()[:1000])


def read_refused(content: bytes) -> RefusedError:
    """What a REFUSED says."""
    return RefusedError(content[0] if content else 0, content[1:].decode(errors="replace"))


class Frames:
    """Cuts what a connection delivers into frames."""

    def __init__(self) -> None:
        self._partial = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The frames that `data` completes: kind and content. Raises StreamError: too long to be one."""
        partial = self._partial
        partial += data
        position = 0
        try:
            while len(partial) - position >= _HEADER.size:
                kind, length = _HEADER.unpack_from(partial, position)
                if length > _FRAME_LIMIT:
                    raise StreamError("a frame is too long")
                end = position + _HEADER.size + length
                if len(partial) < end:
                    return
                content = bytes(memoryview(partial)[position + _HEADER.size : end])
                position = end
                yield kind, content
        finally:
            del partial[:position]


class Stream:
    """One end of a stream. Both ends are alike; who connects and who waits is the caller's matter."""

    def __init__(self, window_bytes: int = WINDOW_BYTES) -> None:
        """Nothing was written, nothing came."""
        self._window = window_bytes
        self._ack_bytes = min(ACK_BYTES, window_bytes // 4)
        self._kept = bytearray()
        """Written, and not taken by the other side: the numbers from `_acked` to `_written`."""
        self._acked = 0
        self._written = 0
        self._ended = False
        self._sent = 0
        """On this connection: the next number to be sent."""
        self._reached = 0
        """On any connection: the other side may have all before."""
        self._received = 0
        self._their_end = False
        self._consumed = 0
        self._told = 0
        self.is_connected = False

    # --- what the owner does --------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send `data`, now or later. It is taken in any case; `room` says when to hold back."""
        if self._ended:
            raise ValueError("the stream has been ended")
        self._kept += data
        self._written += len(data)

    def end(self) -> None:
        """Nothing more will be written."""
        self._ended = True

    @property
    def room(self) -> int:
        """How many bytes should be written at most; below 1: hold back."""
        return self._window - len(self._kept)

    @property
    def is_delivered(self) -> bool:
        """Whether the other side has taken everything and knows of the end."""
        return self._ended and self._acked > self._written

    @property
    def is_over(self) -> bool:
        """Whether the other side's end has come, after all that it wrote."""
        return self._their_end

    @property
    def taken(self) -> int:
        """How far what came was taken over: what is to be said in HELLO and WELCOME."""
        return self._consumed + (self._their_end and self._consumed == self._received - 1)

    def consume(self, count: int) -> None:
        """`count` more bytes of what `receive` gave have gone on to where they belong."""
        self._consumed += count

    # --- connections ----------------------------------------------------------------------------------------------

    def connect(self, taken: int) -> None:
        """A new connection, whose other end has taken everything before number `taken`.

        Raises:
            StreamError: it cannot have, or what it lacks is not kept any more.
        """
        if not self._acked <= taken <= self._reached:
            raise StreamError(f"the other side is at {taken}, this one keeps {self._acked} to {self._reached}")
        self._acknowledge(taken)
        self._sent = taken
        self._told = self.taken
        self.is_connected = True

    def disconnect(self) -> None:
        """The connection is gone."""
        self.is_connected = False

    def receive(self, kind: int, content: bytes) -> bytes:
        """What a frame brings that is new.

        Raises:
            StreamError: bytes are missing before it, it is no frame, or it is more than the window allows.
        """
        if len(content) < _NUMBER.size:
            raise StreamError("a frame is too short")
        number: int = _NUMBER.unpack_from(content)[0]
        if kind == Kind.DATA:
            return self._received_data(number, content)
        if len(content) != _NUMBER.size:
            raise StreamError("a frame is too long")
        if kind == Kind.ACK:
            self._acknowledge(number)
        elif kind == Kind.END:
            self._received_end(number)
        else:
            raise StreamError(f"no frame of kind {kind} belongs here")
        return b""

    def _received_data(self, number: int, content: bytes) -> bytes:
        if number > self._received:
            raise StreamError(f"bytes {self._received} to {number} are missing")
        fresh = content[_NUMBER.size + self._received - number :]
        if not fresh:
            return b""
        if self._their_end:
            raise StreamError("bytes after the end")
        self._received += len(fresh)
        if self._received - self.taken > self._window:
            raise StreamError("more bytes than the window allows")
        return fresh

    def _received_end(self, number: int) -> None:
        if number != self._received - self._their_end:
            raise StreamError("the end is not where it should be")
        if not self._their_end:
            self._their_end = True
            self._received += 1

    def _acknowledge(self, number: int) -> None:
        if number > self._reached:
            raise StreamError(f"number {number} was never sent")
        if number > self._acked:
            del self._kept[: number - self._acked]
            self._acked = number
            self._sent = max(self._sent, number)

    def pull(self, size: int) -> bytes:
        """Frames to be sent on the connection now: about `size` bytes, or a piece more; empty: nothing is to be sent."""
        if not self.is_connected:
            return b""
        frames: list[bytes] = []
        total = 0
        while total < size and (piece := self._next_frame()):
            frames.append(piece)
            total += len(piece)
        due = self.taken - self._told
        if due and (frames or self._their_end or due >= self._ack_bytes):
            self._told = self.taken
            frames.insert(0, frame(Kind.ACK, _NUMBER.pack(self._told)))
        return b"".join(frames)

    def _next_frame(self) -> bytes:
        start, stop = self._sent, min(self._written, self._acked + self._window, self._sent + PIECE_BYTES)
        if start < stop:
            with memoryview(self._kept) as kept:
                piece = bytes(kept[start - self._acked : stop - self._acked])
            self._sent = stop
            self._reached = max(self._reached, stop)
            return _HEADER.pack(Kind.DATA, _NUMBER.size + len(piece)) + _NUMBER.pack(start) + piece
        if self._ended and start == self._written:
            self._sent += 1
            self._reached = self._sent
            return frame(Kind.END, _NUMBER.pack(start))
        return b""
