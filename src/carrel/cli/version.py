"""`carrel version` and `carrel completion`."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from contextlib import suppress
from enum import StrEnum
from typing import Annotated

import typer

from carrel import __version__
from carrel.cli.calling import client_of
from carrel.cli.options import Output
from carrel.cli.output import Format, print_facts, print_json
from carrel.cli.server_address import NotConfiguredError, find_server
from carrel.core.problems import Problem


def version(output: Output = Format.TABLE) -> None:
    """Print the version; and the server's, where one runs."""
    server = ""
    with suppress(Problem, NotConfiguredError):
        server = asyncio.run(_server_version())
    if output is Format.JSON:
        print_json({"carrel": __version__, "server": server or None, "python": platform.python_version()})
    else:
        print_facts([("carrel", __version__), ("server", server), ("python", platform.python_version())])


async def _server_version() -> str:
    async with client_of(find_server()) as client:
        return (await client.server()).version


class Shell(StrEnum):
    """A shell that completes."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(shell: Annotated[Shell, typer.Argument(help="The shell.")]) -> None:
    """Print the completion script of a shell.

    bash: `eval "$(carrel completion bash)"` in ~/.bashrc; zsh and fish: the same in their own files.
    """
    # Typer's own way: the shell's script asks us with this variable, and so can we.
    os.environ["_CARREL_COMPLETE"] = f"source_{shell.value}"
    os.execv(sys.executable, [sys.executable, "-P", "-m", "carrel.cli"])  # noqa: S606  our own interpreter
