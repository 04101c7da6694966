"""What is printed: tables, JSON, and never what a terminal would obey."""

from __future__ import annotations

import io
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.cli import output


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_columns_are_aligned_and_have_no_blanks_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(("NAME", "PHASE"), [("blog", "running"), ("a-longer-name", "")])
    assert capsys.readouterr().out.splitlines() == [
        "NAME           PHASE",
        "blog           running",
        "a-longer-name",
    ]


def test_an_empty_table_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table(("NAME",), [])
    assert not capsys.readouterr().out


def test_colours_do_not_move_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    output.print_table(("PHASE", "NAME"), [("running", "blog"), ("failed", "wiki")], {"PHASE": output.phase_style})
    head, *rows = terminal.getvalue().splitlines()
    assert head == "\x1b[2mPHASE    NAME\x1b[0m"
    assert rows == ["\x1b[32mrunning\x1b[0m  blog", "\x1b[31mfailed\x1b[0m   wiki"]


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colours_where_they_are_not_wanted(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert not output.has_colour(Terminal())
    assert not output.has_colour(io.StringIO())


@given(st.text())
def test_a_cell_is_one_line_that_no_terminal_obeys(text: str) -> None:
    shown = output.clean(f"a{text}b")
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in shown)


@given(st.text())
def test_a_log_keeps_lines_and_tabs_only(text: str) -> None:
    shown = output.clean_log(text, colours=False)
    assert not any((ord(char) < 32 and char not in "\n\t") or 127 <= ord(char) < 160 for char in shown)


def test_a_log_keeps_its_colours_where_they_are_shown() -> None:
    text = "\x1b[1;32mok\x1b[0m\x1b]0;title\x07\x1b[2J\n"
    assert output.clean_log(text, colours=True) == "\x1b[1;32mok\x1b[0m\n"
    assert output.clean_log(text, colours=False) == "ok\n"


def test_a_progress_bar_is_shown_as_it_was_last() -> None:
    assert output.clean_log("10%\r50%\r100%\r\ndone\n", colours=False) == "100%\ndone\n"


def test_json_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_json({"name": "Zoë", "items": ({"a": 1},)})
    output.print_json_line({"name": "Zoë"})
    text = capsys.readouterr().out
    assert json.loads(text[: text.rindex("{")]) == {"name": "Zoë", "items": [{"a": 1}]}
    assert text.splitlines()[-1] == '{"name":"Zoë"}'
