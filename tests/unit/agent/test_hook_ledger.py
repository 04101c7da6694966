"""Which hooks are left to run, over histories of starts (C377-C391)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.agent.hook_ledger import (
    FORGIVEN,
    STAGES,
    Era,
    Ledger,
    Outcome,
    degradation,
    finished,
    pending_stages,
    statuses,
    tasks_of,
)
from carrel.core.agent import AgentPlan, Hook, Progress
from carrel.core.records import dump, load

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ERA = Era("c1", "b1")
PLAN = AgentPlan(hooks=tuple(Hook(cast("Any", stage), "devcontainer.json", {"": f"run {stage}"}) for stage in STAGES))


def outcome(stage: str, state: Progress, era: Era = ERA, code: int | None = None) -> Outcome:
    return Outcome(stage, "devcontainer.json", "", f"{stage}-0", era.key(stage), era.boot_id, state, exit_code=code)


def ledger(*outcomes: Outcome) -> Ledger:
    return Ledger(outcomes)


def test_at_first_every_stage_is_to_run() -> None:
    assert pending_stages(PLAN, Ledger(), ERA) == list(STAGES)


def test_after_all_is_done_nothing_is_to_run() -> None:
    done = ledger(*(outcome(stage, Progress.DONE) for stage in STAGES))
    assert pending_stages(PLAN, done, ERA) == []


@pytest.mark.conformance("C390")
def test_a_stage_that_is_only_marked_as_done_is_done() -> None:
    marked = ledger(*(Outcome(stage, "", "", f"{stage}-0", ERA.key(stage), "", Progress.DONE) for stage in STAGES))
    assert pending_stages(PLAN, marked, ERA) == []


def test_another_run_of_the_container_repeats_what_belongs_to_a_start() -> None:
    done = ledger(*(outcome(stage, Progress.DONE) for stage in STAGES))
    assert pending_stages(PLAN, done, Era("c1", "b2")) == ["postStart", "postAttach"]
    assert pending_stages(PLAN, done, Era("c2", "b2")) == list(STAGES)


def test_a_failure_stops_the_stages_after_it_in_this_start() -> None:
    failed = ledger(outcome("onCreate", Progress.DONE), outcome("updateContent", Progress.FAILED, code=2))
    assert pending_stages(PLAN, failed, ERA) == []


def test_the_next_start_goes_on_after_the_failed_stage_and_stays_degraded() -> None:
    failed = ledger(outcome("onCreate", Progress.DONE), outcome("updateContent", Progress.FAILED, code=2))
    later = Era("c1", "b2")
    assert pending_stages(PLAN, failed, later) == ["postCreate", "dotfiles", "postStart", "postAttach"]
    assert degradation(failed, later) == "The hook updateContent (devcontainer.json) failed with exit code 2."


def test_failed_dotfiles_stop_nothing_and_degrade_nothing() -> None:
    history = ledger(*(outcome(s, Progress.DONE) for s in STAGES[:3]), outcome("dotfiles", Progress.FAILED, code=1))
    assert pending_stages(PLAN, history, ERA) == ["postStart", "postAttach"]
    assert degradation(history, ERA) == ""


def test_what_ran_when_the_container_stopped_runs_again() -> None:
    interrupted = ledger(outcome("onCreate", Progress.RUNNING))
    assert pending_stages(PLAN, interrupted, Era("c1", "b2")) == list(STAGES)


def test_what_runs_in_this_start_is_still_to_be_waited_for() -> None:
    running = ledger(outcome("onCreate", Progress.RUNNING))
    assert pending_stages(PLAN, running, ERA) == list(STAGES)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(STAGES),
            st.sampled_from([Progress.DONE, Progress.FAILED, Progress.RUNNING]),
            st.sampled_from(["b1", "b2"]),
        )
    )
)
def test_in_any_history_what_is_to_run_is_in_order_and_was_not_done(history: list[tuple[str, Progress, str]]) -> None:
    recorded = Ledger()
    for stage, state, boot in history:
        recorded = recorded.with_outcome(outcome(stage, state, Era("c1", boot)))
    pending = pending_stages(PLAN, recorded, Era("c1", "b2"))
    assert pending == [stage for stage in STAGES if stage in pending]
    for kept in recorded.outcomes:
        is_current = kept.key == Era("c1", "b2").key(kept.stage)
        if is_current and kept.state is Progress.DONE:
            assert kept.stage not in pending
    failed_now = [o.stage for o in recorded.outcomes if o.state is Progress.FAILED and o.boot_id == "b2"]
    stopping = [stage for stage in failed_now if stage not in FORGIVEN]
    if stopping:
        assert all(STAGES.index(stage) < STAGES.index(min(stopping, key=STAGES.index)) for stage in pending)


def test_several_origins_keep_their_order_and_object_forms_are_one_group() -> None:
    hooks = (
        Hook("onCreate", "image", {"": "a"}),
        Hook("postCreate", "image", {"": "other"}),
        Hook("onCreate", "feature x", {"one": ("b",), "two words!": "c", "none": ""}),
    )
    groups = tasks_of(hooks, "onCreate")
    assert [[(task.origin, task.name, task.log) for task in group] for group in groups] == [
        [("image", "", "onCreate-0")],
        [("feature x", "one", "onCreate-1-one"), ("feature x", "two words!", "onCreate-1-two-words")],
    ]


def test_statuses_tell_pending_from_skipped() -> None:
    failed = ledger(outcome("onCreate", Progress.FAILED, code=1))
    states = {s.stage: s.state for s in statuses(PLAN, failed, ERA, is_over=True)}
    assert states == {stage: Progress.FAILED if stage == "onCreate" else Progress.SKIPPED for stage in STAGES}
    assert statuses(PLAN, Ledger(), ERA, is_over=False)[0].state is Progress.PENDING


@pytest.mark.parametrize(
    ("code", "state", "exit_code", "detail"),
    [
        (0, Progress.DONE, 0, ""),
        (3, Progress.FAILED, 3, ""),
        (-9, Progress.FAILED, 137, "was killed by signal 9"),
        (None, Progress.FAILED, None, "was lost: its process was killed from outside"),
    ],
)
def test_ends_are_recorded_as_they_were(code: int | None, state: Progress, exit_code: int | None, detail: str) -> None:
    found = finished(outcome("onCreate", Progress.RUNNING), code, NOW)
    assert (found.state, found.exit_code, found.detail, found.ended) == (state, exit_code, detail, NOW)


def test_a_ledger_survives_its_file() -> None:
    written = ledger(finished(outcome("onCreate", Progress.RUNNING), 1, NOW))
    assert load(Ledger, dump(written)) == written
