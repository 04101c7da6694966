"""What a terminal printed: the scrollback, and before it what somebody is still owed. Standard library only."""

from __future__ import annotations

from carrel.agent.scrollback import Scrollback
from carrel.agent.spool import Spool

NOBODY = 1 << 62
"""The offset from which on output is owed where nobody is owed any."""


class History:
    """One numbered stream of output. What is owed is not forgotten; where there is no room for it, no more is taken."""

    def __init__(self, scrollback: Scrollback, spool: Spool) -> None:
        """Begin with nothing."""
        self.scrollback = scrollback
        self._spool = spool
        self._owed_from = NOBODY

    @property
    def total(self) -> int:
        """How many bytes there ever were."""
        return self.scrollback.total

    def add(self, data: bytes) -> None:
        """Append output."""
        self.scrollback.add(data)
        self._settle()

    def owe(self, offset: int) -> None:
        """Somebody may still ask for everything from `offset` on; nobody for what came before."""
        self._owed_from = offset
        self._spool.forget_before(min(offset, self.scrollback.first))
        self._settle()

    def is_full(self) -> bool:
        """Whether what is owed leaves no room for more."""
        return bool(self.scrollback.surplus()) and not self._settle()

    def _settle(self) -> bool:
        """Move what the scrollback need not keep to where it belongs; whether all of it was moved."""
        while piece := self.scrollback.surplus():
            first = self.scrollback.first
            if self._owed_from < first + len(piece) and not self._spool.append(first, piece):
                return False
            self.scrollback.drop()
        return True

    def has(self, offset: int) -> bool:
        """Whether everything from `offset` on is kept."""
        if self.scrollback.first <= offset <= self.total:
            return True
        return self._spool.end == self.scrollback.first and self._spool.first <= offset < self._spool.end

    def read(self, offset: int, size: int) -> bytes:
        """At most `size` bytes from `offset` on; nothing where they are not kept, or not printed yet."""
        if offset >= self.scrollback.first:
            return self.scrollback.read(offset, size)
        return self._spool.read(offset, size)
