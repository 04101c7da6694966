"""`carrel token`, `carrel user token`: tokens of programs, and where one is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Output, duration
from carrel.cli.output import Format, note, print_json, print_table
from carrel.cli.quantities import format_moment
from carrel.core.access import Scope

if TYPE_CHECKING:
    from carrel.client.tokens import Token

app = typer.Typer(no_args_is_help=True, help="Your tokens, for programs and other machines; your browser sessions.")
of_service = typer.Typer(no_args_is_help=True, help="Tokens of a service account.")
Title = Annotated[str, typer.Option("--title", metavar="TEXT", help="What it is for.")]
Scopes = Annotated[
    list[Scope] | None, typer.Option("--scope", help="What it may be used for, again for each; none: everything.")
]
Life = Annotated[
    int | None,
    typer.Option("--for", metavar="TIME", parser=duration, help="How long it works.", show_default=False),
]
ServiceArgument = Annotated[str, typer.Argument(metavar="USER", help="Name or id of the account.")]
TokenArgument = Annotated[str, typer.Argument(metavar="ID", help="As the list has it.")]


@app.command("create")
def create(title: Title = "", scope: Scopes = None, for_: Life = None, output: Output = Format.TABLE) -> None:
    """Make a token of yours. It is printed this once."""
    _create("", title, scope, for_, output)


@app.command("list")
def list_tokens(output: Output = Format.TABLE) -> None:
    """List your tokens and browser sessions."""
    _list("", output)


@app.command("revoke")
def revoke(token: TokenArgument) -> None:
    """Revoke a token, or end a browser session. What is open by it ends within seconds."""
    call(lambda client: client.tokens.revoke(token))
    note(f"{token} is revoked.")


@app.command("sign-out-everywhere")
def sign_out_everywhere() -> None:
    """End all your browser sessions, also of apps. Tokens stay."""
    ended = call(lambda client: client.tokens.end_sessions())
    note(f"Ended {ended} browser session{'' if ended == 1 else 's'}.")


@of_service.command("create")
def create_of_service(
    user: ServiceArgument, title: Title = "", scope: Scopes = None, for_: Life = None, output: Output = Format.TABLE
) -> None:
    """Make a token of a service account. It is printed this once."""
    _create(user, title, scope, for_, output)


@of_service.command("list")
def list_of_service(user: ServiceArgument, output: Output = Format.TABLE) -> None:
    """List the tokens and browser sessions of an account."""
    _list(user, output)


@of_service.command("revoke")
def revoke_of_service(user: ServiceArgument, token: TokenArgument) -> None:
    """Revoke a token of an account, or end a browser session of its person."""
    call(lambda client: client.tokens.revoke(token, user))
    note(f"{token} is revoked.")


def _create(user: str, title: str, scopes: list[Scope] | None, life: int | None, output: Format) -> None:
    value, token = call(lambda client: client.tokens.create(title, scopes or (), life or None, user))
    if output is Format.JSON:
        print_json(token.model_dump(mode="json") | {"token": value.reveal()})
        return
    until = f"until {format_moment(token.expires_at)}" if token.expires_at else "until it is revoked"
    note(f"It works {until}, and is not shown again:")
    print(value.reveal())


def _list(user: str, output: Format) -> None:
    found = call(lambda client: client.tokens.list(user))
    if output is Format.JSON:
        print_json(found)
        return
    rows = [_row(one) for one in found]
    print_table(("ID", "KIND", "TITLE", "SCOPES", "SINCE", "LAST USED", "UNTIL"), rows)


def _row(token: Token) -> tuple[str, ...]:
    scopes = ", ".join(token.scopes) or "all"
    moments = (token.created_at, token.used_at, token.expires_at)
    return (token.id, token.kind, token.title, scopes, *map(format_moment, moments))
