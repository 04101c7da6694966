"""Schedules: what is accepted, and when their moments are, on days on which clocks change too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.problems import Problem
from carrel.core.schedule import (
    DAYS,
    Schedule,
    Turn,
    check_schedule,
    describe,
    format_days,
    latest,
    parse_days,
    upcoming,
)

OFFICE = Schedule("08:30", "19:00", DAYS[:5], "Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_next_moments_are_those_of_the_zones_clock() -> None:
    friday = at("2026-07-03T10:00")
    assert upcoming(OFFICE, friday) is not None
    coming = upcoming(OFFICE, friday)
    assert coming is not None
    assert (coming.at, coming.turn) == (at("2026-07-03T17:00"), Turn.STOP)
    start = upcoming(OFFICE, friday, Turn.START)
    assert start is not None
    assert start.at == at("2026-07-06T06:30")
    before = latest(OFFICE, friday)
    assert before is not None
    assert (before.at, before.turn) == (at("2026-07-03T06:30"), Turn.START)


def test_a_moment_that_has_just_come_is_the_latest() -> None:
    found = latest(OFFICE, at("2026-07-03T17:00"))
    assert found is not None
    assert found.at == at("2026-07-03T17:00")


@pytest.mark.parametrize(
    ("zone", "time", "day", "when"),
    [
        ("Europe/Berlin", "02:30", "2026-03-29", "2026-03-29T01:00"),  # skipped: when it has been skipped
        ("Europe/Berlin", "02:00", "2026-03-29", "2026-03-29T01:00"),
        ("Europe/Berlin", "03:00", "2026-03-29", "2026-03-29T01:00"),
        ("Europe/Berlin", "02:30", "2026-10-25", "2026-10-25T00:30"),  # twice: the first
        ("Europe/Berlin", "03:00", "2026-10-25", "2026-10-25T02:00"),
        ("Australia/Lord_Howe", "02:15", "2026-10-04", "2026-10-03T15:30"),  # half an hour is skipped
        ("America/New_York", "02:59", "2026-03-08", "2026-03-08T07:00"),
        ("Asia/Kathmandu", "08:30", "2026-03-29", "2026-03-29T02:45"),
    ],
)
def test_a_day_on_which_clocks_change_has_every_moment_once(zone: str, time: str, day: str, when: str) -> None:
    schedule = Schedule(time, "", DAYS, zone)
    found = upcoming(schedule, at(when) - timedelta(seconds=1))
    assert found is not None
    assert found.at == at(when), day
    following = upcoming(schedule, found.at)
    assert following is not None
    assert timedelta(hours=20) < following.at - found.at < timedelta(hours=28)


def test_overnight_the_days_name_the_start() -> None:
    nights = Schedule("22:00", "06:00", ("fri",), "UTC")
    stop = upcoming(nights, at("2026-07-03T22:00"))
    assert stop is not None
    assert (stop.at, stop.turn) == (at("2026-07-04T06:00"), Turn.STOP)


def test_without_a_start_the_days_name_the_stop() -> None:
    found = upcoming(Schedule("", "18:00", ("sun",), "UTC"), at("2026-07-03T22:00"))
    assert found is not None
    assert found.at == at("2026-07-05T18:00")


@pytest.mark.parametrize(
    ("schedule", "detail", "hint"),
    [
        (Schedule("8.30"), "schedule.start: '8.30' is no time of the day", "08:30"),
        (Schedule("24:00"), "schedule.start: '24:00'", "24 hours"),
        (Schedule("", "19:60"), "schedule.stop: '19:60'", "24 hours"),
        (Schedule("", ""), "neither a start nor a stop", "08:30"),
        (Schedule("08:30", "8:30"), "starts and stops at 08:30", "two different"),
        (Schedule("08:30", "", ()), "no day", "mon-fri"),
        (Schedule("08:30", "", ("mo",)), "'mo' is no day", "mon"),
        (Schedule("08:30", "", ("wedsday",)), "'wedsday' is no day", "'wed'"),
        (Schedule("08:30", "", ("mon",), "Europe/Berln"), "'Europe/Berln' is no time zone", "'Europe/Berlin'"),
        (Schedule("08:30", "", ("mon",), "berlin"), "'berlin' is no time zone", "'Europe/Berlin'"),
        (Schedule("08:30", "", ("mon",), "../etc/passwd"), "is no time zone", "IANA"),
        (Schedule("08:30", "", ("mon",), ""), "'' is no time zone", "IANA"),
        (Schedule("٠٨:٣٠"), "is no time of the day", "24 hours"),
    ],
)
def test_a_typo_is_named_with_what_would_do(schedule: Schedule, detail: str, hint: str) -> None:
    with pytest.raises(Problem) as refused:
        check_schedule(schedule)
    assert refused.value.kind == "bad_value"
    assert detail in refused.value.detail
    assert hint in refused.value.hint


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", DAYS[:5]),
        ("sat,sun", ("sat", "sun")),
        ("fri-mon", ("mon", "fri", "sat", "sun")),
        ("Monday, wed-thu", ("mon", "wed", "thu")),
        ("daily", DAYS),
        ("weekend,wed", ("wed", "sat", "sun")),
    ],
)
def test_days_are_read_as_people_write_them(text: str, days: tuple[str, ...]) -> None:
    assert parse_days(text) == days


@given(st.sets(st.sampled_from(DAYS), min_size=1))
def test_days_are_written_as_they_are_read(chosen: set[str]) -> None:
    days = tuple(day for day in DAYS if day in chosen)
    assert parse_days(format_days(days)) == days


def test_a_schedule_is_told_in_words() -> None:
    assert describe(OFFICE) == "08:30 to 19:00, mon-fri, Europe/Berlin"
    assert describe(Schedule("", "19:00", ("sat", "sun"), "UTC")) == "stops 19:00, sat,sun, UTC"
    assert describe(Schedule("07:00", "", DAYS, "UTC")) == "starts 07:00, daily, UTC"
