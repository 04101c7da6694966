"""core.lines: a stream cut into lines."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.lines import Lines, line_of


@given(st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"")), max_size=6), st.data())
def test_lines_are_the_same_in_however_many_pieces_they_come(lines: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=5).map(sorted))
    reader, found = Lines(12), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += reader.feed(stream[start:end])
    assert found == lines
    assert not reader.is_too_long


def test_a_line_without_its_end_is_kept_until_it_has_one() -> None:
    reader = Lines(10)
    assert reader.feed(b"one\ntw") == [b"one"]
    assert reader.feed(b"") == []
    assert reader.feed(b"o\n") == [b"two"]


@pytest.mark.parametrize("pieces", [[b"12345"], [b"123", b"45"], [b"12345\n"], [b"123", b"45\n"]])
def test_a_line_that_is_too_long_is_told_whether_it_has_ended_or_not(pieces: list[bytes]) -> None:
    reader = Lines(4)
    assert [line for piece in pieces for line in reader.feed(piece)] == []
    assert reader.is_too_long


def test_a_line_of_the_longest_length_is_taken() -> None:
    reader = Lines(4)
    assert reader.feed(b"1234") == []
    assert reader.feed(b"\n") == [b"1234"]
    assert not reader.is_too_long


def test_what_came_before_a_line_that_is_too_long_is_taken_and_nothing_after_it() -> None:
    reader = Lines(4)
    assert reader.feed(b"one\ntwo\n12345\nsix\n") == [b"one", b"two"]
    assert reader.feed(b"\nsix\n") == []
    assert reader.is_too_long


def test_a_message_is_one_line_whatever_is_in_it() -> None:
    message = {"text": "two\nlines", "number": 1}
    line = line_of(message)
    assert line.count(b"\n") == 1
    assert json.loads(Lines(100).feed(line)[0]) == message
