"""What is copied where to: the words of `carrel cp`."""

from __future__ import annotations

import pytest

from carrel.cli.copying.place import Place, parse_copying, parse_place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("blog:src/a.py", Place("src/a.py", "blog")),
        ("blog:", Place("", "blog")),
        ("ana/blog:/etc/x:y", Place("/etc/x:y", "ana/blog")),
        ("blog:~/x", Place("~/x", "blog")),
        ("./blog:x", Place("./blog:x")),
        ("/blog:x", Place("/blog:x")),
        ("a/b/c:x", Place("a/b/c:x")),
        ("file", Place("file")),
        ("-", Place("-")),
        ("blog:-", Place("-", "blog")),
    ],
)
def test_a_place_is_in_a_workspace_or_here(text: str, place: Place) -> None:
    assert parse_place(text) == place
    assert place.is_stream == (text == "-")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["file"], "SOURCE"),
        (["file", "copy"], "neither is in a workspace"),
        (["a/x", "b/x", "blog:"], "same name"),
        (["x", "-", "blog:"], "stands alone"),
        (["blog:x", "y", "other:"], "the same workspace"),
        (["", "blog:"], "empty"),
        (["a/.", "b", "blog:"], "stands alone"),
        (["nul\0", "blog:"], "NUL"),
    ],
)
def test_words_that_make_no_sense_are_refused(words: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_copying(words)


def test_the_receiver_takes_the_names_that_were_asked_for() -> None:
    assert parse_copying(["blog:a/b/", "blog:c", "."]).names() == ("b", "c")
    assert parse_copying(["blog:a/.", "."]).names() == (".",)
