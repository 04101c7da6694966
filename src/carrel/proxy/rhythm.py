"""Whether something comes at the beat of a timer, or as people do things (docs/adr/0009-what-counts-as-activity.md)."""

from __future__ import annotations

from collections import deque
from typing import Final

REMEMBERED: Final = 16
SHORTEST_PERIOD_SECONDS: Final = 0.5
"""What comes faster than this is a burst: typing."""
SLOW_PERIOD_SECONDS: Final = 5.0
"""From here on several timers may be mixed, and each is recognised by its own earlier beats."""
TOLERANCE: Final = 0.1
"""Part of the period by which a beat may be early or late."""


class Rhythm:
    """The latest arrivals of one kind of message."""

    __slots__ = ("_arrivals",)

    def __init__(self) -> None:
        self._arrivals: deque[float] = deque(maxlen=REMEMBERED)

    def __len__(self) -> int:
        return len(self._arrivals)

    def beat(self, now: float) -> bool:
        """Whether an arrival at `now` continues the beat of a timer; it is remembered.

        Args:
            now: seconds of a monotonic clock.
        """
        arrivals = self._arrivals
        regular = len(arrivals) >= 2 and (_continues(now, arrivals[-1], arrivals[-2]) or self._is_one_of_several(now))
        arrivals.append(now)
        return regular

    def _is_one_of_several(self, now: float) -> bool:
        """Whether two earlier arrivals, not necessarily the last ones, lie one and two slow periods back."""
        earlier = [at for at in self._arrivals if now - at >= SLOW_PERIOD_SECONDS]
        return any(_continues(now, last, before) for last in earlier for before in earlier if before < last)


def _continues(now: float, last: float, before: float) -> bool:
    period = last - before
    return period >= SHORTEST_PERIOD_SECONDS and abs(now - last - period) <= TOLERANCE * period
