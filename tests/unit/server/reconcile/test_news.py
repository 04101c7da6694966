"""What of an outcome is new."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from carrel.core.workspace import ListedApp, Phase, Workspace
from carrel.server.reconcile.news import TOGETHER, news, together
from carrel.server.store.leases import ENDED, PLAIN, Outcome

NOW = datetime(2026, 1, 1, 12, 0, 1, 5, tzinfo=UTC)
RUNS = Workspace(
    "a", "b", "ana", "x", phase=Phase.RUNNING, running_since=NOW, apps=(ListedApp("code"),), degraded="slow"
)


def test_what_the_row_says_already_is_not_written_again() -> None:
    said = {name: getattr(RUNS, name) for name in PLAIN}
    assert news(Outcome(**said), RUNS) == Outcome()
    assert news(Outcome(phase=Phase.RUNNING, degraded=""), RUNS) == Outcome(degraded="")
    assert news(Outcome(last_activity_at=NOW), RUNS) == Outcome(last_activity_at=NOW)


def test_an_end_is_news_once() -> None:
    assert news(Outcome(ended=True, phase=Phase.STOPPED), RUNS) == Outcome(ended=True, phase=Phase.STOPPED)
    # What the end would take away stays with it, where the outcome says so.
    assert news(Outcome(ended=True, degraded="slow"), RUNS).degraded == "slow"
    stopped = replace(RUNS, **ENDED)
    assert news(Outcome(ended=True), stopped) == Outcome()


def test_what_is_empty_is_not_emptied_again() -> None:
    wanted = Outcome(cleared=frozenset({"deadline", "running_since"}))
    assert news(wanted, RUNS) == Outcome(cleared=frozenset({"running_since"}))


def test_looks_are_at_whole_multiples() -> None:
    assert together(NOW) == datetime(2026, 1, 1, 12, 0, 5, tzinfo=UTC)
    assert together(together(NOW)) == together(NOW)
    assert timedelta(0) <= together(NOW) - NOW < TOGETHER
