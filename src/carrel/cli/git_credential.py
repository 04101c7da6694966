"""`carrel git-credential`: tokens for private repositories. A token is typed or piped in, and never shown again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.login import read_secret
from carrel.cli.options import Output
from carrel.cli.output import Format, note, print_json, print_table
from carrel.cli.quantities import format_moment

if TYPE_CHECKING:
    from carrel.client.client import Client

app = typer.Typer(no_args_is_help=True, help="Credentials for git, by host; the key that signs commits.")
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


@app.command()
def login(host: Host) -> None:
    """Log in at a host in your browser, without a token to copy: it shows a code, and waits until you have typed it there."""
    call(lambda client: _login(client, host))
    note(f"Logged in at {host}. Git in your workspaces uses it from now on.")


async def _login(client: Client, host: str) -> None:
    begun = await client.git_credentials.begin_login(host)
    note(f"Open {begun.verification_uri} and type the code {begun.user_code}")
    if begun.verification_uri_complete != begun.verification_uri:
        note(f"or open {begun.verification_uri_complete}")
    wait = begun.interval_seconds
    while True:
        await asyncio.sleep(wait)
        found = await client.git_credentials.login_state(host)
        if found.state == "done":
            return
        wait = found.interval_seconds


@app.command("signing-key")
def signing_key(
    anew: Annotated[bool, typer.Option("--new", help="Make another one; the old one signs no more.")] = False,
) -> None:
    """Show the public half of the key that signs your commits, made where there is none: add it to your forge as a signing key."""
    typer.echo(call(lambda client: client.git_credentials.make_signing_key(anew=anew)))


@app.command("ls")
def list_credentials(output: Output = Format.TABLE) -> None:
    """List the hosts that there is a credential for."""
    found = call(lambda client: client.git_credentials.list())
    if output is Format.JSON:
        print_json(found)
    elif not found:
        note("There is none. `carrel git-credential add HOST` stores one.")
    else:
        rows = [(one.host, one.username, one.kind, format_moment(one.updated_at)) for one in found]
        print_table(("HOST", "USER", "KIND", "STORED"), rows)


@app.command()
def rm(host: Host) -> None:
    """Remove the credential of a host."""
    call(lambda client: client.git_credentials.delete(host))
    note(f"Removed the credential of {host}.")
