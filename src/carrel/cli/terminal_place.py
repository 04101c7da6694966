"""Where a viewer is in a terminal's output and in its own input: what it keeps to lose nothing and repeat nothing.

No I/O: `carrel attach` and tests drive it; web/src/terminal/place.ts is the same for the page (ADR 0018).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

ACKNOWLEDGE_BYTES = 64 << 10
"""Output after which the terminal is told that it arrived, without waiting."""
INPUT_LIMIT = 1 << 20
"""Input that is kept until the terminal has taken it; with more, none is read."""


class TerminalPlace:
    """One viewer's place in one terminal, over all its connections."""

    def __init__(self) -> None:
        """A viewer that has not been there."""
        self.viewer = secrets.token_urlsafe(16)
        self.seen = -1
        """Offset of the first byte of output that has not come; -1: none has."""
        self._told = -1
        self._pending = bytearray()
        """Input that was not acknowledged."""
        self._taken = 0
        """Bytes of input before it."""
        self._sent: int | None = None
        """Bytes of input that were sent, on this connection or an earlier one that was told to have been taken."""
        self._was_there = False

    @property
    def is_attached(self) -> bool:
        """Whether the terminal has greeted on this connection."""
        return self._sent is not None

    @property
    def room(self) -> int:
        """How much input may be typed."""
        return INPUT_LIMIT - len(self._pending)

    @property
    def unsent(self) -> bool:
        """Whether there is input that this connection was not given, or that was not acknowledged."""
        return bool(self._pending)

    def connected(self) -> None:
        """A new connection: nothing is sent before the greeting."""
        self._sent = None

    def greet(self, greeting: Mapping[str, Any]) -> bool:
        """Take the greeting; whether output goes on where it was (else it begins anew at another place)."""
        goes_on = int(greeting["offset"]) == self.seen
        self.seen = self._told = int(greeting["offset"])
        typed = int(greeting.get("typed", 0))
        if greeting.get("known"):
            self.took(typed)
        elif self._was_there:  # it has forgotten us: whether this was typed nobody knows, and twice is worse than not
            self._pending.clear()
            self._taken = 0
        self._sent, self._was_there = self._taken, True
        return goes_on

    def took(self, typed: int) -> None:
        """The terminal has taken so many bytes of input from this viewer."""
        count = min(max(typed - self._taken, 0), len(self._pending))
        del self._pending[:count]
        self._taken += count

    def type(self, data: bytes) -> None:
        """Input, which is kept until it was taken."""
        self._pending += data

    def pull(self) -> bytes:
        """Input to be sent now; nothing before the greeting."""
        if self._sent is None:
            return b""
        data = bytes(self._pending[self._sent - self._taken :])
        self._sent += len(data)
        return data

    def received(self, count: int) -> None:
        """Output came, and is where it belongs."""
        self.seen += count

    def owes_acknowledgement(self) -> bool:
        """Whether there is output that the terminal was not told to have arrived."""
        return self.is_attached and self.seen > self._told

    def is_due(self) -> bool:
        """Whether it has to be told at once."""
        return self.is_attached and self.seen - self._told >= ACKNOWLEDGE_BYTES

    def acknowledge(self) -> dict[str, int]:
        """The control message that tells it."""
        self._told = self.seen
        return {"seen": self.seen}
