"""`carrel cp`: files and folders between this machine and workspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call, server_address
from carrel.cli.failures import report as say
from carrel.cli.output import note
from carrel.cli.quantities import format_size

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.core.problems import Problem


def cp(
    places: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE... DESTINATION", help="`NAME:path`, a path here, or `-` (a tar stream)."),
    ],
    follow: Annotated[
        bool, typer.Option("--follow-link", "-L", help="A SOURCE that is a link: what it leads to.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but failures.")] = False,
    recursive: Annotated[  # noqa: ARG001  folders are always copied whole
        bool, typer.Option("--recursive", "-r", help="Folders are always copied whole; known from other programs.")
    ] = False,
) -> None:
    """Copy files and folders into a workspace, out of one, or from one into another.

    As with `docker cp`: into a folder that is there, a SOURCE is put under its own name; otherwise the DESTINATION is
    its new name. `FOLDER/.` is what is in the folder. Paths in a workspace begin at its folder, `NAME:~/x` at the home.
    Modes, times and links are kept; a file appears when it is whole. A path here with a colon: `./a:b`.
    """
    from carrel.cli.copying.copy import Copy  # noqa: PLC0415  only this command needs it
    from carrel.cli.copying.place import parse_copying  # noqa: PLC0415
    from carrel.transfer.report import Report  # noqa: PLC0415

    try:
        copying = parse_copying(places)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="SOURCE... DESTINATION") from error
    ids = _ids({place.workspace for place in (*copying.sources, copying.destination) if place.workspace})
    told: list[Problem] = []
    counted = Report(told.append)
    try:
        Copy(copying, server_address(), ids.__getitem__, counted).run(follow=follow, quiet=quiet)
    finally:
        for problem in told:
            say(problem)
    if counted.troubles:
        note(f"{counted.troubles} of them could not be copied.")
        raise typer.Exit(1)
    if not quiet and not copying.destination.is_stream:
        note(f"{counted.files} file{'' if counted.files == 1 else 's'}, {format_size(counted.bytes)}.")


def _ids(names: set[str]) -> dict[str, str]:
    """The ids of workspaces by name."""

    async def find(client: Client) -> dict[str, str]:
        return {name: (await client.workspaces.find(name)).id for name in names}

    return call(find)
