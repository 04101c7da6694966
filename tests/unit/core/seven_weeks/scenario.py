"""A made-up month and a half of 200 workspaces: what people, policies and the server do, from a seed. Times are minutes."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from carrel.core.project import ProjectPolicy
from carrel.core.schedule import Schedule

BEGIN = datetime(2026, 9, 24, tzinfo=UTC)
"""Sydney skips an hour on 4 October; Berlin has one twice on 25 October, New York on 1 November."""
DAY, HOUR, TICK = 1440, 60, 5
DAYS = 47
END = DAYS * DAY
COUNT = 200

SCHEDULES = (
    Schedule("08:30", "19:00", ("mon", "tue", "wed", "thu", "fri"), "Europe/Berlin"),
    Schedule("02:30", "10:00", ("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "Australia/Sydney"),
    Schedule("22:00", "01:30", ("sat", "sun"), "America/New_York"),
    Schedule("", "02:15", ("mon", "sun"), "Europe/Berlin"),
    Schedule("07:45", "", ("tue", "fri"), "Asia/Kolkata"),
)
PROJECTS = (
    ProjectPolicy(),
    ProjectPolicy(ttl_seconds=3600, ttl_max_seconds=4 * 3600, archive_after_days=5, delete_after_days=12, trash_days=3),
    ProjectPolicy(max_life_seconds=8 * 3600, hard_life_seconds=20 * 3600, schedule=SCHEDULES[0], trash_days=1),
    ProjectPolicy(ttl_seconds=0, archive_after_days=0, delete_after_days=9),
)
OUTAGES = ((6 * DAY + 8 * HOUR, 6 * DAY + 11 * HOUR), (19 * DAY, 20 * DAY + 2 * HOUR), (33 * DAY, 36 * DAY + 7 * HOUR))
"""When the server is off: over mornings and evenings of schedules, and over dates of retirement."""


@dataclass
class Person:
    """One workspace's people: what they ask for and what goes on inside."""

    project: int
    created: int
    ttl: int | None
    life: int | None
    schedule: Schedule | None
    asks: dict[int, tuple[str, int]] = field(default_factory=dict)
    """By minute: what, and a number."""
    inputs: list[int] = field(default_factory=list)
    busy: list[tuple[int, int]] = field(default_factory=list)
    poor: frozenset[int] = frozenset()
    """Days on which its owner's limit is reached."""


@dataclass
class Scenario:
    """All of it."""

    people: list[Person]
    edits: dict[int, tuple[int, ProjectPolicy]]
    """By minute: the policy that a project has from then on."""


def is_off(minute: int) -> bool:
    """Whether the server is off."""
    return any(begin <= minute < end for begin, end in OUTAGES)


def moment(minute: int) -> datetime:
    """As a time."""
    return BEGIN + timedelta(minutes=minute)


def made(seed: int) -> Scenario:
    """The scenario of a seed."""
    chance = random.Random(seed)
    return Scenario([_person(chance, n) for n in range(COUNT)], _edits())


def _edits() -> dict[int, tuple[int, ProjectPolicy]]:
    return {
        3 * DAY + 10 * HOUR: (1, ProjectPolicy(ttl_seconds=1200, ttl_max_seconds=2 * 3600, archive_after_days=5, delete_after_days=12)),
        9 * DAY + 12 * HOUR: (2, ProjectPolicy(max_life_seconds=4 * 3600, hard_life_seconds=9 * 3600, schedule=SCHEDULES[2])),
        14 * DAY: (0, ProjectPolicy(delete_after_days=25, max_life_seconds=12 * 3600)),
        17 * DAY: (3, ProjectPolicy(ttl_min_seconds=7200, delete_after_days=16)),
        24 * DAY + 9 * HOUR: (2, ProjectPolicy(schedule=SCHEDULES[0])),
        31 * DAY: (1, ProjectPolicy(archive_after_days=8, delete_after_days=0)),
    }  # fmt: skip


def _person(chance: random.Random, number: int) -> Person:
    quits = chance.choice((2, 4, 8, 15, 30, DAYS))
    person = Person(
        project=number % len(PROJECTS),
        created=chance.randrange(0, 2 * DAY, TICK),
        ttl=chance.choice((None, None, 600, 5400, 0)),
        life=chance.choice((None, None, None, 3 * 3600, 0)),
        schedule=chance.choice((None, None, *SCHEDULES)),
        poor=frozenset(chance.sample(range(DAYS), 8)) if chance.random() < 0.3 else frozenset(),
    )
    for day in range(quits):
        if chance.random() < 0.4:
            _day(chance, person, day * DAY)
    for _ in range(chance.choice((0, 0, 1, 3))):
        what = chance.choice(("delete", "undelete", "unarchive", "start", "ttl", "schedule"))
        person.asks[chance.randrange(3 * DAY, END, TICK)] = (what, chance.randrange(len(SCHEDULES)))
    return person


def _day(chance: random.Random, person: Person, day: int) -> None:
    begin = day + chance.randrange(5 * HOUR, 16 * HOUR, TICK)
    person.asks[begin] = ("start", 0)
    if chance.random() < 0.5:
        length = chance.choice((30, 120, 300, 700))
        person.inputs += [begin + n for n in sorted(chance.sample(range(0, length, TICK), length // 30))]
    if chance.random() < 0.15:
        first = begin + chance.randrange(0, 10 * HOUR, TICK)
        person.busy.append((first, first + chance.choice((40, 400, 1500))))
    for what, likely in (("stop", 0.2), ("extend", 0.2)):
        if chance.random() < likely:
            person.asks[begin + chance.randrange(TICK, 9 * HOUR, TICK)] = (what, chance.choice((30, 120, 900)))
