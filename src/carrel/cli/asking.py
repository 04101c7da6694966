"""Secrets for a new workspace: those given by option, and those that its repository would like to have, asked for."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import typer

from carrel.cli.output import clean, note
from carrel.core.problems import Problem
from carrel.core.spec import GitSource

if TYPE_CHECKING:
    from carrel.cli.source import Given
    from carrel.client.client import Client
    from carrel.client.documents import Inspection

LOOK_SECONDS = 20.0
"""A repository that takes longer is not worth the wait: the start warns of what is not set."""


def parse_secrets(options: list[str] | None) -> dict[str, str]:
    """Values by name, of `NAME=VALUE` or of `NAME`: a variable of this shell, else standard input.

    Raises:
        Problem: `bad_value`.
    """
    found: dict[str, str] = {}
    for option in options or ():
        name, equals, value = option.partition("=")
        if not equals:
            value = os.environ.get(name, "") or _read(name)
        if not name or not value:
            raise Problem("bad_value", f"--secret {name}: there is no value.", "Write NAME=VALUE, or set the variable.")
        found[name] = value
    return found


def _read(name: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(f"Value of {name}", hide_input=True, err=True))
    return sys.stdin.read().removesuffix("\n").removesuffix("\r")


def can_ask() -> bool:
    """Whether a person sits there."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def ask_for_secrets(client: Client, given: Given, devcontainer: str, known: dict[str, str]) -> dict[str, str]:
    """`known` with what the person answers; what the repository asks for in vain is said, too."""
    if isinstance(given, GitSource):
        note("Looking at what the repository asks for")
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            found = await client.workspaces.inspect(given, devcontainer)
    except (Problem, TimeoutError):
        return known  # the start meets the same problem, and says it
    for sentence in found.unmet:
        note(f"warning: {clean(sentence)} It starts with less.")
    return {**known, **_prompt(found, known)}  # in this thread, so that Ctrl-C ends it; nothing else goes on meanwhile


def _prompt(found: Inspection, known: dict[str, str]) -> dict[str, str]:
    wanted = [one for one in found.secrets if not one.given_by and one.name not in known]
    if not wanted:
        return {}
    note("The repository would like to have these secrets; Enter leaves one out.")
    answers = {}
    for one in wanted:
        for line in (one.description, one.documentation_url):
            if line:
                note(f"  {clean(line)}")
        answer = typer.prompt(f"  {clean(one.name)}", default="", show_default=False, hide_input=True, err=True)
        if answer:
            answers[one.name] = str(answer)
    return answers
