"""Showing progress: live on a terminal, plain lines elsewhere. Both write to stderr."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from carrel.cli.output import clean, clean_log, has_colour, note, paint
from carrel.cli.progress import AT_REST, LABELS, Progress, Step
from carrel.cli.quantities import format_duration
from carrel.core.workspace import Phase

if TYPE_CHECKING:
    from rich.text import Text

LOG_LINES = 6
REFRESHES_PER_SECOND = 10
LONGEST_LINE = 500


class Display(Protocol):
    """Shows a Progress while it goes on."""

    def changed(self, progress: Progress) -> None:
        """An event was taken note of."""

    def log(self, text: str) -> None:
        """The running step printed this: whole lines."""


@contextmanager
def shown(progress: Progress) -> Iterator[Display]:
    """The display that fits: live where stderr is a terminal."""
    if has_colour(sys.stderr):
        with Live(progress) as live:
            yield live
    else:
        yield Lines(progress)


class Lines:
    """One line for each thing that happens."""

    def __init__(self, progress: Progress) -> None:
        self._began = progress.began
        self._steps = 0
        self._notes = 0
        self._warnings = 0
        self._is_over = False

    def changed(self, progress: Progress) -> None:
        """Print what is new."""
        for warning in progress.warnings[self._warnings :]:
            note(f"warning: {clean(warning)}")
        self._warnings = len(progress.warnings)
        for index in range(max(0, self._steps - 1), len(progress.steps)):
            step = progress.steps[index]
            if index == self._steps:
                self._steps, self._notes = self._steps + 1, 0
                note(f"[{_seconds(step.began, self._began)}] {step.label}")
            for remark in step.notes[self._notes :]:
                note(f"           {clean(remark)}")
            self._notes = len(step.notes)
        if progress.phase in AT_REST and progress.steps and (ended := progress.steps[-1].ended) and not self._is_over:
            self._is_over = True
            note(f"[{_seconds(ended, self._began)}] {LABELS[progress.phase]}")

    def log(self, text: str) -> None:
        """Print it, indented."""
        for line in clean_log(text, colours=False).splitlines():
            note(f"           | {line}")


def _seconds(moment: datetime, began: datetime) -> str:
    return f"{max(0.0, (moment - began).total_seconds()):6.1f} s"


class Live:
    """Steps with running times; below them the last lines of the log, dimmed."""

    def __init__(self, progress: Progress) -> None:
        from rich.console import Console  # noqa: PLC0415  only on a terminal
        from rich.live import Live as RichLive  # noqa: PLC0415
        from rich.spinner import Spinner  # noqa: PLC0415

        self._progress = progress
        self._tail: deque[str] = deque(maxlen=LOG_LINES)
        self._spinner = Spinner("dots")
        self._console = Console(stderr=True, highlight=False)
        self._live = RichLive(get_renderable=self.drawn, console=self._console, refresh_per_second=REFRESHES_PER_SECOND)
        self._warned = 0
        self._steps = 0

    def __enter__(self) -> Live:  # noqa: PYI034  it is final
        """Begin to draw."""
        self._live.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the steps on the screen, without the log."""
        self._tail.clear()
        self._live.__exit__(None, None, None)

    def changed(self, progress: Progress) -> None:
        """Warnings go above, and stay."""
        from rich.text import Text  # noqa: PLC0415

        for warning in progress.warnings[self._warned :]:
            self._console.print(Text.assemble(("warning: ", "yellow"), clean(warning)))
        self._warned = len(progress.warnings)
        if len(progress.steps) != self._steps or progress.phase in AT_REST:
            self._steps = len(progress.steps)
            self._tail.clear()  # it belongs to the step before

    def log(self, text: str) -> None:
        """Keep its last lines."""
        self._tail.extend(line[:LONGEST_LINE] for line in clean_log(text, colours=False).splitlines() if line.strip())

    def drawn(self) -> Text:
        """All that is on the screen."""
        from rich.text import Text  # noqa: PLC0415

        now = datetime.now(UTC)
        lines = [self._step(step, now) for step in self._progress.steps]
        width = max(20, self._console.width - 4)
        lines += [Text(f"  │ {line}"[:width], style="dim", no_wrap=True) for line in self._tail]
        return Text("\n").join(lines)

    def _step(self, step: Step, now: datetime) -> Text:
        from rich.text import Text  # noqa: PLC0415

        if step.failed:
            mark: Text = Text("✗", style="red")
        elif step.ended is not None:
            mark = Text("✓", style="green")
        else:
            frame = self._spinner.render(self._console.get_time())
            mark = frame if isinstance(frame, Text) else Text("·")
        line = Text.assemble(mark, f" {step.label:<24}", (f"{format_duration(step.took(now)):>8}", "cyan"))
        if step.notes:
            line.append("   " + clean(" · ".join(step.notes)), style="dim")
        line.truncate(max(20, self._console.width - 1))
        return line


def outcome_line(name: str, phase: str, took_seconds: float, degraded: str) -> str:
    """The sentence that ends a display: how it is now."""
    words = {Phase.RUNNING: "is running", Phase.STOPPED: "is stopped", Phase.DELETED: "is in the trash"}
    sentence = f"{name} {words.get(Phase(phase), phase)} ({took_seconds:.1f} s)"
    return paint(sentence, "yellow" if degraded else "green", sys.stderr)
