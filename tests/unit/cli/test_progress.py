"""Progress out of events, and how it is shown."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.cli.test_output import Terminal

from carrel.cli.display import Lines, Live
from carrel.cli.progress import LABELS, Progress
from carrel.core.events import Event
from carrel.core.workspace import Phase

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def after(seconds: float, kind: str, **data: Any) -> Event:
    return Event(kind, data, at=BEGAN + timedelta(seconds=seconds))


def phase(seconds: float, value: Phase) -> Event:
    return after(seconds, "phase_changed", phase=value)


START = (
    phase(0, Phase.CLONING),
    after(1, "source_fetched", branch="main", commit="0123456789abcdef"),
    phase(1, Phase.BUILDING),
    after(2, "environment_resolved", config=".devcontainer.json", image="x"),
    after(3, "image_ready", built=False),
    phase(3, Phase.STARTING),
    after(4, "hook_failed", stage="postCreate", origin="devcontainer.json", exit_code=2),
    phase(5, Phase.RUNNING),
)


def test_every_phase_has_words() -> None:
    assert set(LABELS) == set(Phase)


def test_steps_are_the_phases_that_were_passed() -> None:
    progress = Progress(BEGAN)
    for event in START:
        progress.feed(event)
    took = [(step.phase, step.took(BEGAN).total_seconds()) for step in progress.steps]
    assert took == [(Phase.CLONING, 1.0), (Phase.BUILDING, 2.0), (Phase.STARTING, 2.0)]
    assert progress.steps[1].notes == [".devcontainer.json", "nothing had to be built"]
    assert progress.warnings == ["The hook postCreate of devcontainer.json failed with status 2"]
    assert progress.phase == Phase.RUNNING


def test_a_step_that_failed_is_marked() -> None:
    progress = Progress(BEGAN)
    progress.feed(phase(0, Phase.CLONING))
    progress.feed(phase(1, Phase.FAILED))
    assert [(step.phase, step.failed) for step in progress.steps] == [(Phase.CLONING, True)]


def test_a_warning_is_given_once() -> None:
    progress = Progress(BEGAN)
    for _ in range(3):
        progress.feed(after(0, "step_failed", step="fetch_source", detail="no network"))
    assert progress.warnings == ["fetch_source failed and is tried again: no network"]


def test_only_refusals_and_warnings_of_the_policy_are_warnings() -> None:
    progress = Progress(BEGAN)
    progress.feed(after(0, "notice", level="info", subject="image", detail="the default is used", who=""))
    progress.feed(after(0, "notice", level="refusal", subject="privileged", detail="runs without it", who="The owner"))
    assert progress.warnings == ["privileged: runs without it (The owner can allow it)"]


def test_lines_tell_each_step_once(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(BEGAN)
    lines = Lines(progress)
    for event in START:
        progress.feed(event)
        lines.changed(progress)
    lines.log("one\n\x1b[31mtwo\x1b[0m\n")
    shown = [re.sub(r" +", " ", line).strip() for line in capsys.readouterr().err.splitlines()]
    assert shown == [
        "[ 0.0 s] Fetch the source",
        "main 0123456789",
        "[ 1.0 s] Build the environment",
        ".devcontainer.json",
        "nothing had to be built",
        "[ 3.0 s] Start",
        "warning: The hook postCreate of devcontainer.json failed with status 2",
        "[ 5.0 s] Ready",
        "| one",
        "| two",
    ]


def test_the_end_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(BEGAN)
    progress.enter(Phase.RUNNING, BEGAN)
    lines = Lines(progress)
    for event in (phase(0, Phase.DELETING), phase(1, Phase.DELETED), after(1, "deleted"), after(2, "purged")):
        progress.feed(event)
        lines.changed(progress)
    assert capsys.readouterr().err.splitlines() == ["[   0.0 s] Remove", "[   1.0 s] Removed"]


def test_a_terminal_shows_steps_and_the_running_ones_log(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    progress = Progress(BEGAN)
    with Live(progress) as live:
        for event in START[:3]:
            progress.feed(event)
            live.changed(progress)
            live.log("one\n\x1b[2Jtwo\n")
        *steps, first, second = live.drawn().plain.splitlines()
    assert [line.split()[1:4] for line in steps] == [["Fetch", "the", "source"], ["Build", "the", "environment"]]
    assert (first, second) == ("  │ one", "  │ two")
    assert "\x1b[2J" not in terminal.getvalue()
    assert "│" not in terminal.getvalue().rsplit("Build the environment", 1)[1], "the log goes when it is over"
