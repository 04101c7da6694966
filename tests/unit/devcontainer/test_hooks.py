from typing import Any

import pytest

from carrel.core.agent import Hook
from carrel.core.problems import Problem
from carrel.devcontainer.hooks import commands_of, hooks_of, wait_for
from carrel.devcontainer.metadata import Entry


@pytest.mark.conformance("C381", "C382", "C383", "C385")
@pytest.mark.parametrize(
    ("value", "commands"),
    [
        ("echo a && b", {"": "echo a && b"}),
        (["echo", "$X"], {"": ("echo", "$X")}),
        ({"a": "x", "b": ["y", "z"]}, {"a": "x", "b": ("y", "z")}),
        ("", {}),
        ([], {}),
        ({}, {}),
        ({"a": "", "b": "x"}, {"b": "x"}),
        (None, {}),
    ],
)
def test_the_three_forms_of_a_hook(value: Any, commands: dict[str, Any]) -> None:
    assert commands_of(value, "x") == commands


@pytest.mark.parametrize("value", [1, [1], {"a": 1}, {"a": {"b": "c"}}])
def test_other_forms_are_an_error(value: Any) -> None:
    with pytest.raises(Problem, match="postCreateCommand"):
        commands_of(value, "postCreateCommand")


@pytest.mark.conformance("C111", "C289", "C290", "C377", "C400")
def test_hooks_come_stage_by_stage_and_within_a_stage_in_label_order() -> None:
    entries = [
        Entry("image", {"postStartCommand": "i"}),
        Entry("feature ./f", {"postStartCommand": "f", "onCreateCommand": "f"}),
        Entry("devcontainer.json", {"onCreateCommand": "d", "postStartCommand": "d"}),
    ]
    assert hooks_of(entries) == (
        Hook("onCreate", "feature ./f", {"": "f"}),
        Hook("onCreate", "devcontainer.json", {"": "d"}),
        Hook("postStart", "image", {"": "i"}),
        Hook("postStart", "feature ./f", {"": "f"}),
        Hook("postStart", "devcontainer.json", {"": "d"}),
    )


@pytest.mark.conformance("C293")
def test_an_initialize_command_of_an_image_is_no_hook() -> None:
    assert hooks_of([Entry("image", {"initializeCommand": "x"})]) == ()


@pytest.mark.conformance("C395", "C397")
def test_wait_for_names_a_stage() -> None:
    assert wait_for(None) == "updateContent"
    assert wait_for("initializeCommand") == "initialize"
    assert wait_for("postStartCommand") == "postStart"
    assert [wait_for(value) for value in ("postAttachCommand", "never", 1)] == ["postStart"] * 3
