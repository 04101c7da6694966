"""Who is in the workspace now, as proxy, gateway and server tell it. Presence is no activity."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from carrel.core.agent import Person

FORGOTTEN_AFTER = timedelta(seconds=75)
"""Entrances tell of a person every 30 s: one message may be lost."""
RETURNS_WITHIN = timedelta(minutes=15)
"""Who comes back within this time has not joined anew: a laptop that sleeps, a page that is loaded again."""
MOST_PEOPLE = 200
MOST_WAYS = 16
MAX_NAME = 80
MAX_HOW = 120


@dataclass
class _Seen:
    since: datetime
    last: datetime
    ways: dict[str, datetime] = field(default_factory=dict)


class People:
    """Those who were seen a short time ago; bounded, in memory."""

    def __init__(self) -> None:
        """Nobody."""
        self._seen: dict[str, _Seen] = {}

    def note(self, person: str, how: str, now: datetime) -> bool:
        """Somebody is connected; returns whether he has joined, and was not here a short time ago."""
        person, how = person[:MAX_NAME], how[:MAX_HOW]
        seen = self._seen.get(person)
        joined = seen is None or now - seen.last > RETURNS_WITHIN
        if seen is None or now - seen.last > FORGOTTEN_AFTER:
            seen = self._seen[person] = _Seen(now, now)
        seen.last = now
        seen.ways[how] = now
        if len(seen.ways) > MOST_WAYS:
            del seen.ways[min(seen.ways, key=lambda way: seen.ways[way])]
        if len(self._seen) > MOST_PEOPLE:
            del self._seen[min(self._seen, key=lambda name: self._seen[name].last)]
        return joined

    def here(self, now: datetime) -> tuple[Person, ...]:
        """Who is here, in the order in which they came."""
        for name in [name for name, seen in self._seen.items() if now - seen.last > RETURNS_WITHIN]:
            del self._seen[name]
        found = []
        for name, seen in self._seen.items():
            ways = sorted(way for way, at in seen.ways.items() if now - at <= FORGOTTEN_AFTER)
            if ways:
                found.append(Person(name, tuple(ways), seen.since, seen.last))
        return tuple(sorted(found, key=lambda person: (person.since, person.name)))
