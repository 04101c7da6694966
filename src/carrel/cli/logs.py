"""`carrel logs`: what building, starting, hooks and apps printed."""

from __future__ import annotations

import sys
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Name, Output
from carrel.cli.output import Format, clean_log, has_colour, note, paint, print_json, print_json_line, print_table
from carrel.cli.quantities import format_moment, format_size

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import LogChunk


def logs(
    name: Name,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is added.")] = False,
    stream: Annotated[str, typer.Option("--stream", help="Only this one: `build`, `hook:postCreate` ...")] = "",
    app: Annotated[str, typer.Option("--app", help="Only what this app printed.")] = "",
    list_streams: Annotated[bool, typer.Option("--list", help="Only say which streams there are.")] = False,
    output: Output = Format.TABLE,
) -> None:
    """Show the logs of a workspace: all its streams, or one."""
    if stream and app:
        raise typer.BadParameter("give --stream or --app, not both", param_hint="--app")
    wanted = f"app:{app}" if app else stream

    async def use(client: Client) -> None:
        workspace_id = (await client.workspaces.find(name)).id
        if list_streams:
            await _list(client, workspace_id, output)
        else:
            await _print(client, workspace_id, wanted, _Printer(output, one=bool(wanted)), follow=follow)

    call(use)


async def _list(client: Client, workspace_id: str, output: Format) -> None:
    found = await client.logs.streams(workspace_id)
    if output is Format.JSON:
        print_json(found)
        return
    rows = [(one.name, format_size(one.characters), format_moment(one.updated_at)) for one in found]
    print_table(("STREAM", "SIZE", "LAST WRITTEN"), rows)


async def _print(client: Client, workspace_id: str, wanted: str, printer: _Printer, *, follow: bool) -> None:
    if follow:
        async with aclosing(client.logs.follow(workspace_id, wanted)) as chunks:
            async for chunk in chunks:
                printer.print(chunk)
        return
    names = [one.name for one in await client.logs.streams(workspace_id)]
    chosen = [wanted] if wanted.startswith("app:") else [one for one in names if wanted in {"", one}]
    if wanted and not chosen:
        note(f"There is no stream {wanted!r} yet; there are: {', '.join(names) or 'none'}.")
    for one in chosen:
        async with aclosing(client.logs.read(workspace_id, one)) as chunks:
            async for chunk in chunks:
                printer.print(chunk)


class _Printer:
    """Prints chunks; a heading where another stream goes on."""

    def __init__(self, output: Format, *, one: bool) -> None:
        self._output = output
        self._last = None if not one else ""
        self._one = one
        self._colours = has_colour(sys.stdout)

    def print(self, chunk: LogChunk) -> None:
        """One chunk."""
        if self._output is Format.JSON:
            print_json_line(chunk)
            return
        if not self._one and chunk.stream != self._last:
            print(paint(f"==> {chunk.stream} <==", "bold"))
            self._last = chunk.stream
        # Text goes to a pipe as it is: only a terminal obeys what is in it.
        text = clean_log(chunk.text, colours=self._colours) if sys.stdout.isatty() else chunk.text
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()
