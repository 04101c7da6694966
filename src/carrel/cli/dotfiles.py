"""`carrel dotfiles`: a repository of one's own settings, brought into the home of each workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Output
from carrel.cli.output import Format, note, print_facts, print_json
from carrel.core.preferences import DEFAULT_TARGET, Dotfiles

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Preferences

app = typer.Typer(no_args_is_help=True, help="Your dotfiles: brought into the home of each workspace.")


@app.command("set")
def set_dotfiles(
    repository: Annotated[str, typer.Argument(metavar="URL", help="Git URL, or owner/repository of GitHub.")],
    target: Annotated[str, typer.Option("--target", help="Folder in the home.")] = DEFAULT_TARGET,
    command: Annotated[
        str, typer.Option("--command", help="Script or shell line; without it install.sh and its like, else links.")
    ] = "",
) -> None:
    """Use a repository from now on; workspaces follow when they start."""
    stored = call(lambda client: _store(client, Dotfiles(repository, target, command)))
    note(f"Each workspace gets {stored.dotfiles.repository} in {stored.dotfiles.target} when it starts.")


@app.command()
def show(output: Output = Format.TABLE) -> None:
    """Show what is set."""
    found = call(lambda client: client.preferences())
    if output is Format.JSON:
        print_json(found.dotfiles.__dict__)
    elif not found.dotfiles.repository:
        note("There are none. `carrel dotfiles set URL` sets them.")
    else:
        dotfiles = found.dotfiles
        print_facts([("Repository", dotfiles.repository), ("Folder", dotfiles.target), ("Command", dotfiles.command)])


@app.command()
def rm() -> None:
    """Use none from now on; what is in a home already stays there."""
    call(lambda client: _store(client, Dotfiles()))
    note("No workspace gets dotfiles from now on.")


async def _store(client: Client, dotfiles: Dotfiles) -> Preferences:
    found = await client.preferences()
    return await client.set_preferences(found.model_copy(update={"dotfiles": dotfiles}))
