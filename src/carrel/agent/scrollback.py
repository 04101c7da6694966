"""The last part of a terminal's output. Imported by the holder: standard library only."""

from __future__ import annotations

from collections import deque

TITLE_WINDOW = 65536
TITLE_LIMIT = 200


class Scrollback:
    """Keeps the last `limit` bytes, and knows how many there ever were."""

    def __init__(self, limit: int) -> None:
        """Keep nothing yet."""
        self._limit = limit
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self.total = 0

    def add(self, data: bytes) -> None:
        """Append output."""
        self._pieces.append(data)
        self._size += len(data)
        self.total += len(data)
        while self._size - len(self._pieces[0]) >= self._limit:
            self._size -= len(self._pieces.popleft())

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
