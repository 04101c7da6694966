"""Seven weeks of 200 workspaces, against an oracle that steps through every five minutes of them without the product's functions."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.unit.core.seven_weeks import engine, oracle, scenario


async def test_two_hundred_workspaces_for_seven_weeks_are_as_the_rules_say() -> None:
    made = scenario.made(seed=20260924)
    desks = await engine.run(made)
    expected = oracle.run(scenario.made(seed=20260924))
    for number, (desk, wanted) in enumerate(zip(desks, expected, strict=True)):
        assert desk.log == wanted, f"workspace {number}"
    seen = Counter(what for log in expected for _, what, _ in log)
    every = {"stopped: idle", "stopped: deadline", "stopped: schedule", "started", "start refused", "extended"}
    every |= {"warned of the end", "warned of the schedule", "archive", "trash", "purge"}
    every |= {"notice: archive", "notice: trash", "notice: purge"}
    assert set(seen) == every
    assert min(seen.values()) >= 10, seen
    # What rests costs a look every six hours at the most, not one every minute.
    quiet = [
        desk for desk, log in zip(desks, expected, strict=True) if all(at < 10 * scenario.DAY for at, *_ in log[-1:])
    ]
    assert all(desk.looks < 5000 for desk in quiet)


@pytest.mark.parametrize(
    ("zone", "day", "text", "minute"),
    [
        # 4 October: clocks in Sydney go from 02:00 to 03:00 (16:00 UTC on the 3rd).
        ("Australia/Sydney", "2026-10-04", "02:30", 9 * scenario.DAY + 16 * 60),
        # 25 October: clocks in Berlin show 02:15 twice, first at 00:15 UTC.
        ("Europe/Berlin", "2026-10-25", "02:15", 31 * scenario.DAY + 15),
        ("America/New_York", "2026-11-01", "01:30", 38 * scenario.DAY + 5 * 60 + 30),
    ],
)
def test_the_oracle_knows_the_days_on_which_clocks_change(zone: str, day: str, text: str, minute: int) -> None:
    assert oracle.clock_table(zone, text)[day] == minute
