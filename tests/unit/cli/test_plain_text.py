"""What others wrote, on a person's terminal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from carrel.cli import attach
from carrel.cli.attach_request import AttachRequest
from carrel.cli.plain_text import plain
from carrel.cli.ssh_proxy import _sentence

EVIL = "\x1b]52;c;ZXZpbA==\x07\x9b2J\r\n\u202e"


@pytest.mark.parametrize("text", [EVIL, f"vim{EVIL}", "\udc80", "\x00"])
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    assert plain(text).isprintable()
    assert _sentence({"detail": text, "hint": text}).isprintable()


def test_words_are_left_as_they_are() -> None:
    assert plain("naïve: 東京 (vim)") == "naïve: 東京 (vim)"


def test_a_list_of_terminals_is_plain(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    one: dict[str, Any] = {"name": EVIL, "attached": 1, "cols": 80, "rows": 24, "running": EVIL, "title": EVIL}
    monkeypatch.setattr(attach, "ask", lambda *_: (200, json.dumps({"items": [one]}).encode()))
    monkeypatch.setattr(attach.Door, "server", lambda *_, **__: None)
    monkeypatch.setattr(attach.Door, "path", lambda *_: "")
    attach._list(AttachRequest("blog", lists=True))
    assert capsys.readouterr().out.strip("\n").isprintable()
