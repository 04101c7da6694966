"""`carrel port-forward`: ports of a workspace, and of the services beside it, on this machine."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import client_of, server_address
from carrel.cli.options import Name
from carrel.cli.output import clean, note
from carrel.core.problems import Problem

if TYPE_CHECKING:
    import socket

    from carrel.cli.forwarding.forwarder import Forwarder
    from carrel.cli.forwarding.wish import Wish

LOOPBACK = "127.0.0.1"


def port_forward(
    name: Name,
    ports: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[LOCAL:][HOST:]PORT", help="`3000`, `8080:80`, `db:5432`, `0:80` (any free port here)."
        ),
    ] = None,
    auto: Annotated[
        bool, typer.Option("--auto", help="Also every port that begins to listen, while it listens.")
    ] = False,
    any_port: Annotated[bool, typer.Option("--any-port", help="Where a port here is busy, the next free one.")] = False,
    address: Annotated[str, typer.Option("--address", help="The address of this machine to listen on.")] = LOOPBACK,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="With --auto: open a browser for ports whose attributes say so.")
    ] = True,
) -> None:
    """Forward ports of a workspace, or of services beside it, to this machine, until Ctrl-C.

    A restart of the workspace, of the server or of the network ends only the connections that are open: later ones work
    again. With --auto the attributes of the ports are obeyed (`onAutoForward`, `requireLocalPort`, `label`).
    """
    if not ports and not auto:
        raise typer.BadParameter("name a port, or give --auto", param_hint="PORT")
    from carrel.cli.forwarding.listening import is_loopback  # noqa: PLC0415  only this command needs it
    from carrel.cli.forwarding.wish import parse_wish  # noqa: PLC0415

    try:
        wishes = [parse_wish(text) for text in dict.fromkeys(ports or ())]
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="PORT") from error
    if not is_loopback(address):
        note(f"warning: everybody who reaches {address} of this machine can use these ports, without signing in.")
    asyncio.run(_Forwarding(name, address, any_port=any_port, opens=open_browser and auto).run(wishes, auto=auto))


class _Forwarding:
    """One run of the command."""

    def __init__(self, name: str, address: str, *, any_port: bool, opens: bool) -> None:
        self._name = name
        self._address = address
        self._any_port = any_port
        self._opens = opens

    async def run(self, wishes: list[Wish], *, auto: bool) -> None:
        """Forward until SIGINT or SIGTERM."""
        from carrel.cli.forwarding.auto import AutoForward  # noqa: PLC0415
        from carrel.cli.forwarding.forwarder import Forwarder  # noqa: PLC0415
        from carrel.cli.forwarding.tunnel import Opener  # noqa: PLC0415
        from carrel.cli.server_address import find_server  # noqa: PLC0415

        ended = _interruption()
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(client_of(server_address()))
            workspace = await client.workspaces.find(self._name)
            forwarder = Forwarder(Opener(find_server, workspace.id), self._address, lambda text: note(clean(text)))
            stack.push_async_callback(forwarder.close)
            if not auto and workspace.phase != "running":
                raise Problem("not_running", f"{workspace.name} is {workspace.phase}.")
            await self._begin(forwarder, wishes)
            if not auto:
                await ended.wait()
                return
            watching = AutoForward(client, workspace.id, forwarder, frozenset(wishes), opens=self._opens)
            task = asyncio.create_task(watching.run())
            stopped = asyncio.create_task(ended.wait())
            await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            task.cancel()
            results = await asyncio.gather(task, return_exceptions=True)
            if isinstance(results[0], Problem):
                raise results[0]

    async def _begin(self, forwarder: Forwarder, wishes: list[Wish]) -> None:
        """All of them or none."""
        bound: list[tuple[Wish, socket.socket]] = []
        try:
            for wish in wishes:
                bound.append((wish, forwarder.bind(wish, any_port=self._any_port)))  # noqa: PERF401  closed in `except`
        except Problem:
            for _, made in bound:
                made.close()
            raise
        for wish, made in bound:
            print(f"{await forwarder.add(wish, made)} -> {wish}", flush=True)


def _interruption() -> asyncio.Event:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    return ended
