"""docs/reference/cli.md is what the commands say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer

from carrel.cli.app import app
from carrel.cli.reference import page

FILE = Path(__file__).parents[3] / "docs/reference/cli.md"


def commands(group: Any) -> list[Any]:
    return [one for command in group.commands.values() for one in (command, *commands_of(command))]


def commands_of(command: Any) -> list[Any]:
    return commands(command) if hasattr(command, "commands") else []


EVERY = commands(typer.main.get_command(app))


def test_the_page_is_printed_from_the_commands() -> None:
    assert FILE.read_text(encoding="utf-8") == page(), "`make docs` prints it"


@pytest.mark.parametrize("command", EVERY, ids=lambda command: command.name)
def test_everything_has_a_help(command: Any) -> None:
    assert command.help
    for parameter in command.params:
        assert parameter.help, f"{command.name}: {parameter.name}"
