"""`carrel user`: people with an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Output, duration
from carrel.cli.output import Format, note, print_json, print_table
from carrel.cli.quantities import format_moment, format_seconds
from carrel.cli.token import of_service
from carrel.core.access import Role

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import LoginLink
    from carrel.client.users import User

INVITATION_SECONDS = 24 * 3600
app = typer.Typer(no_args_is_help=True, help="People and programs with an account.")
app.add_typer(of_service, name="token")
UserArgument = Annotated[str, typer.Argument(metavar="USER", help="Name or id.")]
RoleOption = Annotated[Role, typer.Option("--role", help="What they are in the whole installation.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The user's name.")],
    role: RoleOption = Role.DEVELOPER,
    service: Annotated[
        bool, typer.Option("--service", help="An account of a program: nobody signs in as it, it has tokens.")
    ] = False,
    output: Output = Format.TABLE,
) -> None:
    """Make an account, and a link that signs its person's browser in, once, within a day."""
    if service:
        made = call(lambda client: client.users.add(name, role, "service"))
        if output is Format.JSON:
            print_json(made)
            return
        note(f"{made.name} is a service account, {made.role}. `carrel user token create {made.name}` makes its token.")
        return

    async def use(client: Client) -> tuple[User, LoginLink]:
        user = await client.users.add(name, role)
        return user, await client.users.login_link(user.name, INVITATION_SECONDS)

    user, link = call(use)
    if output is Format.JSON:
        print_json(user.model_dump(mode="json") | {"login_link": link.url})
        return
    note(f"{user.name} is a {user.role}. This link signs them in, once, within a day:")
    print(link.url)


@app.command("list")
def list_users(output: Output = Format.TABLE) -> None:
    """List who has an account."""
    found = call(lambda client: client.users.list())
    if output is Format.JSON:
        print_json(found)
        return
    rows = [
        (one.name, one.role, _state(one), one.full_name, format_moment(one.created_at), format_moment(one.seen_at))
        for one in found
    ]
    print_table(("NAME", "ROLE", "", "FULL NAME", "SINCE", "LAST SEEN"), rows)


def _state(user: User) -> str:
    """What is to be said of an account."""
    words = ("disabled" if user.disabled else "", "service" if user.kind == "service" else "")
    return ", ".join(filter(None, (*words, "password" if user.has_password else "")))


@app.command()
def disable(user: UserArgument) -> None:
    """Take everything away from a user: tokens, sessions, guest links, open connections. Workspaces stay."""
    changed = call(lambda client: client.users.change(user, disabled=True))
    note(f"{changed.name} is disabled. `carrel user enable {changed.name}` lets them sign in again.")


@app.command()
def enable(user: UserArgument) -> None:
    """Let a disabled user sign in again; tokens that were revoked stay revoked."""
    changed = call(lambda client: client.users.change(user, disabled=False))
    note(f"{changed.name} is enabled. `carrel user login-link {changed.name}` signs them in.")


@app.command()
def role(
    user: UserArgument, role: Annotated[Role, typer.Argument(metavar="ROLE", help="docs/reference/roles.md.")]
) -> None:
    """Give a user another role."""
    changed = call(lambda client: client.users.change(user, role=role))
    note(f"{changed.name} is a {changed.role}.")


@app.command()
def invite(
    user: UserArgument,
    for_: Annotated[
        int | None,
        typer.Option("--for", metavar="TIME", parser=duration, help="How long it works.", show_default=False),
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="What they have now ends at once: password, sessions, tokens.")
    ] = False,
) -> None:
    """Print a link with which this person chooses a password, once; an earlier invitation is over."""
    made = call(lambda client: client.users.invite(user, for_ or None, reset=reset))
    note(f"It works once, within {format_seconds(made.expires_in_seconds)}.")
    print(made.url)


@app.command("login-link")
def login_link(
    user: UserArgument,
    for_: Annotated[
        int | None,
        typer.Option("--for", metavar="TIME", parser=duration, help="How long it works.", show_default=False),
    ] = None,
) -> None:
    """Print a link that signs a browser in as this user, once."""
    link = call(lambda client: client.users.login_link(user, for_ or None))
    note(f"It works once, within {format_seconds(link.expires_in_seconds)}.")
    print(link.url)
