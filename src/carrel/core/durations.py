"""Lengths of time in words."""

from __future__ import annotations

from datetime import timedelta


def in_words(length: timedelta | float) -> str:
    """`45 s`, `30 min`, `2 h 5 min`, `14 days`; a plain number is seconds."""
    seconds = max(0, int(length.total_seconds() if isinstance(length, timedelta) else length))
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    hours, minutes = divmod(seconds // 60, 60)
    if hours >= 48 and not hours % 24 and not minutes:
        return f"{hours // 24} days"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
