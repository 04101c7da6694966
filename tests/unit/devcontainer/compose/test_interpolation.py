from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.devcontainer.compose.dotenv import parse_env
from carrel.devcontainer.compose.interpolation import BadTemplateError, interpolate

VALUES = {"A": "a", "EMPTY": ""}


@pytest.mark.conformance("C205")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A", "a"),
        ("${A}", "a"),
        ("x$A.y", "xa.y"),
        ("$$A", "$A"),
        ("${NONE:-b}", "b"),
        ("${EMPTY:-b}", "b"),
        ("${EMPTY-b}", ""),
        ("${NONE-b}", "b"),
        ("${A:-b}", "a"),
        ("${A:+c}", "c"),
        ("${EMPTY:+c}", ""),
        ("${EMPTY+c}", "c"),
        ("${NONE+c}", ""),
        ("${A:?m}", "a"),
        ("${NONE:-${A}}", "a"),
        ("${NONE:-${OTHER:-x}}y", "xy"),
        ("${NONE}", ""),
        ("${NONE:-}", ""),
        ("${NONE:-a:b}", "a:b"),
        ("${NONE-$$}", "$"),
    ],
)
def test_every_form_of_a_variable(text: str, expected: str) -> None:
    assert interpolate(text, VALUES) == expected


@pytest.mark.conformance("C205")
@pytest.mark.parametrize(
    "text", ["${NONE:?say it}", "${EMPTY:?m}", "${NONE?m}", "${", "${A", "${1}", "${A!}", "$", "a $ b", "${}"]
)
def test_what_is_no_template_or_has_to_be_set_is_an_error(text: str) -> None:
    with pytest.raises(BadTemplateError):
        interpolate(text, VALUES)


def test_the_message_of_a_variable_that_has_to_be_set_is_told() -> None:
    with pytest.raises(BadTemplateError, match="NONE has to be set: say it"):
        interpolate("${NONE:?say it}", {})


def test_missing_variables_are_told() -> None:
    missing: list[str] = []
    interpolate("$B ${C} ${D:-x} $A", VALUES, missing.append)
    assert missing == ["B", "C"]


@given(st.text())
def test_any_text_comes_back_when_its_dollars_are_doubled(text: str) -> None:
    assert interpolate(text.replace("$", "$$"), {}) == text


@pytest.mark.conformance("C179")
def test_an_env_file_has_quotes_comments_exports_and_variables() -> None:
    text = """
# a comment
PLAIN=a b  # note
HASH=a#b
export TOLD=1
SPACED = x
SINGLE='$PLAIN # kept'
DOUBLE="a\\n$TOLD \\"q\\""
LINES="one
two"
REFERS=${TOLD}-${OUTER:-none}
EMPTY=
BARE
"""
    assert parse_env(text, {"OUTER": "o"}, ".env") == {
        "PLAIN": "a b",
        "HASH": "a#b",
        "TOLD": "1",
        "SPACED": "x",
        "SINGLE": "$PLAIN # kept",
        "DOUBLE": 'a\n1 "q"',
        "LINES": "one\ntwo",
        "REFERS": "1-o",
        "EMPTY": "",
        "BARE": None,
    }


def test_a_raw_env_file_is_taken_literally() -> None:
    assert parse_env("A='$x' # y\n", {}, "e", raw=True) == {"A": "'$x' # y"}


@pytest.mark.parametrize(("text", "line"), [("A=1\n=x\n", 2), ('A="x\n', 1), ("A=1\n\n1x=2", 3), ("A=${", 1)])
def test_a_line_that_cannot_be_read_is_named(text: str, line: int) -> None:
    with pytest.raises(ValueError, match=rf"^\.env:{line}: "):
        parse_env(text, {}, ".env")
