"""`carrel prebuild`: everything up to updateContentCommand, before anybody waits for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Detach, Output
from carrel.cli.output import Format, note, print_json
from carrel.cli.source import parse_source
from carrel.cli.waiting import Ended, Wanted, wait
from carrel.core.problems import Problem
from carrel.core.spec import GitSource
from carrel.core.workspace import Phase

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Prebuild


def prebuild(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A git URL.")],
    ref: Annotated[str, typer.Option("--ref", help="Branch, tag, commit or pull/N.")] = "",
    devcontainer: Annotated[str, typer.Option("--devcontainer", help="Path of the devcontainer.json to use.")] = "",
    name: Annotated[str, typer.Option("--name", help="Its name; without it, `prebuild-` and the repository's.")] = "",
    detach: Detach = False,
    output: Output = Format.TABLE,
) -> None:
    """Build, and run onCreateCommand and updateContentCommand; never postCreateCommand.

    The next workspace of this repository, ref and configuration takes it, and runs what remains. `carrel ls` lists it
    until then, `carrel rm` gives it up.
    """
    given = parse_source(source, ref)
    if not isinstance(given, GitSource):
        raise Problem("bad_source", f"{source} is no git URL.", hint="Only a git repository can be prebuilt.")

    async def use(client: Client) -> Prebuild:
        began = datetime.now(UTC)
        made = await client.workspaces.create_prebuild(given, devcontainer, name)
        if not detach:
            await _until_it_stops(client, made.id, Wanted(Phase.STOPPED, 0, began))
        return next(one for one in await client.workspaces.prebuilds() if one.workspace == made.id)

    _report(call(use), detach=detach, output=output)


async def _until_it_stops(client: Client, workspace: str, wanted: Wanted) -> Ended:
    return await wait(client, await client.workspaces.find(workspace), wanted)


def _report(found: Prebuild, *, detach: bool, output: Format) -> None:
    if not (found.ready or detach):
        hint = f"`carrel logs {found.name}` has the output; `carrel rm {found.name}` removes it."
        raise Problem("hook_failed", found.stop_reason, hint)
    if output is Format.JSON:
        print_json(found)
    elif detach:
        note(f"{found.name}: asked for; `carrel events -f {found.name}` shows how it goes.")
    else:
        note(f"{found.name} is ready at {found.commit[:12]}; the next workspace of it starts from there.")
        print(found.image)
