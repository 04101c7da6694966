"""`carrel login` and `carrel logout`: which server, and with which token; a link that signs a browser in."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from carrel.cli.calling import call, client_of
from carrel.cli.notices import say_notices, with_notices
from carrel.cli.opening import open_in_browser
from carrel.cli.output import note
from carrel.cli.server_address import LOOPBACK, ServerAddress, config_file, read_config, write_config
from carrel.cli.ssh_setup import device
from carrel.cli.ssh_setup.certificate import certify_if_possible
from carrel.core.problems import Problem
from carrel.core.secret import Secret

if TYPE_CHECKING:
    from carrel.client.documents import Workspace


def login(
    url: Annotated[str, typer.Argument(metavar="URL", help="The server's address: https://carrel.example.org")] = "",
    only_print: Annotated[bool, typer.Option("--print", help="Print the link instead of opening a browser.")] = False,
) -> None:
    """Use the server at URL from now on: asks for a token, which the dashboard's settings make.

    The token is typed, or read from standard input; never given as an argument. Without URL: sign a browser in to the
    server in use, by a link that works once.
    """
    if not url:
        link = call(lambda client: client.login_link())
        if only_print or not open_in_browser(link.url):
            print(link.url)
        return
    address = _checked(url)
    server = ServerAddress(address, read_secret("Token").reveal(), local=False)

    async def who() -> tuple[str, list[Workspace]]:
        async with client_of(server) as client:
            return (await client.session()).user, await with_notices(client)

    user, told = asyncio.run(who())
    write_config(config_file(), server)
    certify_if_possible(server)
    note(f"Signed in to {address} as {user}.")
    say_notices(told)


def logout(
    revoke: Annotated[bool, typer.Option("--revoke", help="Make the token invalid, too.")] = False,
) -> None:
    """Forget the server and the token that `carrel login` stored; the local server is used again."""
    stored = read_config(config_file())
    if stored is None:
        note("There is nothing to forget: `carrel login` stored no server.")
        return

    async def revoked() -> None:
        async with client_of(stored) as client:
            await client.end_session()

    if revoke:
        asyncio.run(revoked())
    config_file().unlink(missing_ok=True)
    device.forget()
    note(f"Signed out of {stored.url}.")


def read_secret(what: str) -> Secret:
    """A secret that is typed without echo, or the first line of standard input. Raises `bad_value` where it is empty."""
    typed = typer.prompt(what, hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    secret = Secret(str(typed).strip())
    if not secret:
        raise Problem("bad_value", f"{what}: nothing was given.", hint="Type it, or give it on standard input.")
    return secret


def _checked(url: str) -> str:
    parts = urlsplit(url if "://" in url else f"https://{url}")
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query:
        raise Problem("bad_value", f"{url!r} is not the address of a server.", hint="Write https://HOST[:PORT].")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        note("warning: the token goes over the network unencrypted; use https where that can be.")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
