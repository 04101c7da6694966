"""Timers and people."""

from __future__ import annotations

import random

import pytest

from carrel.proxy.rhythm import Rhythm


def beats(*times: float) -> list[bool]:
    rhythm = Rhythm()
    return [rhythm.beat(at) for at in times]


@pytest.mark.parametrize("period", [0.5, 2.0, 5.0, 25.0, 30.0, 300.0])
def test_a_timer_is_recognised_at_its_third_beat(period: float) -> None:
    assert beats(*(period * n for n in range(8))) == [False, False, *[True] * 6]


def test_a_timer_may_be_a_little_early_or_late() -> None:
    chance = random.Random(1)
    times = [30 * n + chance.uniform(-0.7, 0.7) for n in range(200)]
    assert all(beats(*times)[2:])


def test_two_timers_are_each_recognised_by_their_own_beat() -> None:
    times = sorted([30.0 * n for n in range(60)] + [7 + 45.0 * n for n in range(40)])
    assert all(beats(*times)[6:])


def test_typing_is_no_timer() -> None:
    assert not any(beats(*(0.12 * n for n in range(50))))


def test_what_comes_now_and_then_is_no_timer() -> None:
    assert beats(0, 11, 14, 37, 38, 90) == [False] * 6


def test_what_is_remembered_is_bounded() -> None:
    rhythm = Rhythm()
    for n in range(1000):
        rhythm.beat(float(n))
    assert len(rhythm) == 16
