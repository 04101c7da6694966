"""Arguments and options that several commands share."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from carrel.cli.output import Format
from carrel.cli.quantities import parse_duration, parse_size


def complete_name(incomplete: str) -> list[str]:
    """Names of workspaces that begin so. Asks the server where one runs; a completion never fails, and starts none."""
    import asyncio  # noqa: PLC0415  0.04 s of every command that imports this module

    with suppress(Exception):  # whatever it is, a shell that completes must not show it
        return asyncio.run(_names(incomplete))
    return []


async def _names(incomplete: str) -> list[str]:
    import asyncio  # noqa: PLC0415

    from carrel.cli.calling import client_of  # noqa: PLC0415  only where a shell asks
    from carrel.cli.server_address import find_server  # noqa: PLC0415
    from carrel.client.workspaces import Chosen  # noqa: PLC0415

    async with asyncio.timeout(2), client_of(find_server()) as client:
        # A part of the name is what the server can search; the beginning is checked here.
        found = [workspace async for workspace in client.workspaces.each(Chosen(text=incomplete.rpartition("/")[2]))]
    names = [workspace.name for workspace in found] + [f"{workspace.owner}/{workspace.name}" for workspace in found]
    return sorted(name for name in names if name.startswith(incomplete) and ("/" in incomplete) == ("/" in name))


Name = Annotated[
    str,
    typer.Argument(metavar="NAME", help="The workspace: NAME, OWNER/NAME or its id.", autocompletion=complete_name),
]
Output = Annotated[Format, typer.Option("--output", "-o", help="Form of what is printed.")]
Detach = Annotated[bool, typer.Option("--detach", "-d", help="Ask for it and do not wait.")]


def duration(text: str) -> int:
    """Seconds, as an option's value."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def size(text: str) -> int:
    """Bytes, as an option's value."""
    try:
        return parse_size(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
