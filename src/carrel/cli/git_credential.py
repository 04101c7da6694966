"""`carrel git-credential`: tokens for private repositories. A token is typed or piped in, and never shown again."""

from __future__ import annotations

from typing import Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.login import read_secret
from carrel.cli.options import Output
from carrel.cli.output import Format, note, print_json, print_table
from carrel.cli.quantities import format_moment

app = typer.Typer(no_args_is_help=True, help="Credentials for private repositories, by host.")
Host = Annotated[str, typer.Argument(metavar="HOST", help="`github.com`, `git.example.org:8443`")]


@app.command()
def add(
    host: Host,
    username: Annotated[str, typer.Option("--username", help="Where the forge wants one beside the token.")] = "",
) -> None:
    """Store the token of a host, in the place of an earlier one: typed, or on standard input."""
    token = read_secret(f"Token for {host}")
    stored = call(lambda client: client.git_credentials.put(host, token, username))
    note(f"Stored for {stored.host} ({stored.username}).")


@app.command("ls")
def list_credentials(output: Output = Format.TABLE) -> None:
    """List the hosts that there is a credential for."""
    found = call(lambda client: client.git_credentials.list())
    if output is Format.JSON:
        print_json(found)
    elif not found:
        note("There is none. `carrel git-credential add HOST` stores one.")
    else:
        rows = [(one.host, one.username, format_moment(one.updated_at)) for one in found]
        print_table(("HOST", "USER", "STORED"), rows)


@app.command()
def rm(host: Host) -> None:
    """Remove the credential of a host."""
    call(lambda client: client.git_credentials.delete(host))
    note(f"Removed the credential of {host}.")
