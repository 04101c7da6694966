"""When a workspace starts and stops by the clock of its people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Schedule:
    """Times of the day in a time zone, on some days of the week."""

    start: str = ""
    """`HH:MM`; empty: nothing starts it."""
    stop: str = ""
    """`HH:MM`; empty: nothing stops it."""
    days: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri")
    time_zone: str = "UTC"
    """A name of the IANA database, such as `Europe/Berlin`."""
