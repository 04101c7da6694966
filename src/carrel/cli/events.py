"""`carrel events`: what happened, and what happens."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.describe import describe
from carrel.cli.options import Output, complete_name
from carrel.cli.output import Format, clean, paint, print_json, print_json_line
from carrel.cli.quantities import format_moment

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Event


def events(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The workspace; without it all.", autocompletion=complete_name)
    ] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what happens.")] = False,
    count: Annotated[int, typer.Option("--count", "-n", min=0, max=1000, help="So many of the latest.")] = 50,
    output: Output = Format.TABLE,
) -> None:
    """Show what happened to a workspace; with -f what happens, also of all workspaces."""
    if not name and not follow:
        raise typer.BadParameter("give a NAME, or -f to follow all workspaces", param_hint="NAME")
    call(lambda client: _follow(client, name, count, output) if follow else _latest(client, name, count, output))


async def _latest(client: Client, name: str, count: int, output: Format) -> None:
    found = await client.workspaces.find(name)
    items = (await client.events.latest(found.id, count)).items if count else []
    if output is Format.JSON:
        print_json(items)
        return
    for event in items:
        _print(event)


async def _follow(client: Client, name: str, count: int, output: Format) -> None:
    names: dict[str, str] = {}
    if name:
        source = client.events.follow((await client.workspaces.find(name)).id, latest=count)
    else:
        names = {workspace.id: workspace.name async for workspace in client.workspaces.each()}
        source = client.events.follow_all()
    async with aclosing(source) as happening:
        async for event in happening:
            if event.kind == "created":
                names[event.workspace] = str(event.data.get("name", event.workspace))
            if output is Format.JSON:
                print_json_line(event)
            else:
                _print(event, "" if name else names.get(event.workspace, event.workspace))


def _print(event: Event, name: str = "") -> None:
    shown = f"{paint(name, 'bold')}  " if name else ""
    print(f"{paint(format_moment(event.at), 'dim')}  {shown}{clean(describe(event.kind, event.data))}", flush=True)
