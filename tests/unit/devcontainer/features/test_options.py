from typing import Any

import pytest

from carrel.core.problems import Problem
from carrel.devcontainer.features.options import (
    effective_options,
    environment,
    given_options,
    option_notices,
    variable_name,
)

DECLARED: dict[str, Any] = {
    "version": {"type": "string", "default": "latest", "enum": ["latest", "1"]},
    "fast": {"type": "boolean", "default": False},
    "name": {"type": "string"},
}


@pytest.mark.conformance("C229")
@pytest.mark.parametrize(
    ("option", "name"),
    [("loud-mode", "LOUD_MODE"), ("1num", "_NUM"), ("unknown.opt", "UNKNOWN_OPT"), ("__a", "_A"), ("9_9x", "_X"), ("ok", "OK"), ("ümlaut", "_MLAUT")],
)  # fmt: skip
def test_an_option_becomes_a_variable(option: str, name: str) -> None:
    assert variable_name(option) == name


@pytest.mark.conformance("C217", "C218", "C230", "C231", "C233")
@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, {"VERSION": "latest", "FAST": "false"}),
        ({"fast": True, "name": "x"}, {"VERSION": "latest", "FAST": "true", "NAME": "x"}),
        ("1", {"VERSION": "1", "FAST": "false"}),
        (True, {"VERSION": "true", "FAST": "false"}),
        ([], {"VERSION": "latest", "FAST": "false"}),
        ({"other": 3, "f": 1.5, "g": 2.0}, {"VERSION": "latest", "FAST": "false", "OTHER": "3", "F": "1.5", "G": "2"}),
        ({"name": None, "fast": ["x"]}, {"VERSION": "latest", "FAST": "false"}),
    ],
)
def test_defaults_lie_under_what_is_given(given: Any, expected: dict[str, str]) -> None:
    assert environment(effective_options(DECLARED, given_options("x", given))) == expected


@pytest.mark.conformance("C218")
def test_a_shorthand_without_a_version_option_means_defaults() -> None:
    assert effective_options({"a": {"default": "1"}}, "3") == {"a": "1"}


@pytest.mark.conformance("C218")
@pytest.mark.parametrize("value", [None, 1])
def test_null_and_numbers_are_no_options(value: Any) -> None:
    with pytest.raises(Problem) as caught:
        given_options("ghcr.io/a/b", value)
    assert caught.value.kind == "feature_failed"


@pytest.mark.conformance("C232")
@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ({"version": "2"}, ["features.x.version"]),
        ("2", ["features.x.version"]),
        ({"fast": "maybe"}, ["features.x.fast"]),
        ({"name": True}, ["features.x.name"]),
        ({"nope": "1"}, ["features.x.nope"]),
        ({"version": "1", "fast": "true"}, []),
    ],
)
def test_values_that_do_not_fit_give_warnings_and_are_passed(given: Any, keys: list[str]) -> None:
    assert [notice.key for notice in option_notices("x", DECLARED, given)] == keys
