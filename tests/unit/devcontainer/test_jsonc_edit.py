"""Edits of texts; that the layout is jsonc-parser's is held against the reference in tests/integration/features."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.problems import Problem
from carrel.devcontainer.jsonc import parse
from carrel.devcontainer.jsonc_edit import rename_key, set_property


@pytest.mark.conformance("C436")
@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("{}", '{\n\t"f": {\n\t\t"k": true\n\t}\n}'),
        ('{"a":1}', '{\n\t"a": 1,\n\t"f": {\n\t\t"k": true\n\t}\n}'),
        ('{\n  "a": 1 // one\n}\n', '{\n"a": 1,\n"f": {\n\t"k": true\n} // one\n}\n'),  # two spaces are no tab
        ('{\r\n\t"a": 1\r\n}', '{\r\n\t"a": 1,\r\n\t"f": {\r\n\t\t"k": true\r\n\t}\r\n}'),
        ('{\n\t"f": {"k": null}, // stays\n\t"z": [1, [2], {}]\n}', '{\n\t"f": {"k": true}, // stays\n\t"z": [1, [2], {}]\n}'),
        ('{\n"a":\n\ntrue  /* b\n c */ }', '{\n"a":\n\ntrue,\n"f": {\n\t"k": true\n}  /* b\n c */ }'),  # half a comment
        ('/* head */ {"f": {}}', '/* head */ {\n\t"f": {\n\t\t"k": true\n\t}\n}'),
    ],
)  # fmt: skip
def test_a_property_is_set_and_the_rest_stays(text: str, changed: str) -> None:
    assert set_property(text, ["f", "k"], True) == changed


@pytest.mark.parametrize("text", ['{"f": 1}', '{"f": [1]}', '{"f": "x"}'])
def test_what_is_no_object_has_no_properties(text: str) -> None:
    with pytest.raises(ValueError, match="no object"):
        set_property(text, ["f", "k"], True)


def test_a_text_that_cannot_be_read_is_a_problem() -> None:
    with pytest.raises(Problem):
        set_property('{"a": }', ["f"], 1)


def test_a_key_is_renamed_in_its_place_only() -> None:
    text = '{"a": {"x": "a"}, /* "a" */ "b": {"a": 1}}'
    assert rename_key(text, ["b"], "a", 'n"ew') == '{"a": {"x": "a"}, /* "a" */ "b": {"n\\"ew": 1}}'
    with pytest.raises(KeyError):
        rename_key(text, ["b"], "c", "d")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), st.text(max_size=5), VALUES, st.integers(0, 4))
def test_the_value_is_what_was_set_and_all_others_are_as_before(
    before: dict[str, Any], key: str, value: Any, indent: int
) -> None:
    text = json.dumps(before, indent=indent or None, ensure_ascii=False)
    assert parse(set_property(text, [key], value)).value == {**before, key: value}
