"""Where each viewer of a terminal is in its output and its own input, also while it is away. Standard library only."""

from __future__ import annotations

from carrel.agent.history import NOBODY

LIMIT = 64
"""Places that are kept; one more makes the one that was left first be forgotten, of those who only look on if there are any."""
FOREVER = float("inf")


class Place:
    """How far one viewer is."""

    __slots__ = ("ends_at", "is_read_only", "keep_seconds", "seen", "typed", "viewer")

    def __init__(self, viewer: str) -> None:
        """A viewer that has seen and typed nothing."""
        self.viewer = viewer
        self.seen = 0
        """Offset of the first byte that it has not said to have."""
        self.typed = 0
        """Bytes of input that were taken from it."""
        self.is_read_only = False
        self.keep_seconds = 0.0
        self.ends_at = FOREVER
        """When it is forgotten; finite only while the viewer is away."""


class Places:
    """The places of one terminal."""

    def __init__(self) -> None:
        """Nobody was here yet."""
        self._places: dict[str, Place] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._places)

    def known(self, viewer: str) -> Place | None:
        """The place of a viewer that was here before."""
        return self._places.get(viewer)

    def take(self, viewer: str) -> Place:
        """The place of a viewer that is here now."""
        if viewer not in self._places and len(self._places) >= LIMIT:
            self.forget(min(self._places.values(), key=lambda place: (not place.is_read_only, place.ends_at)))
        place = self._places.setdefault(viewer, Place(viewer))
        place.ends_at = FOREVER
        return place

    def leave(self, place: Place, now: float) -> None:
        """The viewer vanished; its place is kept for a time."""
        place.ends_at = now + place.keep_seconds

    def forget(self, place: Place) -> None:
        """The viewer will not come back."""
        if self._places.get(place.viewer) is place:
            del self._places[place.viewer]

    def forget_absent(self) -> None:
        """Whoever is away need not come back."""
        for place in [place for place in self._places.values() if place.ends_at != FOREVER]:
            self.forget(place)

    def forget_late(self, now: float) -> None:
        """The time of some may be over."""
        for place in [place for place in self._places.values() if place.ends_at <= now]:
            self.forget(place)

    def forget_watchers(self, before: int) -> None:
        """Whoever only looks on and is behind `before` keeps nobody waiting: it begins anew."""
        for place in [place for place in self._places.values() if place.is_read_only and place.seen < before]:
            self.forget(place)

    def next_end(self) -> float:
        """When the time of the next one is over."""
        return min((place.ends_at for place in self._places.values()), default=FOREVER)

    def owed_from(self) -> int:
        """Offset of the first byte that somebody has not seen."""
        return min((place.seen for place in self._places.values()), default=NOBODY)
