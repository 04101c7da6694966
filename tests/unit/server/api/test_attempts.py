"""How often signing in may fail from one address."""

from __future__ import annotations

import pytest

from carrel.core.problems import Problem
from carrel.server.api.attempts import A_MINUTE, MOST_KNOWN, Attempts


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_so_many_a_minute_and_then_again() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    for _ in range(A_MINUTE):
        attempts.check("192.0.2.1")
        attempts.failed("192.0.2.1")
    with pytest.raises(Problem, match="Too many requests"):
        attempts.check("192.0.2.1")
    attempts.check("192.0.2.2")
    clock.now += 60
    attempts.check("192.0.2.1")


def test_success_does_not_count() -> None:
    attempts = Attempts(Clock())
    for _ in range(3 * A_MINUTE):
        attempts.check("192.0.2.1")
        attempts.failed("192.0.2.1")
        attempts.succeeded("192.0.2.1")


def test_the_addresses_of_one_customer_count_together() -> None:
    attempts = Attempts(Clock())
    for n in range(A_MINUTE):
        attempts.failed(f"2001:db8:1:2::{n:x}")
    with pytest.raises(Problem, match="Too many requests"):
        attempts.check("2001:db8:1:2:ffff::1")
    attempts.check("2001:db8:1:3::1")


def test_memory_is_bounded() -> None:
    attempts = Attempts(Clock())
    for n in range(MOST_KNOWN + 10):
        attempts.failed(f"somebody {n}")
    assert len(attempts._failed) == MOST_KNOWN
