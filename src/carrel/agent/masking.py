"""Replacing secrets in a stream of output. Imported by the holder: standard library only, and little of it."""

from __future__ import annotations

import re

MASK = b"********"
SHORTEST = 4
"""Shorter values are not masked: they would tear holes into every line and hide nothing."""
SHORTEST_LINE = 8
"""Lines of a secret with several lines are masked alone from this length."""


def masked_values(values: list[str]) -> list[bytes]:
    """What to look for, longest first: each value, and the longer lines of those with several."""
    wanted = set()
    for value in values:
        text = value.strip("\r\n")
        if len(text) >= SHORTEST:
            wanted.add(text.encode("utf-8", "surrogateescape"))
        lines = text.splitlines()
        if len(lines) > 1:
            wanted.update(line.encode("utf-8", "surrogateescape") for line in lines if len(line) >= SHORTEST_LINE)
    return sorted(wanted, key=lambda value: (-len(value), value))


class Masker:
    """Masks secrets also where they are split between two pieces of output."""

    def __init__(self, wanted: list[bytes]) -> None:
        """Look for `wanted`, as `masked_values` made it."""
        self._wanted = wanted
        self._pattern = re.compile(b"|".join(re.escape(value) for value in wanted))
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """The masked output so far; an end that may begin a secret is held until more comes."""
        if not self._wanted:
            return data
        text = self._held + data
        end = len(text) - self._beginning_of_secret(text)
        if any(value in text for value in self._wanted):  # much faster than the pattern, and rarely true
            end = min([end, *(found.start() for found in self._pattern.finditer(text) if found.end() > end)])
            self._held = text[end:]
            return self._pattern.sub(MASK, text[:end])
        self._held = text[end:]
        return text[:end]

    def _beginning_of_secret(self, text: bytes) -> int:
        """Length of the longest end of `text` that is the beginning, but not the whole, of a secret."""
        longest = 0
        for value in self._wanted:
            for size in range(min(len(value) - 1, len(text)), longest, -1):
                if text.endswith(value[:size]):
                    longest = size
                    break
        return longest

    def finish(self) -> bytes:
        """What was held, at the end of the output."""
        held, self._held = self._held, b""
        return self._pattern.sub(MASK, held) if self._wanted else held
