from __future__ import annotations

import pytest

from carrel.core.problems import Problem
from carrel.devcontainer.compose.document import Override, Reset, parse


def value(text: str) -> object:
    return parse(f"k: {text}".encode(), "c.yml").value["k"]


@pytest.mark.conformance("C205")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22:22", "22:22"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("~", None),
        ("12", 12),
        ("0o17", 15),
        ("017", 15),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("2024-01-01", "2024-01-01"),
        ("'12'", "12"),
        ("1.2.3", "1.2.3"),
        ("=", "="),
    ],
)
def test_scalars_are_read_as_yaml_1_2_has_them(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.conformance("C205")
def test_merge_keys_give_way_to_the_mapping_s_own_and_to_earlier_ones() -> None:
    text = b"a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 3}\n"
    assert parse(text, "c.yml").value["c"] == {"x": 3, "y": 1, "z": 2}


@pytest.mark.conformance("C205")
def test_reset_and_override_are_kept_as_marks() -> None:
    read = parse(b"a: !reset []\nb: !override [1]\n", "c.yml").value
    assert isinstance(read["a"], Reset)
    assert read["b"] == Override([1])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1,\n", 2),
        ("a: 1\nb: 2\na: 3\n", 3),
        ("a: 1\n  b: 2\n", 2),
        ("- x\n", 1),
        ("a: *gone\n", 1),
        ("a: {[x]: 1}\n", 1),
        ("a:\n  <<: text\n", 2),
    ],
)
def test_errors_say_file_and_line(text: str, line: int) -> None:
    with pytest.raises(Problem) as caught:
        parse(text.encode(), "c.yml")
    assert caught.value.kind == "bad_configuration"
    assert caught.value.detail.startswith(f"c.yml:{line}")
    assert caught.value.extra["line"] == line


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]\n" for n in range(8)),
        "a: &a [*a]\n",
        "[" * 5000,
    ],
    ids=["a bomb of anchors", "a value in itself", "too deep"],
)
def test_hostile_files_are_refused_quickly(text: str) -> None:
    with pytest.raises(Problem):
        parse(text.encode(), "c.yml")


def test_python_tags_make_nothing() -> None:
    assert parse(b"a: !!python/object/apply:os.system ['true']\n", "c.yml").value == {"a": ["true"]}


def test_an_empty_file_is_an_empty_mapping() -> None:
    assert parse(b"# nothing\n", "c.yml").value == {}


def test_what_is_not_utf_8_is_refused() -> None:
    with pytest.raises(Problem, match="UTF-8"):
        parse(b"\xff\xfe\x00", "c.yml")
