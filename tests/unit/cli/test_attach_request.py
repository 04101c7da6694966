"""The words of `carrel attach`, and the keys that leave."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.cli.attach_request import AttachRequest, Escape, UsageError, parse


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("blog", AttachRequest("blog")),
        ("ana/blog build", AttachRequest("ana/blog", "build")),
        ("-r blog", AttachRequest("blog", read_only=True)),
        ("blog build --read-only", AttachRequest("blog", "build", read_only=True)),
        ("--list blog", AttachRequest("blog", lists=True)),
    ],
)
def test_words_are_a_request(words: str, expected: AttachRequest) -> None:
    assert parse(words.split()) == expected


@pytest.mark.parametrize("words", ["", "-r", "--force blog", "a b c", "--list a b", "a b/c"])
def test_other_words_are_refused(words: str) -> None:
    with pytest.raises(UsageError):
        parse(words.split())


@pytest.mark.parametrize(
    ("keys", "typed", "leaves"),
    [
        (b"~.", b"", True),
        (b"ls\r~.rest", b"ls\r", True),
        (b"a~.", b"a~.", False),
        (b"~~.", b"~.", False),
        (b"~x", b"~x", False),
        (b"cd ~\r", b"cd ~\r", False),
        (b"\x03~.", b"\x03", True),
    ],
)
def test_a_tilde_and_a_dot_at_the_beginning_of_a_line_leave(keys: bytes, typed: bytes, leaves: bool) -> None:
    for sizes in ([len(keys)], [1] * len(keys)):
        escape, out, rest = Escape(), b"", keys
        for size in sizes:
            if not escape.leaves:
                out += escape.feed(rest[:size])
            rest = rest[size:]
        assert (out, escape.leaves) == (typed, leaves)


@given(st.binary().filter(lambda data: b"~" not in data))
def test_everything_else_is_typed_unchanged(data: bytes) -> None:
    escape = Escape()
    assert escape.feed(data) == data
    assert not escape.leaves
