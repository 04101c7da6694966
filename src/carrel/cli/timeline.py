"""`carrel timeline`: where the time of a start went, as a waterfall."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Name, Output
from carrel.cli.output import Format, clean, note, paint, print_json
from carrel.cli.quantities import format_duration

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Span, Timeline

LABELS = {
    "wait": "Wait for a turn",
    "toolbox": "Toolbox",
    "volumes": "Create the volumes",
    "source": "Fetch the source",
    "environment": "Read the configuration",
    "build": "Build the image",
    "home": "Fill the home folder",
    "stop": "Stop the containers",
    "remove": "Remove the old containers",
    "create": "Create the containers",
    "start": "Start the containers",
    "agent": "Reach the agent",
    "hooks": "Hook",
    "app": "Start the app",
    "first_byte": "First byte of the app",
}
BAR_WIDTH = (20, 60)
"""Least and most characters of a bar."""
PAUSE = timedelta(seconds=30)
"""What is drawn of a longer time in which nothing was under way: an app may be opened hours after the start."""
TOOK_WIDTH = len("47 h 59 min")


def timeline(
    name: Name,
    start: Annotated[int | None, typer.Option("--start", min=1, help="Which start; without it the newest.")] = None,
    output: Output = Format.TABLE,
) -> None:
    """Show where the time of a start went."""

    async def use(client: Client) -> Timeline:
        return await client.workspaces.timeline((await client.workspaces.find(name)).id, start)

    found = call(use)
    if output is Format.JSON:
        print_json(found)
    elif not found.spans:
        note(f"Nothing is recorded of start {found.start}.")
    else:
        print("\n".join(waterfall(found.spans, shutil.get_terminal_size((100, 24)).columns)))


def waterfall(spans: list[Span], columns: int) -> list[str]:
    """A line for each span, its bar where it was in the whole; the last line is the sum, without long pauses."""
    spans = sorted(spans, key=lambda span: span.began)
    offsets = offsets_without_pauses([(span.began, span.ended) for span in spans])
    total = max(offset + (span.ended - span.began) for offset, span in zip(offsets, spans, strict=True))
    labels = [_label(span) for span in spans]
    label_width = max(len(label) for label in labels)
    width = max(BAR_WIDTH[0], min(BAR_WIDTH[1], columns - label_width - 4 - TOOK_WIDTH))
    scale = width / (total.total_seconds() or 1)
    lines = []
    for span, label, at in zip(spans, labels, offsets, strict=True):
        offset = round(at.total_seconds() * scale)
        length = max(1, round((span.ended - span.began).total_seconds() * scale))
        offset = min(offset, width - 1)
        bar = " " * offset + paint("█" * min(length, width - offset), "cyan")
        padding = " " * (width - offset - min(length, width - offset))
        lines.append(
            f"{label:<{label_width}}  {bar}{padding}  {format_duration(span.ended - span.began):>{TOOK_WIDTH}}"
        )
    lines.append(f"{'':<{label_width}}  {'':<{width}}  {paint(f'{format_duration(total):>{TOOK_WIDTH}}', 'bold')}")
    return lines


def offsets_without_pauses(times: Sequence[tuple[datetime, datetime]]) -> list[timedelta]:
    """How long after the first begin each one (sorted) began, where a pause counts as PAUSE at most."""
    offsets: list[timedelta] = []
    busy_until, skipped = times[0][0], timedelta()
    for began, ended in times:
        skipped += max(timedelta(), began - busy_until - PAUSE)
        busy_until = max(busy_until, ended)
        offsets.append(began - times[0][0] - skipped)
    return offsets


def _label(span: Span) -> str:
    label = LABELS.get(span.name, span.name)
    return clean(f"{label} {span.detail}".strip())[:40]
