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
