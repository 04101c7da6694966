"""When a workspace starts and stops by the clock of its people (ADR 0036).

Times are those of a wall clock. A time that the clock skips in spring happens when the clock has skipped it; a time that it
shows twice in autumn happens the first time only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from carrel.core.problems import Problem

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_NAMES = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
_GROUPS = {"weekdays": DAYS[:5], "weekend": DAYS[5:], "daily": DAYS, "everyday": DAYS}
_ZONE_HINT = "Give a name of the IANA database, such as Europe/Berlin."


@dataclass(frozen=True)
class Schedule:
    """Times of the day in a time zone, on some days of the week."""

    start: str = ""
    """`HH:MM`; empty: nothing starts it."""
    stop: str = ""
    """`HH:MM`; empty: nothing stops it. Earlier than `start`: on the day after."""
    days: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri")
    """On which it starts; without a start, on which it stops."""
    time_zone: str = "UTC"
    """A name of the IANA database, such as `Europe/Berlin`."""


OFF = Schedule()
"""A workspace's own that says: none, whatever its project has."""


class Turn(StrEnum):
    """What a schedule does at a moment."""

    START = "start"
    STOP = "stop"


@dataclass(frozen=True)
class Occurrence:
    """One moment of a schedule."""

    at: datetime
    turn: Turn


def check_schedule(schedule: Schedule) -> Schedule:
    """`schedule` in normal form.

    Raises:
        Problem: `bad_value`, which names the member and what would do.
    """
    if not schedule.start and not schedule.stop:
        raise Problem("bad_value", "schedule: neither a start nor a stop.", hint="Give start, stop or both, as 08:30.")
    start, stop = _checked_time("start", schedule.start), _checked_time("stop", schedule.stop)
    if start == stop:
        raise Problem("bad_value", f"schedule: it starts and stops at {start}.", hint="Give two different times.")
    days = _checked_days(schedule.days)
    return replace(schedule, start=start, stop=stop, days=days, time_zone=_checked_zone(schedule.time_zone))


def parse_days(text: str) -> tuple[str, ...]:
    """Days in `mon-fri`, `sat,sun`, `mon,wed-fri`, `daily`, `weekdays`, in the order of the week.

    Raises:
        Problem: `bad_value`.
    """
    found: set[str] = set()
    for part in (piece.strip() for piece in text.casefold().split(",")):
        if not part:
            continue
        if part in _GROUPS:
            found.update(_GROUPS[part])
            continue
        first, dash, last = part.partition("-")
        begin = DAYS.index(_checked_day(first))
        end = DAYS.index(_checked_day(last)) if dash else begin
        found.update(DAYS[(begin + n) % 7] for n in range((end - begin) % 7 + 1))
    return _checked_days(tuple(found))


def format_days(days: tuple[str, ...]) -> str:
    """The inverse of `parse_days`, as short as it can be."""
    if days == DAYS:
        return "daily"
    numbers = [DAYS.index(day) for day in days]
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] + 1 == number:
            runs[-1].append(number)
        else:
            runs.append([number])
    pieces = [f"{DAYS[r[0]]}-{DAYS[r[-1]]}" if len(r) > 2 else ",".join(DAYS[n] for n in r) for r in runs]
    return ",".join(pieces)


def describe(schedule: Schedule) -> str:
    """A schedule in words: `08:30 to 19:00, mon-fri, Europe/Berlin`."""
    times = (
        f"{schedule.start} to {schedule.stop}"
        if schedule.start and schedule.stop
        else f"starts {schedule.start}"
        if schedule.start
        else f"stops {schedule.stop}"
    )
    return f"{times}, {format_days(schedule.days)}, {schedule.time_zone}"


def latest(schedule: Schedule, now: datetime) -> Occurrence | None:
    """The last moment of a schedule that has come, `now` included."""
    around = _around(schedule, now)
    place = bisect_right(around, now, key=_at)
    return around[place - 1] if place else None


def upcoming(schedule: Schedule, now: datetime, turn: Turn | None = None) -> Occurrence | None:
    """The first moment of a schedule after `now`, of a kind where one is given."""
    around = _around(schedule, now)
    for one in around[bisect_right(around, now, key=_at) :]:
        if turn in {None, one.turn}:
            return one
    return None


def _at(one: Occurrence) -> datetime:
    return one.at


def _around(schedule: Schedule, now: datetime) -> tuple[Occurrence, ...]:
    """Its moments from at least a week before `now` to at least a week after, in order."""
    return _days_moments(schedule, now.astimezone(UTC).date())


@lru_cache(maxsize=4096)
def _days_moments(schedule: Schedule, here: date) -> tuple[Occurrence, ...]:
    place = zone(schedule.time_zone)  # `here` is the day in UTC, which is a day off at the most
    found: list[Occurrence] = []
    overnight = bool(schedule.start) and schedule.stop < schedule.start
    for offset in range(-10, 11):
        day = here + timedelta(days=offset)
        if DAYS[day.weekday()] not in schedule.days:
            continue
        if schedule.start:
            found.append(Occurrence(moment(day, schedule.start, place), Turn.START))
        if schedule.stop:
            found.append(Occurrence(moment(day + timedelta(days=overnight), schedule.stop, place), Turn.STOP))
    return tuple(sorted(found, key=lambda one: one.at))


def moment(day: date, text: str, place: ZoneInfo) -> datetime:
    """When the clocks of a zone show a time on a day; skipped: when they have skipped it; shown twice: the first time."""
    local = datetime.combine(day, time.fromisoformat(text), tzinfo=place)  # fold=0: the first of two
    at = local.astimezone(UTC)
    if at.astimezone(place).replace(tzinfo=None) == local.replace(tzinfo=None):
        return at
    # Skipped: with the offset from before the change it is later than the change, by less than what was skipped.
    before = local.utcoffset() or timedelta(0)
    low, high = at - timedelta(hours=26), at
    while high - low > timedelta(seconds=0.4):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(place).utcoffset() == before else (low, middle)
    return high.replace(microsecond=0)


@lru_cache(maxsize=512)
def zone(name: str) -> ZoneInfo:
    """A time zone by its name."""
    return ZoneInfo(name)


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def _checked_time(member: str, text: str) -> str:
    if not text:
        return ""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        hint = "Write hours and minutes of 24 hours, such as 08:30 or 19:00."
        raise Problem("bad_value", f"schedule.{member}: {text[:40]!r} is no time of the day.", hint=hint)
    return f"{int(match[1]):02}:{match[2]}"


def _checked_days(days: tuple[str, ...]) -> tuple[str, ...]:
    found = {_checked_day(day) for day in days}
    if not found:
        raise Problem("bad_value", "schedule.days: no day.", hint="Name days, such as mon-fri or sat,sun.")
    return tuple(day for day in DAYS if day in found)


def _checked_day(text: str) -> str:
    day = text.strip().casefold()
    if day in DAYS or day in _NAMES:
        return day[:3]
    near = get_close_matches(day, (*DAYS, *_NAMES, *_GROUPS), n=1)
    hint = f"Did you mean {near[0][:3]!r}?" if near else "Days are mon, tue, wed, thu, fri, sat and sun."
    raise Problem("bad_value", f"schedule.days: {text[:40]!r} is no day.", hint=hint)


def _checked_zone(text: str) -> str:
    zones = _zones()
    found = zones.get(text.strip().casefold())
    if found is not None:
        return found
    wanted = text.strip().casefold().replace(" ", "_")
    near = get_close_matches(wanted, zones, n=1, cutoff=0.7) or [
        name for name in sorted(zones) if wanted and name.rpartition("/")[2] == wanted
    ]
    hint = f"Did you mean {zones[near[0]]!r}?" if near else _ZONE_HINT
    raise Problem("bad_value", f"schedule.time_zone: {text[:60]!r} is no time zone.", hint=hint)
