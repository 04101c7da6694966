"""A log that keeps its head and its tail, so that any amount of output costs bounded disk and is read fast.

One file: a header (magic, size of the head, size of the tail, bytes ever written), the head, and a ring with the tail.
Offsets are those of the whole output; what lies between head and tail is lost.
Imported by the holder: standard library only, and little of it.
"""

from __future__ import annotations

import os
import struct

_HEADER = struct.Struct("!8sQQQ")
_MAGIC = b"carrlog1"
HEAD = 256 << 10
TAIL = 1792 << 10
"""Head, tail and header make 2 MiB."""


class CappedLog:
    """The writer; there is one for each file."""

    def __init__(self, path: str, head: int = HEAD, tail: int = TAIL) -> None:
        """Start a new log at `path`."""
        self._head = head
        self._tail = tail
        self._total = 0
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._write_header()

    def _write_header(self) -> None:
        os.pwrite(self._fd, _HEADER.pack(_MAGIC, self._head, self._tail, self._total), 0)

    def write(self, data: bytes) -> None:
        """Append `data`. Raises OSError when the disk is full."""
        view = memoryview(data)
        while view:
            position, room = _place(self._total, self._head, self._tail)
            written = os.pwrite(self._fd, view[:room], _HEADER.size + position)
            self._total += written
            view = view[written:]
        self._write_header()

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


def _place(offset: int, head: int, tail: int) -> tuple[int, int]:
    """Where in the body the byte at `offset` of the output lies, and how many follow it in one piece."""
    if offset < head:
        return offset, head - offset
    turn = (offset - head) % tail
    return head + turn, tail - turn


def read_log(path: str, offset: int, limit: int) -> tuple[bytes, int, int]:
    """A piece of a log: (data, the offset of its first byte, bytes ever written).

    Args:
        path: the log's file; it may be written at the same time.
        offset: where to begin; in the lost middle it moves on to the tail. Negative counts from the end.
        limit: most bytes to return.

    Raises:
        OSError: no such log.
        ValueError: the file is no log.
    """
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        head, tail, total = _sizes(fd)
        start = max(0, total + offset) if offset < 0 else min(offset, total)
        start = _skip_lost(start, head, tail, total)
        end = min(total, start + limit)
        if start < head:
            end = min(end, head) if total > head + tail else end
        data = _read(fd, start, end, head, tail)
        first_kept = _sizes(fd)[2] - tail
        if start >= head and first_kept > start:  # the writer overtook us
            data = data[first_kept - start :]
            start = min(first_kept, end)
        elif start < head < end and first_kept > head:
            data = data[: head - start]
        return data, start, total
    finally:
        os.close(fd)


def _sizes(fd: int) -> tuple[int, int, int]:
    header = os.pread(fd, _HEADER.size, 0)
    if len(header) < _HEADER.size or not header.startswith(_MAGIC):
        raise ValueError("not a log")
    _, head, tail, total = _HEADER.unpack(header)
    return head, tail, total


def _skip_lost(start: int, head: int, tail: int, total: int) -> int:
    return max(start, total - tail) if start >= head else start


def _read(fd: int, start: int, end: int, head: int, tail: int) -> bytes:
    pieces = []
    while start < end:
        position, room = _place(start, head, tail)
        piece = os.pread(fd, min(room, end - start), _HEADER.size + position)
        if not piece:
            break
        pieces.append(piece)
        start += len(piece)
    return b"".join(pieces)
