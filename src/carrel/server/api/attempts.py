"""How often signing in with a password failed, by address: a stranger tries so many a minute, whoever's they are."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from carrel.core.problems import too_many_requests

A_MINUTE: Final = 20
"""Failures of one address; an office behind one address shares them."""
MOST_KNOWN: Final = 10_000
WINDOW_SECONDS: Final = 60.0


class Attempts:
    """Failures of the last minute; in memory: another server counts for itself (ADR 0040)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Nobody has failed."""
        self._clock = clock
        self._failed: OrderedDict[str, list[float]] = OrderedDict()

    def check(self, address: str) -> None:
        """Raise `too_many_requests` where this address failed too often; a moment later it may try again."""
        recent = self._recent(_network(address))
        if len(recent) >= A_MINUTE:
            wait = recent[0] + WINDOW_SECONDS - self._clock()
            raise too_many_requests("Signing in failed too often from here.", wait)

    def failed(self, address: str) -> None:
        """Count one."""
        key = _network(address)
        self._failed[key] = [*self._recent(key), self._clock()][-A_MINUTE:]
        self._failed.move_to_end(key)
        while len(self._failed) > MOST_KNOWN:
            self._failed.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """The last one that was counted was none."""
        failed = self._failed.get(_network(address))
        if failed:
            failed.pop()

    def _recent(self, key: str) -> list[float]:
        begin = self._clock() - WINDOW_SECONDS
        return [at for at in self._failed.get(key, ()) if at > begin]


def _network(address: str) -> str:
    """The address, of IPv6 the /64: one customer has as many of them as he likes."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if parsed.version == 4 else str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))
