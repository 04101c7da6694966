"""`carrel login` and `carrel logout`: which server, and with which token; a link that signs a browser in."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from carrel.cli.browser_login import token_by_browser, token_by_paste
from carrel.cli.calling import call, client_of
from carrel.cli.notices import say_notices, with_notices
from carrel.cli.opening import has_browser, open_in_browser
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
    browser: Annotated[
        bool | None,
        typer.Option(
            "--browser/--no-browser",
            help="Sign in by the browser of this machine; or print an address, and take the code that its page shows.",
            show_default="by what there is",
        ),
    ] = None,
    with_token: Annotated[
        bool, typer.Option("--with-token", help="Type a token, or give it on standard input.")
    ] = False,
    only_print: Annotated[bool, typer.Option("--print", help="Print the link instead of opening a browser.")] = False,
) -> None:
    """Use the server at URL from now on. Without URL: sign a browser in to the server in use, by a link that works once.

    A browser asks you there, in whatever way you sign in, whether this machine may act as you; it gets a token of its
    own, which `carrel logout` revokes. Where standard input is no terminal, a token is read from there, as with
    --with-token; never from an argument.
    """
    if not url:
        link = call(lambda client: client.login_link())
        if only_print or not open_in_browser(link.url):
            print(link.url)
        return
    server = _signed_in(_checked(url), browser, with_token=with_token)

    async def who() -> tuple[str, list[Workspace]]:
        async with client_of(server) as client:
            return (await client.session()).user, await with_notices(client)

    user, told = asyncio.run(who())
    before = read_config(config_file())
    write_config(config_file(), server)
    if before is not None and before.own_token:  # nobody could use it any more
        _revoke(before)
    certify_if_possible(server)
    note(f"Signed in to {server.url} as {user}.")
    say_notices(told)


def _signed_in(address: str, browser: bool | None, *, with_token: bool) -> ServerAddress:
    """The server with a token for it, got in the way that was asked for, or that this terminal allows."""
    if with_token or (browser is None and not sys.stdin.isatty()):
        return ServerAddress(address, read_secret("Token").reveal(), local=False)
    if has_browser() if browser is None else browser:
        value, _ = asyncio.run(token_by_browser(address, open_in_browser))
    else:
        value, _ = asyncio.run(token_by_paste(address, read_secret))
    return ServerAddress(address, value.reveal(), local=False, own_token=True)


def logout(
    revoke: Annotated[bool, typer.Option("--revoke", help="Make a token that was typed invalid, too.")] = False,
) -> None:
    """Forget the server that `carrel login` stored; the local server is used again.

    A token that `carrel login` had made for this machine is revoked; one that was typed only with --revoke.
    """
    stored = read_config(config_file())
    if stored is None:
        note("There is nothing to forget: `carrel login` stored no server.")
        return
    if revoke:
        asyncio.run(_end(stored))
    config_file().unlink(missing_ok=True)
    device.forget()
    if stored.own_token and not revoke:
        _revoke(stored)
    note(f"Signed out of {stored.url}.")


async def _end(server: ServerAddress) -> None:
    async with client_of(server) as client:
        await client.end_session()


def _revoke(server: ServerAddress) -> None:
    """Revoke the token of this machine; a server that is away keeps nobody from signing out."""
    try:
        asyncio.run(_end(server))
    except Problem as problem:
        if problem.kind != "not_authenticated":  # it is over already
            note(f"warning: the token of this machine at {server.url} could not be revoked: {problem.title}.")
            note("hint: revoke it in the settings of the dashboard, or by `carrel token revoke`.")


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
