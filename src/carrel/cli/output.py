"""What commands print: tables and JSON on stdout, everything for people's eyes only on stderr; colours on a terminal."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, TextIO

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_LOG_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
_CODES = {"red": 31, "green": 32, "yellow": 33, "blue": 34, "cyan": 36, "bold": 1, "dim": 2}
PHASE_COLOURS = {"running": "green", "failed": "red", "stopped": "dim", "deleted": "dim"}


class Format(StrEnum):
    """The form of what is printed."""

    TABLE = "table"
    JSON = "json"


def has_colour(stream: TextIO) -> bool:
    """Whether colours may be used there (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, style: str, stream: TextIO | None = None) -> str:
    """`text` in a colour, or `bold` or `dim`, where the stream shows it."""
    if not text or not style or not has_colour(stream or sys.stdout):
        return text
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m"


def clean(text: str) -> str:
    """`text` in one line, without what a terminal would obey: it may come from a repository or a build."""
    return _CONTROL.sub("", _ESCAPE.sub("", text)).replace("\n", " ").replace("\t", " ").strip()


def clean_log(text: str, *, colours: bool) -> str:
    """Log text for a terminal: lines and, where wanted, colours are kept, other control sequences are not."""
    pieces = re.split(f"({_ESCAPE.pattern})", text)
    plain = [_LOG_CONTROL.sub("", piece) for piece in pieces[::2]]
    sequences = [piece if colours and _COLOUR.fullmatch(piece) else "" for piece in pieces[1::2]]
    kept = "".join(piece for pair in zip(plain, [*sequences, ""], strict=True) for piece in pair)
    # A line that was written over is shown as it was last.
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in kept.split("\n"))


def note(text: str) -> None:
    """A line for people, beside the result."""
    print(text, file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """A JSON document, indented."""
    print(json.dumps(_plain(value), indent=2, ensure_ascii=False))


def print_json_line(value: Any) -> None:
    """A JSON document in one line, of a sequence that may not end."""
    print(json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":")), flush=True)


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value


Style = Callable[[str], str]
"""The name of a style for a cell's text; empty: plain."""


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]], styles: dict[str, Style] | None = None) -> None:
    """Columns with two spaces between; `styles` by head. Without rows nothing is printed."""
    if not rows:
        return
    cells = [[clean(cell) for cell in row] for row in rows]
    widths = [max(len(line[column]) for line in [list(head), *cells]) for column in range(len(head))]
    print(paint(_line(head, widths), "dim"))
    for row in cells:
        painted = [
            paint(cell, styles[name](cell) if styles and name in styles else "")
            for name, cell in zip(head, row, strict=True)
        ]
        padded = [text + " " * (width - len(cell)) for text, cell, width in zip(painted, row, widths, strict=True)]
        print("  ".join(padded).rstrip())


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Names and values, one a line; those without a value are left out."""
    shown = [(name, value) for name, value in facts if value]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        print(f"{paint(name.ljust(width), 'dim')}  {clean(value)}")


def phase_style(cell: str) -> str:
    """The colour of a phase, marks beside it included."""
    phase = cell.partition(" ")[0]
    return "yellow" if "degraded" in cell else PHASE_COLOURS.get(phase, "cyan")
