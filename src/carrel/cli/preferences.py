"""`carrel preferences`: what you want in all workspaces of yours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Output
from carrel.cli.output import Format, print_facts, print_json

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Preferences

START = typer.Option(
    "--start-on-connect/--no-start-on-connect",
    help="SSH to a stopped workspace starts it first, where it comes from a terminal.",
)


def preferences(
    start_on_connect: Annotated[bool | None, START] = None,
    output: Output = Format.TABLE,
) -> None:
    """Show your preferences, after changing what is given; `carrel dotfiles` has those about dotfiles."""

    async def stored(client: Client) -> Preferences:
        found = await client.preferences()
        if start_on_connect is None:
            return found
        return await client.set_preferences(found.model_copy(update={"start_on_connect": start_on_connect}))

    shown = call(stored)
    if output is Format.JSON:
        print_json(shown.model_dump(mode="json"))
    else:
        starts = "yes, from a terminal" if shown.start_on_connect else "no"
        print_facts([("SSH starts a stopped workspace", starts), ("Dotfiles", shown.dotfiles.repository or "none")])
