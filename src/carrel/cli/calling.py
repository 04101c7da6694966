"""From a command to the server and back: which server, started where it does not run; asyncio stays in here."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import typer

from carrel.cli.failures import INTERRUPTED
from carrel.cli.output import note
from carrel.cli.server_address import LocalServerDownError, NotConfiguredError, ServerAddress, data_dir, find_server
from carrel.core.problems import Problem
from carrel.core.secret import Secret

if TYPE_CHECKING:
    from carrel.client.client import Client

T = TypeVar("T")


def server_address() -> ServerAddress:
    """The server to talk to; the local one is started in the background unless it answers.

    Raises:
        Problem: `not_authenticated` where a server is configured without a token; `unavailable`.
    """
    from carrel.cli.local_server import ensure_running  # noqa: PLC0415  --help needs no HTTP

    try:
        found = find_server()
    except LocalServerDownError:
        found = None
    except NotConfiguredError as error:
        raise Problem(
            "not_authenticated", str(error), hint="`carrel login URL` stores an address and a token."
        ) from error
    return found if found is not None and not found.local else ensure_running(data_dir(), note)


def client_of(address: ServerAddress) -> Client:
    """A client for a server."""
    # httpx loads a command line of its own, with click and Rich, unless there is none: 45 ms of every command.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    from carrel.client.client import Client  # noqa: PLC0415  httpx and Pydantic: only where somebody is asked

    return Client(address.url, Secret(address.token))


def call(use: Callable[[Client], Awaitable[T]]) -> T:
    """What `use` makes of a client of the configured server. Ctrl-C ends the command, not what it asked for."""
    address = server_address()

    async def with_client() -> T:
        async with client_of(address) as client:
            return await use(client)

    try:
        return asyncio.run(with_client())
    except KeyboardInterrupt:
        note("Interrupted; what was asked for goes on.")
        raise typer.Exit(INTERRUPTED) from None
