"""Sizes and durations as people write them: parse and format side by side."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta

_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?[smhdw])+", re.IGNORECASE)
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)([smhdw])", re.IGNORECASE)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?b)?", re.IGNORECASE)
_SIZE_UNITS = ("", "k", "m", "g", "t")


def parse_duration(text: str) -> int:
    """Whole seconds in `90s`, `30m`, `1h30m`, `2d`; plain digits are seconds; `0` and `never` are 0.

    Raises:
        ValueError: it is none of these.
    """
    stripped = text.strip().casefold()
    if stripped == "never":
        return 0
    if stripped.isdecimal():
        return int(stripped)
    if not _DURATION.fullmatch(stripped):
        raise ValueError(f"{text!r} is no duration: write 90s, 30m, 1h30m, 2d or never")
    return round(sum(float(number) * _UNIT_SECONDS[unit] for number, unit in _DURATION_PART.findall(stripped)))


def parse_size(text: str) -> int:
    """Bytes in `512m`, `8g`, `1.5GiB`; plain digits are bytes. Units are powers of 1024, as container engines have it.

    Raises:
        ValueError: it is none of these.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no size: write 512m, 8g or a number of bytes")
    return round(float(match[1]) * (1 << 10 * _SIZE_UNITS.index(match[2].casefold())))


def format_size(size_bytes: int) -> str:
    """`8 GiB`, with one digit after the point where it is needed."""
    value, unit = float(size_bytes), 0
    while value >= 1024 and unit < 4:
        value, unit = value / 1024, unit + 1
    name = ("B", "KiB", "MiB", "GiB", "TiB")[unit]
    return f"{value:.1f}".removesuffix(".0") + f" {name}"


def format_duration(duration: timedelta) -> str:
    """`0.3 s`, `45 s`, `3 min`, `2 h 5 min`, `3 d`."""
    seconds = max(0.0, duration.total_seconds())
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = int(seconds // 60)
    if minutes < 120:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours // 24} d"


def format_seconds(seconds: int) -> str:
    """A limit in seconds; 0 is `never`."""
    return format_duration(timedelta(seconds=seconds)).replace(".0 s", " s") if seconds else "never"


def format_ago(moment: datetime | None, now: datetime) -> str:
    """`3 min ago`; a dash where there is no moment."""
    return f"{format_duration(now - moment)} ago" if moment else "-"


def format_until(moment: datetime | None, now: datetime) -> str:
    """`in 3 min`, `now`; a dash where there is no moment. A begun second counts: what was just given for 8 h has 8 h."""
    if moment is None:
        return "-"
    left = (moment - now).total_seconds()
    return f"in {format_duration(timedelta(seconds=math.ceil(left) if left > 10 else left))}" if left > 0 else "now"


def format_moment(moment: datetime | None) -> str:
    """Date and time where we are."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S") if moment else "-"
