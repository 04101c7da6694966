"""Output on disk that a viewer is still owed after it left the scrollback. Imported by the holder: standard library only."""

from __future__ import annotations

import os

SEGMENT = 16 << 20
"""Bytes of one file: what was read is given back to the disk in such pieces."""


class Spool:
    """A stretch of output without gaps, in files that have no name: they are gone with the process, however it ends."""

    def __init__(self, folder: str, limit: int, segment: int = SEGMENT) -> None:
        """Write into `folder`, `limit` bytes at most, in files of about `segment` bytes."""
        self._segment_bytes = segment
        self._folder = folder
        self._limit = limit
        self._segments: list[tuple[int, int]] = []
        """Offset of the first byte, file descriptor."""
        self.first = 0
        self.end = 0

    def append(self, offset: int, data: bytes) -> bool:
        """Keep output; False where there is no room, neither here nor on the disk: then nothing is kept of it."""
        if offset != self.end or not self._segments:
            self.clear()
            self.first = self.end = offset
        if self.end - self.first + len(data) > self._limit:
            return False
        try:
            begin, fd = self._segment()
            written = 0
            while written < len(data):
                written += os.pwrite(fd, data[written:], self.end - begin + written)
        except OSError:
            return False
        self.end += len(data)
        return True

    def _segment(self) -> tuple[int, int]:
        if self._segments and self.end - self._segments[-1][0] < self._segment_bytes:
            return self._segments[-1]
        path = f"{self._folder}/spool"
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        os.unlink(path)  # noqa: PTH108  pathlib costs a megabyte
        self._segments.append((self.end, fd))
        return self._segments[-1]

    def read(self, offset: int, size: int) -> bytes:
        """At most `size` bytes from `offset` on; nothing where they are not here."""
        if not self.first <= offset < self.end:
            return b""
        begin, fd = next(segment for segment in reversed(self._segments) if segment[0] <= offset)
        try:
            return os.pread(fd, min(size, self.end - offset), offset - begin)
        except OSError:
            return b""

    def forget_before(self, offset: int) -> None:
        """Nobody needs what came before."""
        if offset >= self.end:
            self.clear()
            return
        self.first = max(self.first, offset)
        while len(self._segments) > 1 and self._segments[1][0] <= offset:
            os.close(self._segments.pop(0)[1])

    def clear(self) -> None:
        """Keep nothing."""
        for _, fd in self._segments:
            os.close(fd)
        self._segments.clear()
        self.first = self.end
