"""Scrollback and replay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.agent.scrollback import Scrollback
from carrel.agent.terminal_session import without_queries

LIMIT = 50


def add(scrollback: Scrollback, data: bytes) -> None:
    """As the holder does where nobody is owed anything."""
    scrollback.add(data)
    while scrollback.surplus():
        scrollback.drop()


@given(st.lists(st.binary(max_size=30), max_size=20), st.integers(-1, 400))
def test_what_is_replayed_is_the_end_of_what_was_printed(pieces: list[bytes], offset: int) -> None:
    scrollback = Scrollback(LIMIT)
    for piece in pieces:
        add(scrollback, piece)
    everything = b"".join(pieces)
    data, first = scrollback.since(offset)
    assert scrollback.total == len(everything)
    assert everything[first:] == data
    if 0 <= offset <= len(everything) and len(everything) - offset <= LIMIT:
        assert first == offset


def test_a_replay_whose_beginning_is_lost_begins_with_a_line() -> None:
    scrollback = Scrollback(LIMIT)
    for number in range(100):
        add(scrollback, f"line {number}\r\n".encode())
    data, first = scrollback.since(-1)
    assert data.startswith(b"line ")
    assert first > 0


@pytest.mark.parametrize(
    ("printed", "title"),
    [
        (b"x\x1b]0;one\x07y\x1b]2;two\x1b\\z", "two"),
        (b"x\x1b]0;t\xc3\xa4\x01glich\x07", "täglich"),
        (b"x\x1b]0;never ended", ""),
        (b"nothing", ""),
    ],
)
def test_the_last_title_is_known(printed: bytes, title: str) -> None:
    scrollback = Scrollback(1000)
    scrollback.add(printed)
    assert scrollback.title() == title


@pytest.mark.parametrize(
    "query",
    [
        b"\x1b[c",
        b"\x1b[>c",
        b"\x1b[6n",
        b"\x1b[?6n",
        b"\x1b[?2026$p",
        b"\x1b[14t",
        b"\x1b]10;?\x07",
        b"\x1b]11;?\x1b\\",
        b"\x1b]4;1;?\x07",
        b"\x1bP+q544e\x1b\\",
        b"\x1bP$qm\x1b\\",
        b"\x1b[>q",
        b"\x1b[?u",
        b"\x05",
    ],
)
def test_queries_are_not_replayed_and_offsets_stay(query: bytes) -> None:
    replay = without_queries(b"before" + query + b"after")
    assert replay == b"before" + b"\0" * len(query) + b"after"


@pytest.mark.parametrize(
    "harmless", [b"\x1b[31mred\x1b[0m", b"\x1b[2J\x1b[H", b"\x1b]0;title\x07", b"\x1b[?25h", b"\x1b]11;#fff\x07"]
)
def test_everything_else_is_replayed_unchanged(harmless: bytes) -> None:
    assert without_queries(harmless) == harmless
