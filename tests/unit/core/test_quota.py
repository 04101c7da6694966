"""Limits: what is refused names the limit, what counts against it, and how to free it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.problems import Problem
from carrel.core.quota import (
    MEMBER,
    Amounts,
    Ceilings,
    Excess,
    Holder,
    Measure,
    Standing,
    Tier,
    asked_by_resize,
    asked_by_start,
    check_limits,
    find_excess,
    refusal,
    room,
)
from carrel.core.spec import Limits

GIB = 2**30


# --- one workspace ---------------------------------------------------------------------------------------------------


def test_without_ceilings_every_size_is_allowed() -> None:
    check_limits(Limits(cpus=512, memory_bytes=2**45, gpus=8), Ceilings())
    assert find_excess(asked_by_start(Limits()), [Standing(Tier.USER, "ana", Ceilings())]) is None


def test_no_gpus_is_a_ceiling() -> None:
    with pytest.raises(Problem, match="'gpus': 1 asked for, at most 0") as caught:
        check_limits(Limits(gpus=1), Ceilings(gpus=0))
    assert caught.value.hint == "An administrator can allow some."


@pytest.mark.parametrize(
    ("asked", "limit"),
    [(Limits(cpus=4.5), "cpus"), (Limits(memory_bytes=2**33 + 1), "memory"), (Limits(gpus=2), "gpus")],
)
def test_a_size_over_its_ceiling_is_refused(asked: Limits, limit: str) -> None:
    ceilings = Ceilings(cpus=4, memory_bytes=2**33, gpus=1)
    check_limits(Limits(cpus=4, memory_bytes=2**33, gpus=1), ceilings)
    with pytest.raises(Problem) as caught:
        check_limits(asked, ceilings)
    assert (caught.value.kind, caught.value.extra["limit"], caught.value.extra["level"]) == (
        "over_quota",
        limit,
        "workspace",
    )


# --- tiers against a naive oracle ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A workspace of the oracle's world."""

    user: str
    project: str
    limits: Limits
    disk_bytes: int


_SIZES = st.builds(
    Limits,
    cpus=st.sampled_from([0.1, 0.2, 0.3, 1.0, 2.0, 4.0]),
    memory_bytes=st.integers(1, 8),
    gpus=st.integers(0, 2),
)
_ROWS = st.builds(Row, st.sampled_from("ab"), st.sampled_from("xy"), _SIZES, st.integers(0, 5))
_CEILINGS = st.builds(
    Ceilings,
    running=st.none() | st.integers(0, 6),
    cpus=st.none() | st.sampled_from([0.0, 0.3, 0.6, 1.0, 4.0, 10.0]),
    memory_bytes=st.none() | st.integers(0, 30),
    gpus=st.none() | st.integers(0, 4),
    disk_bytes=st.none() | st.integers(0, 15),
)


def within(rows: list[Row], most: Ceilings) -> bool:
    """Whether all of these may run together, said in the plainest way; tenths of CPUs are counted as whole numbers."""
    tenths = sum(round((row.limits.cpus or 0) * 10) for row in rows)
    return all(
        ceiling is None or total <= ceiling
        for total, ceiling in (
            (len(rows), most.running),
            (tenths, None if most.cpus is None else round(most.cpus * 10)),
            (sum(row.limits.memory_bytes or 0 for row in rows), most.memory_bytes),
            (sum(row.limits.gpus for row in rows), most.gpus),
            (sum(row.disk_bytes for row in rows), most.disk_bytes),
        )
    )


def amounts(rows: list[Row]) -> Amounts:
    """What these count for together."""
    return Amounts(
        running=len(rows),
        cpus=sum(row.limits.cpus or 0 for row in rows),
        memory_bytes=sum(row.limits.memory_bytes or 0 for row in rows),
        gpus=sum(row.limits.gpus for row in rows),
        disk_bytes=sum(row.disk_bytes for row in rows),
    )


def tiers(rows: list[Row], one: Row, most: tuple[Ceilings, Ceilings, Ceilings]) -> list[tuple[Tier, list[Row]]]:
    del most
    return [
        (Tier.USER, [row for row in rows if row.user == one.user]),
        (Tier.PROJECT, [row for row in rows if row.project == one.project]),
        (Tier.INSTALLATION, rows),
    ]


@given(st.lists(_ROWS, max_size=8), st.tuples(_CEILINGS, _CEILINGS, _CEILINGS))
def test_one_after_the_other_starts_exactly_what_every_tier_has_room_for(
    wishes: list[Row], most: tuple[Ceilings, Ceilings, Ceilings]
) -> None:
    running: list[Row] = []
    for one in wishes:
        places = tiers(running, one, most)
        standings = [
            Standing(tier, "", ceilings, amounts(rows)) for (tier, rows), ceilings in zip(places, most, strict=True)
        ]
        excess = find_excess(asked_by_start(one.limits, one.disk_bytes), standings)
        fits = all(within([*rows, one], ceilings) for (_, rows), ceilings in zip(places, most, strict=True))
        assert (excess is None) == fits
        if excess is None:
            running.append(one)
        else:
            # What is named is over: alone among the others' measures and tiers it would be refused, too.
            assert excess.asked is not None
            assert excess.used + excess.asked > excess.ceiling
            refusal(excess)


@given(_SIZES, _SIZES)
def test_a_resize_asks_only_for_what_grows(before: Limits, after: Limits) -> None:
    asked = asked_by_resize(before, after)
    for measure, member in MEMBER.items():
        if measure in {Measure.CPUS, Measure.MEMORY, Measure.GPUS}:
            old, new = getattr(before, member), getattr(after, member)
            assert (measure in asked) == (new > old)
    assert asked.keys() <= {Measure.CPUS, Measure.MEMORY, Measure.GPUS}


def test_what_takes_all_that_it_can_get_cannot_be_counted() -> None:
    standing = Standing(Tier.USER, "ana", Ceilings(cpus=8))
    excess = find_excess(asked_by_start(Limits(cpus=None)), [standing])
    assert excess is not None
    problem = refusal(excess)
    assert "says no size" in problem.detail
    assert "--cpus" in problem.hint
    assert asked_by_resize(Limits(cpus=2), Limits(cpus=None)) == {Measure.CPUS: None}
    assert asked_by_resize(Limits(cpus=None), Limits(cpus=2)) == {}


@given(st.lists(st.tuples(_CEILINGS, st.integers(0, 8)), max_size=3))
def test_room_is_what_can_be_asked_for_and_no_more(tiers: list[tuple[Ceilings, int]]) -> None:
    standings = [Standing(Tier.USER, "", most, Amounts(memory_bytes=used)) for most, used in tiers]
    left = room(Measure.MEMORY, standings)
    if left is None:
        assert all(most.memory_bytes is None for most, _ in tiers)
        return
    if left or all(most.memory_bytes is None or used <= most.memory_bytes for most, used in tiers):
        assert find_excess({Measure.MEMORY: left}, standings) is None
    assert find_excess({Measure.MEMORY: left + 1}, standings) is not None


# --- what people are told --------------------------------------------------------------------------------------------


def test_a_refusal_names_the_limit_what_counts_and_the_way_out() -> None:
    standing = Standing(Tier.PROJECT, "ml", Ceilings(memory_bytes=16 * GIB), Amounts(memory_bytes=14 * GIB))
    found = [Holder("train", 8.0 * GIB), Holder("ben/notes", 4.0 * GIB)]
    problem = refusal(Excess(standing, Measure.MEMORY, 4 * GIB), found, others=2)
    assert problem.detail == (
        "The limit 'memory' of the project ml: 14 GiB of 16 GiB used, 4 GiB more asked for."
        " What counts: train (8 GiB), ben/notes (4 GiB) and 2 others."
    )
    assert problem.hint == "`carrel stop train` frees 8 GiB or ask for less; an administrator can allow more."
    assert problem.extra == {
        "limit": "memory",
        "level": "project",
        "used": 14 * GIB,
        "asked": 4 * GIB,
        "ceiling": 16 * GIB,
    }


@pytest.mark.parametrize(
    ("measure", "holders", "hint"),
    [
        (Measure.RUNNING, [Holder("a", 1)], "`carrel stop a` frees a place; an administrator can allow more."),
        (Measure.WORKSPACES, [Holder("a", 1)], "`carrel rm a` frees a place; an administrator can allow more."),
        (Measure.RUNNING, [], "Wait until others stop theirs, or ask an administrator for more."),
        (
            Measure.DISK,
            [Holder("big", 2.0 * GIB), Holder("old", 1.0 * GIB, trashed=True)],
            "`carrel rm --purge old` frees 1 GiB; it is in the trash.",
        ),
        (
            Measure.DISK,
            [Holder("big", 2.0 * GIB)],
            "`carrel rm --purge big`, remove files in a workspace that runs, or ask an administrator for more.",
        ),
    ],
    ids=["running", "workspaces", "nobody-seen", "trash", "disk"],
)
def test_the_hint_frees_what_is_meant(measure: Measure, holders: list[Holder], hint: str) -> None:
    standing = Standing(Tier.USER, "ana", Ceilings(10, 10, disk_bytes=GIB), Amounts(10, 10, disk_bytes=3 * GIB))
    assert refusal(Excess(standing, measure, 1), holders).hint == hint


def test_nobody_is_named_who_is_not_seen() -> None:
    standing = Standing(Tier.INSTALLATION, "", Ceilings(running=1), Amounts(running=1))
    problem = refusal(Excess(standing, Measure.RUNNING, 1), [], others=1)
    assert problem.detail.endswith("of the installation: 1 of 1 used, 1 more asked for. What counts: 1 workspace.")


def test_what_is_said_of_one_comes_before_what_is_said_of_all() -> None:
    assert Ceilings(running=0).over(Ceilings(running=5, cpus=2)) == Ceilings(running=0, cpus=2)
    assert not Ceilings()
    assert Ceilings(running=0)
