"""What became of a transfer: counted, and what did not work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from carrel.core.problems import Problem

TOLD_TROUBLES = 100
"""So many are told one by one; the others are only counted."""


@dataclass
class Report:
    """Counts while it goes on."""

    tell: Callable[[Problem], None] = lambda _: None
    """Takes what does not work but ends nothing: one file that may not be read."""
    files: int = 0
    bytes: int = 0
    troubles: int = 0

    def trouble(self, problem: Problem) -> None:
        """One file is left out."""
        self.troubles += 1
        if self.troubles <= TOLD_TROUBLES:
            self.tell(problem)
