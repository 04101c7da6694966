"""`carrel ports`: what listens in a workspace, and what begins to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Name, Output
from carrel.cli.output import Format, clean, note, paint, print_json, print_json_line, print_table
from carrel.cli.quantities import format_moment
from carrel.core.problems import Problem

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Port

POLL_SECONDS = 1.5
LONGEST_POLL_SECONDS = 10.0
ASKED_SECONDS = 0.8
BROWSER = frozenset({"", "http", "https"})
"""Protocols that a browser may speak with a port; empty: it is not known."""
UNTOLD = frozenset({"silent", "ignore"})


def ports(
    name: Name,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Go on with what begins to listen, and ends.")] = False,
    output: Output = Format.TABLE,
) -> None:
    """List the ports of a running workspace: what listens, who it is, what it speaks, where it is, who may open it."""
    call(lambda client: _watch(client, name, output) if watch else _list(client, name, output))


async def _list(client: Client, name: str, output: Format) -> None:
    workspace = await _running(client, name)
    found = await client.workspaces.ports(workspace)
    if any(port.listening and not port.protocol for port in found):  # perhaps it is being asked just now
        await asyncio.sleep(ASKED_SECONDS)
        found = await client.workspaces.ports(workspace)
    if output is Format.JSON:
        print_json(found)
        return
    if not found:
        note("Nothing listens.")
        return
    rows = [
        (str(port.port), port.label, _process(port), port.protocol, port.visibility, _address(port)) for port in found
    ]
    print_table(("PORT", "LABEL", "PROCESS", "PROTOCOL", "OPEN TO", "ADDRESS"), rows)
    if others := [str(port.port) for port in found if port.protocol not in BROWSER]:
        note(f"For other programs than browsers: carrel port-forward {name} {' '.join(others)}")


async def _running(client: Client, name: str) -> str:
    workspace = await client.workspaces.find(name)
    if workspace.phase != "running":
        raise Problem("not_running", f"{workspace.name} is {workspace.phase}.")
    return workspace.id


async def _watch(client: Client, name: str, output: Format) -> None:
    workspace = await _running(client, name)
    known: dict[int, Port] = {}
    pause, is_away = POLL_SECONDS, False
    while True:
        try:
            found = {port.port: port for port in await client.workspaces.ports(workspace) if port.listening}
        except Problem as problem:
            if problem.kind not in {"unavailable", "internal"}:
                raise
            if not is_away:
                note(f"{clean(str(problem))} Waiting.")
            pause, is_away = min(pause * 2, LONGEST_POLL_SECONDS), True
        else:
            pause, is_away = POLL_SECONDS, False
            for port in (port for number, port in known.items() if number not in found):
                _tell(port, output, listens=False)
            for port in (port for number, port in found.items() if number not in known):
                _tell(port, output, listens=True)
            known = found
        await asyncio.sleep(pause)


def _tell(port: Port, output: Format, *, listens: bool) -> None:
    if output is Format.JSON:
        print_json_line({**port.model_dump(mode="json"), "listening": listens})
    elif port.on_auto_forward not in UNTOLD:
        title = " ".join(word for word in (f'"{port.label}"' if port.label else "", _process(port)) if word)
        what = f"listens  {port.protocol or '?'}  {_address(port)}" if listens else "listens no more"
        print(f"{paint(format_moment(datetime.now(UTC)), 'dim')}  {port.port}  {clean(title)}  {what}", flush=True)


def _process(port: Port) -> str:
    return port.process if port.listening else "(nothing listens)"


def _address(port: Port) -> str:
    return port.url if port.protocol in BROWSER else ""
