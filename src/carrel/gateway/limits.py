"""How many connections an address may have, and how often it may fail; the clock is a parameter."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What one gateway bears."""

    connections: int = 2000
    """In all."""
    of_address: int = 200
    """Connections of one address. An office behind one router has many people."""
    unknown: int = 300
    """Connections in all whose person is not known yet."""
    unknown_of_address: int = 100
    """The same of one address: a program may open fifty connections at once."""
    tries: int = 8
    """Keys that one connection may show before it is closed."""
    failures: int = 30
    """Connections of one address that showed keys of which none was accepted, within the time below."""
    failure_seconds: float = 60.0
    grace_seconds: float = 30.0
    """Time to show a key."""


class Doorkeeper:
    """Counts. What an address did is forgotten `failure_seconds` after it did it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._connections: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()
        self._failures: dict[str, tuple[float, float]] = {}
        """By address: the failures that count, and when they were counted."""

    def admits(self, address: str, now: float) -> bool:
        """Whether one more connection of this address is let in; if so it is counted."""
        limits = self._limits
        is_too_many = (
            self._connections.total() >= limits.connections
            or self._connections[address] >= limits.of_address
            or self._unknown.total() >= limits.unknown
            or self._unknown[address] >= limits.unknown_of_address
            or self._remembered(address, now) > limits.failures - 1
        )
        if is_too_many:
            return False
        self._connections[address] += 1
        self._unknown[address] += 1
        return True

    def known(self, address: str) -> None:
        """It is known who comes with one of the connections of this address."""
        self._take(self._unknown, address)

    def left(self, address: str, now: float, *, is_known: bool, has_tried: bool = True) -> None:
        """A connection that was let in has ended.

        Args:
            address: its own.
            now: the same clock as in `admits`.
            is_known: it was known who came.
            has_tried: a key was shown.
        """
        self._take(self._connections, address)
        if not is_known:
            self._take(self._unknown, address)
        if not is_known and has_tried:
            self._failures[address] = (self._remembered(address, now) + 1, now)
            if len(self._failures) > 10 * self._limits.connections:
                self._forget(now)

    @staticmethod
    def _take(counter: Counter[str], address: str) -> None:
        counter[address] -= 1
        if counter[address] <= 0:
            del counter[address]

    def _remembered(self, address: str, now: float) -> float:
        """Failures drain evenly: all of them within `failure_seconds`."""
        count, at = self._failures.get(address, (0.0, now))
        drained = (now - at) * self._limits.failures / self._limits.failure_seconds
        return max(0.0, count - drained)

    def _forget(self, now: float) -> None:
        self._failures = {
            address: state for address, state in self._failures.items() if self._remembered(address, now) > 0
        }
