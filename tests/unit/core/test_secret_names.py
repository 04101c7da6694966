"""Names of secrets and of variables, and what is said of others."""

from __future__ import annotations

import pytest

from carrel.core.definition import WantedSecret
from carrel.core.problems import Problem
from carrel.core.secret_names import check_key, check_variable, check_wanted, is_variable, nearest


@pytest.mark.parametrize("key", ["A", "api_token", "API-TOKEN", "tls.crt", "0", "_x", "a" * 128])
def test_letters_digits_and_three_signs_name_a_secret(key: str) -> None:
    assert check_key(key) == key


REFUSED = {
    "empty": ("", "empty"),
    "space": ("my key", "has a space"),
    "cyrillic": ("API_K\u0415Y", "U+0415 (Cyrillic capital letter ie)"),
    "greek": ("κλειδί", "U+03BA (Greek small letter kappa)"),
    "chinese": ("密钥", "U+5BC6"),
    "german": ("Schlüssel", "U+00FC (Latin small letter u with diaeresis)"),
    "arabic": ("مفتاح", "U+0645 (Arabic letter meem)"),
    "full width": ("\uff21\uff30\uff29", "U+FF21 (Fullwidth latin capital letter a)"),
    "hidden": ("A\u200bB", "U+200B (Zero width space)"),
    "control": ("A\x1b[2J", "U+001B"),
    "slash": ("../etc/passwd", "`/`"),
    "dot first": (".hidden", "begins with `.`"),
    "option": ("-x", "begins with `-`"),
    "parent": ("..", "begins with `.`"),
    "long": ("a" * 129, "longer than 128"),
    "path": ("PATH", "no secret may take the place"),
    "loader": ("ld_preload", "no secret may take the place"),
    "ours": ("CARREL_X", "no secret may take the place"),
}


@pytest.mark.parametrize("which", REFUSED)
def test_what_is_wrong_with_a_name_is_said(which: str) -> None:
    key, why = REFUSED[which]
    with pytest.raises(Problem) as caught:
        check_key(key)
    assert caught.value.kind == "bad_value"
    assert why in caught.value.detail
    assert caught.value.hint
    assert "\x1b" not in caught.value.detail


def test_a_name_that_would_do_is_offered() -> None:
    with pytest.raises(Problem) as caught:
        check_key("Clé d'accès")
    assert "Perhaps Cle_d_acces?" in caught.value.hint


@pytest.mark.parametrize("name", ["A-B", "1A", "", "a.b", "ÄÖ", "PATH", "HOME", "BASH_FUNC_x"])
def test_a_variable_has_stricter_names(name: str) -> None:
    assert not is_variable(name)
    with pytest.raises(Problem):
        check_variable(name)


def test_a_variable_holds_one_secret() -> None:
    check_wanted([WantedSecret("a", "A"), WantedSecret("a", "B"), WantedSecret("a"), WantedSecret("tls.crt")])
    with pytest.raises(Problem, match="cannot hold both a and b"):
        check_wanted([WantedSecret("a", "A"), WantedSecret("b", "A")])


def test_the_nearest_name_is_found_also_in_another_spelling() -> None:
    names = ["API_TOKEN", "DB_PASSWORD"]
    assert nearest("api-token", names) == "API_TOKEN"
    assert nearest("API_TOKN", names) == "API_TOKEN"
    assert nearest("something_else", names) == ""
