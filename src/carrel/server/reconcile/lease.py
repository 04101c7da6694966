"""A lease on one workspace, as the process that holds it sees it: a deadline on its own clock.

The database decides who holds a lease (store/leases.py). This is the other half: a process that was frozen for longer
than its lease must notice by itself, before it touches the runtime again, that somebody else may hold it now.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from carrel.runtimes.contract import Runtime


class LeaseLostError(Exception):
    """This process no longer holds the lease; what it was doing is dropped without a trace."""


class Lease:
    """The token of a claim and how long it surely holds."""

    def __init__(self, token: str, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """A lease claimed just now.

        Args:
            token: as the claim wrote it.
            seconds: how long the database grants it.
            clock: monotonic seconds that also pass while the process is frozen.
        """
        self.token = token
        self.seconds = seconds
        self._clock = clock
        self._until = clock() + seconds

    def renewed(self, asked_at: float) -> None:
        """A renewal that was asked for at `asked_at` (on this clock) was granted."""
        self._until = asked_at + self.seconds

    def now(self) -> float:
        """This lease's clock, seconds."""
        return self._clock()

    def check(self) -> None:
        """Raises LeaseLostError when the lease may have passed to another."""
        if self._clock() >= self._until:
            raise LeaseLostError


class GuardedRuntime:
    """A runtime whose every call first checks the lease."""

    def __init__(self, runtime: Runtime, lease: Lease) -> None:
        """Guard `runtime` by `lease`."""
        self._runtime = runtime
        self._lease = lease

    def __getattr__(self, name: str) -> Any:
        """The runtime's attribute, once the lease is seen to hold."""
        self._lease.check()
        return getattr(self._runtime, name)
