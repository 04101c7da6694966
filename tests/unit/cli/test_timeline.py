"""The waterfall of a start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from carrel.cli.timeline import LABELS, waterfall
from carrel.client.documents import Span
from carrel.core.lifecycle import Step
from carrel.server.reconcile.advance import SPANS

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def span(name: str, began: float, ended: float, detail: str = "") -> Span:
    moments = {"began": BEGAN + timedelta(seconds=began), "ended": BEGAN + timedelta(seconds=ended)}
    return Span(name=name, start=1, detail=detail, **moments)


def test_bars_are_where_the_time_went() -> None:
    lines = waterfall([span("source", 0, 1), span("hooks", 1, 4, "postCreate")], columns=56)
    assert [line.split() for line in lines] == [
        ["Fetch", "the", "source", "█" * 6, "1.0", "s"],
        ["Hook", "postCreate", "█" * 19, "3.0", "s"],
        ["4.0", "s"],
    ]
    assert lines[0].rindex("█") + 1 == lines[1].index("█")


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e5)), min_size=1), st.integers(1, 300))
def test_every_span_has_a_bar_within_the_width(times: list[tuple[float, float]], columns: int) -> None:
    lines = waterfall([span("build", began, began + took) for began, took in times], columns)
    assert len(lines) == len(times) + 1
    assert all("█" in line and len(line) <= max(columns, 56) for line in lines[:-1])


def test_a_long_pause_before_an_app_was_opened_is_left_out() -> None:
    lines = waterfall([span("start", 0, 10), span("first_byte", 7200, 7210, "code")], columns=120)
    assert lines[-1].split() == ["50", "s"]
    assert lines[0].count("█") == lines[1].count("█") == 12


def test_every_span_of_a_start_has_words() -> None:
    ends = {Step.REMOVE_VOLUMES, Step.FORGET}
    assert {name for step, name in SPANS.items() if step not in ends} | {"wait", "hooks", "app", "first_byte"} == set(
        LABELS
    )
