"""Sizes and durations: what people write, and what they read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.cli import quantities


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), ("1h30m", 5400), ("2d", 172800), ("1.5h", 5400), ("0", 0), ("never", 0), ("60", 60)],
)
def test_durations_that_people_write(text: str, seconds: int) -> None:
    assert quantities.parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-5m", "5 minutes", "h", "1h-"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        quantities.parse_duration(text)


@pytest.mark.parametrize(
    ("text", "size_bytes"), [("512m", 2**29), ("8g", 2**33), ("1.5GiB", 3 * 2**29), ("4096", 4096), ("2 GB", 2**31)]
)
def test_sizes_that_people_write(text: str, size_bytes: int) -> None:
    assert quantities.parse_size(text) == size_bytes


@pytest.mark.parametrize("text", ["", "much", "-1g", "8 x"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="size"):
        quantities.parse_size(text)


@given(st.integers(0, 1023), st.integers(0, 3))
def test_a_size_that_was_shown_can_be_given_back(number: int, unit: int) -> None:
    size_bytes = number * 1024**unit
    assert quantities.parse_size(quantities.format_size(size_bytes)) == size_bytes


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.25, "0.2 s"), (45, "45 s"), (300, "5 min"), (7500, "2 h 5 min"), (7200, "2 h"), (400000, "4 d"), (-3, "0.0 s")],
)
def test_durations_are_shown_as_exactly_as_they_matter(seconds: float, shown: str) -> None:
    assert quantities.format_duration(timedelta(seconds=seconds)) == shown


def test_moments_are_shown_from_now() -> None:
    now = datetime.now(UTC)
    assert quantities.format_ago(now - timedelta(minutes=5), now) == "5 min ago"
    assert quantities.format_until(now + timedelta(minutes=5), now) == "in 5 min"
    assert quantities.format_until(now + timedelta(hours=8, seconds=-0.4), now) == "in 8 h"
    assert quantities.format_until(now - timedelta(minutes=5), now) == "now"
    assert (quantities.format_ago(None, now), quantities.format_until(None, now)) == ("-", "-")
    assert (quantities.format_seconds(0), quantities.format_seconds(1800)) == ("never", "30 min")
