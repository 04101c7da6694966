"""Which passwords may be chosen, and how long an account waits after wrong ones."""

from __future__ import annotations

from datetime import timedelta

import pytest

from carrel.core.passwords import COMMON, FREE_FAILURES, LONGEST_LOCK, SHORTEST, check_password, lock_after, normal
from carrel.core.problems import Problem


@pytest.mark.parametrize(
    "text",
    [
        "purple walrus on a bicycle",
        "a   b   c   d",
        "ana likes long walks",
        "日本語のとても長い合言葉です",
        "x" * 11 + "y",
    ],
    ids=["words", "spaces", "with the name and more", "another script", "no rules about characters"],
)
def test_long_enough_is_good_enough(text: str) -> None:
    assert check_password(text, "ana") == normal(text)


@pytest.mark.parametrize(
    "text",
    [
        "eleven char",
        "x" * 201,
        "PasswordPassword",
        "aaaaaaaaaaaaa",
        "123123123123",
        "abcdefghijklmn",
        "anaanaanaana",
        "ana-ana-ana!",
        "Anamaria1234",
    ],
)
def test_what_is_tried_first_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(Problem) as caught:
        check_password(text, "ana", "anamaria")
    assert caught.value.kind == "bad_value"
    assert text not in f"{caught.value.detail} {caught.value.hint}"


def test_the_list_holds_only_what_the_length_lets_pass() -> None:
    assert all(len(one) >= SHORTEST and one == one.casefold() for one in COMMON)


def test_a_character_is_the_same_however_a_keyboard_writes_it() -> None:
    assert normal("e\u0301tudes de Chopin") == normal("\u00e9tudes de Chopin")


def test_the_delay_doubles_and_has_an_end() -> None:
    delays = [lock_after(failures) for failures in range(FREE_FAILURES + 60)]
    assert delays[:FREE_FAILURES] == [timedelta(0)] * FREE_FAILURES
    assert delays[FREE_FAILURES : FREE_FAILURES + 4] == [timedelta(seconds=n) for n in (1, 2, 4, 8)]
    assert delays == sorted(delays)
    assert delays[-1] == LONGEST_LOCK
