"""Idleness and end of life."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.agent import Signal, SignalKind
from carrel.core.idle import BUSY_FRESH, EXTENSION, evaluate
from carrel.core.workspace import OnEnd, Retention

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
POLICY = Retention(ttl_seconds=1800, max_life_seconds=86400)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def test_a_start_counts_as_activity() -> None:
    assert evaluate(POLICY, START, [], None, START + minutes(29)).end is None
    verdict = evaluate(POLICY, START, [], None, START + minutes(30))
    assert verdict.end is OnEnd.STOP
    assert "idle for 30 min" in verdict.reason


def test_input_moves_the_idle_stop() -> None:
    typed = Signal(SignalKind.INPUT, START + minutes(20), "terminal main")
    verdict = evaluate(POLICY, START, [typed], None, START + minutes(45))
    assert verdict.end is None
    assert verdict.stops_at == START + minutes(50)
    assert "somebody typed (terminal main)" in verdict.reason


def test_missing_evidence_never_stops_a_workspace_for_idleness() -> None:
    verdict = evaluate(POLICY, START, None, None, START + minutes(600))
    assert verdict.end is None
    assert "unknown" in verdict.reason


def test_the_maximum_life_ends_it_even_while_somebody_types() -> None:
    now = START + timedelta(days=1)
    verdict = evaluate(POLICY, START, [Signal(SignalKind.INPUT, now)], None, now)
    assert verdict.end is OnEnd.STOP
    assert "maximum life of 24 h" in verdict.reason


def test_a_training_run_extends_its_life_by_an_hour_at_a_time() -> None:
    now = START + timedelta(days=1)
    verdict = evaluate(POLICY, START, [Signal(SignalKind.BUSY, now - minutes(1), "python")], None, now)
    assert (verdict.end, verdict.extended, verdict.deadline) == (None, True, now + EXTENSION)
    assert "a process is busy (python)" in verdict.reason


def test_a_busy_signal_that_has_passed_extends_nothing() -> None:
    now = START + timedelta(days=1)
    stale = Signal(SignalKind.BUSY, now - BUSY_FRESH - minutes(1))
    assert evaluate(POLICY, START, [stale], None, now).end is OnEnd.STOP


def test_no_extension_passes_the_hard_ceiling() -> None:
    policy = Retention(ttl_seconds=0, max_life_seconds=3600, hard_life_seconds=5400)
    busy = [Signal(SignalKind.BUSY, START + minutes(60))]
    first = evaluate(policy, START, busy, None, START + minutes(60))
    assert first.deadline == START + minutes(90)
    busy = [Signal(SignalKind.BUSY, START + minutes(90))]
    assert evaluate(policy, START, busy, first.deadline, START + minutes(90)).end is OnEnd.STOP


def test_a_task_workspace_may_say_delete() -> None:
    policy = Retention(ttl_seconds=60, max_life_seconds=3600, on_idle=OnEnd.DELETE, on_deadline=OnEnd.DELETE)
    assert evaluate(policy, START, [], None, START + minutes(2)).end is OnEnd.DELETE
    assert evaluate(policy, START, None, None, START + minutes(60)).end is None
    assert evaluate(policy, START, [], None, START + minutes(60)).end is OnEnd.DELETE


@pytest.mark.parametrize("retention", [Retention(ttl_seconds=0, max_life_seconds=0)])
def test_without_limits_it_lives_for_ever(retention: Retention) -> None:
    verdict = evaluate(retention, START, [], None, START + timedelta(days=1000))
    assert (verdict.end, verdict.stops_at) == (None, None)


kinds = st.sampled_from(list(SignalKind))
ages = st.integers(min_value=0, max_value=3 * 86400)


@given(st.lists(st.tuples(kinds, ages), max_size=4), ages, st.integers(60, 7200), st.integers(3600, 172800))
def test_it_ends_exactly_when_idle_too_long_or_past_its_deadline(
    signals: list[tuple[SignalKind, int]], age: int, ttl: int, life: int
) -> None:
    now = START + timedelta(seconds=age)
    evidence = [Signal(kind, START + timedelta(seconds=at)) for kind, at in signals if at <= age]
    verdict = evaluate(Retention(ttl_seconds=ttl, max_life_seconds=life), START, evidence, None, now)
    newest = max([START, *(s.at for s in evidence)])
    busy = any(s.kind in {SignalKind.BUSY, SignalKind.AI_AGENT} and now - s.at <= BUSY_FRESH for s in evidence)
    if age >= life:
        assert (verdict.end is None) == busy
    else:
        assert (verdict.end is None) == (now - newest < timedelta(seconds=ttl))
