"""Folding signals of activity."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from carrel.agent.activity import Activity, TerminalDevice, busiest, busy_signal, cpu_sample, fold, terminal_signals
from carrel.agent.proc import TICKS, Usage, parse_stat
from carrel.core.agent import BusyPolicy, Signal, SignalKind

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


@given(st.lists(st.tuples(st.sampled_from(SignalKind), st.integers(0, 100))))
def test_whatever_the_order_the_latest_of_each_kind_stays(events: list[tuple[SignalKind, int]]) -> None:
    signals = [Signal(kind, later(second)) for kind, second in events]
    activity = fold(Activity(), signals)
    assert {s.kind: s.at for s in activity.signals()} == {
        kind: max(s.at for s in signals if s.kind is kind) for kind in {s.kind for s in signals}
    }
    assert [s.at for s in activity.signals()] == sorted((s.at for s in activity.signals()), reverse=True)
    assert set(fold(Activity(), reversed(signals)).signals()) == set(activity.signals())


def test_a_terminal_that_moved_is_a_signal() -> None:
    still = TerminalDevice("0", NOW, NOW)
    typed = TerminalDevice("0", later(8), NOW)
    printed = TerminalDevice("0", NOW, later(8))
    before = {"0": still}
    assert list(terminal_signals(before, [still])) == []
    assert list(terminal_signals(before, [typed])) == [Signal(SignalKind.INPUT, later(8), "terminal pts/0")]
    assert list(terminal_signals(before, [printed])) == [Signal(SignalKind.OUTPUT, later(8), "terminal pts/0")]


def test_the_first_look_tells_nothing_and_a_new_terminal_has_printed() -> None:
    device = TerminalDevice("1", NOW, NOW)
    assert list(terminal_signals(None, [device])) == []
    assert [s.kind for s in terminal_signals({}, [device])] == [SignalKind.OUTPUT]


def usage(pid: int, seconds: float, name: str = "job") -> Usage:
    return Usage(pid, 100, name, int(seconds * TICKS), pid)


def test_the_busiest_process_above_the_threshold_is_named() -> None:
    policy = BusyPolicy(cpu_percent=25, window_seconds=60)
    before = cpu_sample(NOW, [usage(1, 0), usage(2, 10), usage(3, 0, "make")])
    now = cpu_sample(later(60), [usage(1, 3), usage(2, 40), usage(3, 55, "make")])
    assert [(round(percent), u.pid) for percent, u in busiest(before, now)] == [(92, 3), (50, 2), (5, 1)]
    assert busy_signal(policy, before, now, frozenset()) == Signal(SignalKind.BUSY, later(60), "process make")
    ignoring = BusyPolicy(cpu_percent=25, window_seconds=60, ignore=("make",))
    assert busy_signal(ignoring, before, now, frozenset()) == Signal(SignalKind.BUSY, later(60), "process job")
    assert busy_signal(ignoring, before, now, frozenset({2})) is None
    assert busy_signal(BusyPolicy(cpu_percent=0), before, now, frozenset()) is None


def test_a_short_look_says_nothing_yet() -> None:
    before, now = cpu_sample(NOW, []), cpu_sample(later(5), [usage(1, 5)])
    assert busy_signal(BusyPolicy(window_seconds=60), before, now, frozenset()) is None
    assert busiest(now, now) == []


def test_another_process_with_the_same_number_is_another_process() -> None:
    before = cpu_sample(NOW, [Usage(5, 1, "old", 100 * TICKS, 5)])
    now = cpu_sample(later(10), [Usage(5, 2, "new", 5 * TICKS, 5)])
    assert [(round(percent), u.name) for percent, u in busiest(before, now)] == [(50, "new")]


def test_a_process_name_may_hold_anything() -> None:
    text = "42 (a) b (c) S 1 42 42 0 -1 4194560 1 0 0 0 11 22 0 0 20 0 1 0 333 1 1"
    assert parse_stat(text) == Usage(42, 333, "a) b (c", 33, 42)
    assert parse_stat("") is None
