"""Newline-delimited JSON: what comes in pieces cut into whole lines of a bounded length, and a message as a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


class Lines:
    """Cuts pieces of a stream into whole lines; whoever sends is not trusted, so a line has a longest length."""

    def __init__(self, longest_bytes: int) -> None:
        """Nothing fed yet; a line may have `longest_bytes` without its newline."""
        self._longest = longest_bytes
        self._partial = bytearray()
        self.is_too_long = False
        """A line was longer than allowed: nothing more comes out, and its stream is to be ended."""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes, without their newlines; those before a line that is too long."""
        if self.is_too_long:
            return []
        *ends, rest = data.split(b"\n")
        lines: list[bytes] = []
        for end in ends:
            line = bytes(self._partial) + end
            self._partial.clear()
            if self._is_over(line):
                return lines
            lines.append(line)
        self._partial += rest
        if self._is_over(self._partial):
            self._partial.clear()
        return lines

    def _is_over(self, line: bytes | bytearray) -> bool:
        self.is_too_long = len(line) > self._longest
        return self.is_too_long


def line_of(message: Mapping[str, Any]) -> bytes:
    """A message as one line of JSON."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"
