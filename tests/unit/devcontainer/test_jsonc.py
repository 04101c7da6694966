import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.problems import Problem
from carrel.devcontainer.jsonc import Position, parse, parse_object

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_whatever_json_writes_is_read_back(value: Any) -> None:
    assert parse(json.dumps(value)).value == value


@pytest.mark.conformance("C008", "C009", "C010", "C011", "C013")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('// first\n/* second */ {"a": /* in */ 1 // last\n}', {"a": 1}),
        ('{"a": [1, 2,], "b": {"c": 1,},}', {"a": [1, 2], "b": {"c": 1}}),
        ('\ufeff{"a": 1}', {"a": 1}),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ('{"a": "https://x", "b": "/*", "c": "*/ //"}', {"a": "https://x", "b": "/*", "c": "*/ //"}),
        ('{"a": "\\u00e9\\n", "b": -1.5e3, "c": null, "d": true}', {"a": "é\n", "b": -1500.0, "c": None, "d": True}),
    ],
)
def test_comments_and_trailing_commas_are_no_part_of_the_value(text: str, value: Any) -> None:
    assert parse_object(text).value == value
    assert parse_object(text.encode()).value == value


@pytest.mark.conformance("C012")
@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('{"image":"x" "name":"y"}', 1, 14),
        ('{\n  "a": 1\n  "b": 2\n}', 3, 3),
        ('{"a": }', 1, 7),
        ('{"a": [1,,2]}', 1, 10),
        ('{"a": 1', 1, 8),
        ("{a: 1}", 1, 2),
        ('{"a": "x\n"}', 1, 7),
        ('{"a": 1} x', 1, 10),
        ('{"a": 01}', 1, 8),
        ('{"a": "\\x"}', 1, 7),
        ("{/* open", 1, 2),
        ("", 1, 1),
        ("// only a comment", 1, 18),
        ("[" * 5000, 1, 102),
        ('{"a": ' + "9" * 5000 + "}", 1, 7),
    ],
)
def test_an_error_has_line_and_column(text: str, line: int, column: int) -> None:
    with pytest.raises(Problem) as caught:
        parse(text, "x.json")
    assert caught.value.kind == "bad_configuration"
    assert (caught.value.extra["line"], caught.value.extra["column"]) == (line, column)
    assert f"x.json, line {line}, column {column}" in caught.value.detail


@pytest.mark.conformance("C014")
@pytest.mark.parametrize("text", ["[]", '"x"', "1", "null", ""])
def test_the_top_level_must_be_an_object(text: str) -> None:
    with pytest.raises(Problem):
        parse_object(text)


def test_bytes_that_are_not_utf_8_are_an_error() -> None:
    with pytest.raises(Problem, match="UTF-8"):
        parse(b'{"a": "\xff"}')


def test_the_places_of_values_are_known() -> None:
    document = parse('{\n  "a": {"b": [1,\n 2]}\n}')
    assert document.positions["a", "b", 1] == Position(3, 2)
    assert document.place("a", "b") == " at line 2, column 14"
    assert document.place("z") == ""
