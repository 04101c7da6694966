"""Patterns of parameters, of which some would never end."""

from __future__ import annotations

import pytest

from carrel.templates.patterns import check_match, check_pattern


def test_all_of_a_text_has_to_match() -> None:
    check_match("[a-z]+", "main")
    with pytest.raises(ValueError, match=r"'main2' does not match \[a-z\]\+"):
        check_match("[a-z]+", "main2")


def test_what_is_no_pattern_is_told() -> None:
    assert check_pattern("https://.+") == "https://.+"
    with pytest.raises(ValueError, match="no regular expression"):
        check_pattern("(")


def test_a_comparison_that_would_never_end_is_given_up() -> None:
    with pytest.raises(ValueError, match="takes too long"):
        check_match("(a|aa)+", "a" * 400 + "!")


BOMBS = {
    "one number": "a{99999}",
    "at least": "a{99999,}",
    "within each other": "(?:(?:a{100}){100}){10}",
    "a range": "(?:[ab]{300,301}){300,301}",
    "spaces within the number": "(?ix)a{9 9 9 9 9}",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_pattern_that_takes_all_memory_is_not_compiled(name: str) -> None:
    with pytest.raises(ValueError, match=r"repetitions are too many|the flag `x`"):
        check_pattern(BOMBS[name])


@pytest.mark.parametrize("text", ["[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[a-z]{1,63}" * 9])
def test_repetitions_that_people_write_are_taken(text: str) -> None:
    assert check_pattern(text) == text
