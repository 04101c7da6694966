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
    from carrel.client.users import User

START = typer.Option(
    "--start-on-connect/--no-start-on-connect",
    help="SSH to a stopped workspace starts it first, where it comes from a terminal.",
)
PROJECT = typer.Option("--project", help="Of new workspaces that name none; empty: the server's setting.")
DOMAIN = typer.Option("--domain", help="development, staging or production; empty: the server's setting.")
SIGN = typer.Option("--sign-commits/--no-sign-commits", help="Sign commits and tags that are made in workspaces.")
NAME = typer.Option("--full-name", help="Your name, as commits have it.")
EMAIL = typer.Option("--email", help="Your e-mail address, as commits have it.")


def preferences(
    start_on_connect: Annotated[bool | None, START] = None,
    project: Annotated[str | None, PROJECT] = None,
    domain: Annotated[str | None, DOMAIN] = None,
    sign_commits: Annotated[bool | None, SIGN] = None,
    full_name: Annotated[str | None, NAME] = None,
    email: Annotated[str | None, EMAIL] = None,
    output: Output = Format.TABLE,
) -> None:
    """Show your preferences, after changing what is given; `carrel dotfiles` has those about dotfiles."""
    given = {
        "start_on_connect": start_on_connect,
        "project": project,
        "domain": domain,
        "sign_commits": sign_commits,
    }
    wanted = {name: value for name, value in given.items() if value is not None}

    async def stored(client: Client) -> tuple[Preferences, User]:
        found = await client.preferences()
        if wanted:
            found = await client.set_preferences(found.model_copy(update=wanted))
        if full_name is None and email is None:
            return found, await client.users.me()
        return found, await client.users.change_me(full_name=full_name, email=email)

    shown, person = call(stored)
    if output is Format.JSON:
        print_json(shown.model_dump(mode="json") | {"full_name": person.full_name, "email": person.email})
        return
    print_facts(
        [
            ("SSH starts a stopped workspace", "yes, from a terminal" if shown.start_on_connect else "no"),
            ("Project of new workspaces", shown.project or "as the server's settings say"),
            ("Domain of new workspaces", shown.domain or "as the server's settings say"),
            ("Dotfiles", shown.dotfiles.repository or "none"),
            ("Name in commits", person.full_name or "your user name"),
            ("E-mail in commits", person.email or "none: `carrel preferences --email ADDRESS`"),
            ("Commits are signed", "yes: `carrel git-credential signing-key`" if shown.sign_commits else "no"),
        ]
    )
