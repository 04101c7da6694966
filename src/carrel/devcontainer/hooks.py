"""Life-cycle hooks: the three forms of a command, and the stages in order with their origins (C377-C400)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from carrel.core.agent import CommandLine, Hook
from carrel.core.problems import Problem
from carrel.devcontainer.metadata import Entry
from carrel.devcontainer.properties import WAIT_FOR

Stage = Literal["onCreate", "updateContent", "postCreate", "postStart", "postAttach"]
WaitFor = Literal["initialize", "onCreate", "updateContent", "postCreate", "postStart"]
STAGES: tuple[Stage, ...] = ("onCreate", "updateContent", "postCreate", "postStart", "postAttach")


def commands_of(value: Any, where: str) -> dict[str, CommandLine]:
    """A hook's value as name -> command; empty forms give nothing (C385).

    Raises:
        Problem: `bad_configuration`, it is neither a string, an array of strings nor an object of these.
    """
    if isinstance(value, Mapping):
        named = {str(name): _command(item, f"{where}.{name}") for name, item in value.items()}
        return {name: command for name, command in named.items() if command}
    command = _command(value, where)
    return {"": command} if command else {}


def _command(value: Any, where: str) -> CommandLine:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return tuple(value)
    raise Problem("bad_configuration", f"{where} must be a string, an array of strings, or an object of these.")


def hooks_of(entries: Sequence[Entry]) -> tuple[Hook, ...]:
    """All hooks: stage by stage, within a stage image entries, features in install order, devcontainer.json (C289, C400)."""
    hooks: list[Hook] = []
    for stage in STAGES:
        for entry in entries:
            key = f"{stage}Command"
            commands = commands_of(entry.values.get(key), f"{entry.origin}: {key}")
            if commands:
                hooks.append(Hook(stage, entry.origin, commands))
    return tuple(hooks)


def wait_for(value: Any) -> WaitFor:
    """`waitFor` as the agent names it; the default is updateContent (C395). For a value that it does not know, the reference waits for all."""
    if not value:
        return "updateContent"
    return cast("WaitFor", str(value).removesuffix("Command")) if value in WAIT_FOR else "postStart"
