"""The last part of a terminal's output. Imported by the holder: standard library only."""

from __future__ import annotations

from collections import deque

TITLE_WINDOW = 65536
TITLE_LIMIT = 200
SMALL = 4096
"""Bytes up to which pieces are joined: a keystroke's echo alone would cost fifty times its size."""


class Scrollback:
    """Keeps at least the last `limit` bytes, and knows how many there ever were."""

    def __init__(self, limit: int) -> None:
        """Keep nothing yet."""
        self._limit = limit
        self._small = min(SMALL, limit // 8)
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self.total = 0

    @property
    def first(self) -> int:
        """Offset of the first byte that is kept."""
        return self.total - self._size

    def add(self, data: bytes) -> None:
        """Append output."""
        if self._pieces and len(self._pieces[-1]) + len(data) <= self._small:
            self._pieces[-1] += data
        else:
            self._pieces.append(data)
        self._size += len(data)
        self.total += len(data)

    def surplus(self) -> bytes:
        """The oldest piece where enough is kept without it, else nothing."""
        return self._pieces[0] if self._pieces and self._size - len(self._pieces[0]) >= self._limit else b""

    def drop(self) -> None:
        """Forget the oldest piece."""
        self._size -= len(self._pieces.popleft())

    def read(self, offset: int, size: int) -> bytes:
        """At most `size` bytes from `offset` on, which must be kept."""
        skipped, found, missing = offset - self.first, [], size
        for piece in self._pieces:
            if skipped >= len(piece):
                skipped -= len(piece)
                continue
            found.append(piece[skipped : skipped + missing])
            missing -= len(found[-1])
            skipped = 0
            if missing <= 0:
                break
        return b"".join(found)

    def since(self, offset: int) -> tuple[bytes, int]:
        """What was printed from `offset` on, and the offset of its first byte.

        Args:
            offset: negative, or no longer there: all that is kept, from the beginning of a line where the beginning is lost.
        """
        kept = b"".join(self._pieces)
        first = self.total - len(kept)
        if first <= offset <= self.total:
            return kept[offset - first :], offset
        if first > 0:
            cut = max(len(kept) - self._limit, 0)
            line = kept.find(b"\n", cut, cut + 4096)
            cut = line + 1 if line >= 0 else cut
            return kept[cut:], first + cut
        return kept, first

    def title(self) -> str:
        """The title that the terminal's program set last (OSC 0 and 2), or nothing."""
        recent = b"".join(list(self._pieces)[-64:])[-TITLE_WINDOW:]
        begin = max(recent.rfind(b"\x1b]0;"), recent.rfind(b"\x1b]2;"))
        if begin < 0:
            return ""
        text = recent[begin + 4 : begin + 4 + TITLE_LIMIT * 4]
        ends = [end for end in (text.find(b"\x07"), text.find(b"\x1b\\")) if end >= 0]
        title = text[: min(ends)] if ends else b""
        return "".join(c for c in title.decode("utf-8", "replace") if c.isprintable())[:TITLE_LIMIT]
