import json
from typing import Any

import pytest

from carrel.devcontainer.metadata import (
    LABEL,
    configuration_entry,
    feature_entry,
    label_instruction,
    read_label,
    write_label,
)


@pytest.mark.conformance("C084", "C085")
@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ('[{"init": true}, {"remoteUser": "x"}]', [{"init": True}, {"remoteUser": "x"}]),
        ('{"init": true}', [{"init": True}]),
        ("no json", []),
        ('"text"', []),
        ("3", []),
        ("", []),
        ('[1, {"a": 1}]', [{"a": 1}]),
    ],
)
def test_a_label_is_an_array_or_one_object(text: str, entries: list[Any]) -> None:
    assert [entry.values for entry in read_label({LABEL: text})] == entries


def test_an_image_without_label_has_no_entries() -> None:
    assert read_label({}) == ()


@pytest.mark.conformance("C400")
def test_an_entry_with_an_id_is_a_features() -> None:
    assert [entry.origin for entry in read_label({LABEL: '[{"id": "ghcr.io/a/b:1"}, {}]'})] == [
        "feature ghcr.io/a/b:1",
        "image",
    ]


@pytest.mark.conformance("C088", "C089", "C090", "C092")
def test_only_recorded_properties_enter_the_label() -> None:
    feature = {
        "id": "x",
        "version": "1",
        "name": "X",
        "options": {},
        "init": True,
        "containerEnv": {"A": "1"},
        "mounts": [],
    }
    assert feature_entry("ghcr.io/a/b/x:1", feature).values == {"id": "ghcr.io/a/b/x:1", "init": True, "mounts": []}
    assert feature_entry("./y", {"id": "y"}).values == {"id": "./y"}
    own = configuration_entry(
        {"name": "n", "image": "i", "runArgs": [], "remoteUser": "u", "hostRequirements": {"cpus": 1}, "secrets": {}}
    )
    assert own is not None
    assert own.values == {"remoteUser": "u", "hostRequirements": {"cpus": 1}}


@pytest.mark.conformance("C091")
def test_an_empty_configuration_entry_is_dropped() -> None:
    assert configuration_entry({"image": "x"}) is None


@pytest.mark.conformance("C086", "C093")
def test_writing_uses_an_array_and_raw_values() -> None:
    own = configuration_entry({"remoteEnv": {"A": "${localEnv:A}"}})
    assert own is not None
    assert json.loads(write_label([own])) == [{"remoteEnv": {"A": "${localEnv:A}"}}]


@pytest.mark.conformance("C096", "C097")
def test_a_label_instruction_escapes_and_has_a_line_an_entry() -> None:
    own = configuration_entry({"postCreateCommand": 'echo "$X" \\ é'})
    assert own is not None
    text = label_instruction([feature_entry("./a", {}), own])
    assert text.splitlines() == [
        'LABEL devcontainer.metadata="[ \\',
        '{\\"id\\":\\"./a\\"}, \\',
        '{\\"postCreateCommand\\":\\"echo \\\\\\"\\$X\\\\\\" \\\\\\\\ é\\"} \\',
        ']"',
    ]
