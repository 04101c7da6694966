"""TCP connections into a workspace over WebSockets: `carrel port-forward`. The messages are in docs/reference/api.md."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.problems import Problem
from carrel.core.workspace import Phase, Workspace
from carrel.server.api.asking import parts_of, who_asks
from carrel.server.api.live import Tunnel
from carrel.server.api.parts import Parts
from carrel.server.api.presence import here
from carrel.server.api.problems import deny
from carrel.server.api.sockets import PROBLEM_CLOSE, Right
from carrel.server.api.workspaces import find

log = structlog.get_logger(__name__)
router = APIRouter()
LOOPBACK = "127.0.0.1"
LARGEST_PORT = 65535
LONGEST_HOST = 253
BROKEN_CLOSE = 4001
"""Close code where the connection in the workspace broke: a reset, in TCP's words."""
EOF = json.dumps({"eof": True})
"""The only text message: its sender will send no more."""


@router.websocket("/workspaces/{workspace}/tunnel/{port}")
async def tunnel_to_port(
    websocket: WebSocket,
    workspace: str,
    port: str,
    host: Annotated[str, Query(description="A neighbour in the workspace's network; empty: the workspace.")] = "",
) -> None:
    """Connect to a port of the workspace, or of a service beside it; the handshake fails where that cannot be done."""
    parts = parts_of(websocket)
    try:
        actor = await who_asks(websocket)
        found = await _enter(parts, actor, workspace)
        tunnel = await _connect(parts, found, host, port)
    except Problem as problem:
        await deny(websocket, problem)
        return
    try:
        await websocket.accept()
        async with here(parts, actor, found, "port-forward"):
            await _relay(websocket, tunnel, Right(parts, actor, found.id))
    finally:
        tunnel.close()


async def _enter(parts: Parts, actor: Actor, id_or_name: str) -> Workspace:
    found = await find(parts, actor, id_or_name)
    demand(actor, Action.WORKSPACE_USE, Resource.of(found))
    if found.phase is not Phase.RUNNING:
        raise Problem("not_running", f"{found.name} is {found.phase.value}.", extra={"phase": found.phase.value})
    return found


async def _connect(parts: Parts, workspace: Workspace, host: str, port: str) -> Tunnel:
    """Raises `bad_value`, `nothing_listens`, `not_allowed`, `agent_unreachable`."""
    number = int(port) if port.isascii() and port.isdecimal() and len(port) <= len(str(LARGEST_PORT)) else 0
    if not 0 < number <= LARGEST_PORT:
        raise Problem("bad_value", f"{port[:20]!r} is no port.", f"Ports are 1 to {LARGEST_PORT}.")
    if len(host) > LONGEST_HOST or not host.isprintable():
        raise Problem("bad_value", "That is no host name.")
    shown = f"port {number} of {host}" if host else f"port {number}"
    try:
        return await parts.live.dial(workspace, number, host or LOOPBACK)
    except ConnectionRefusedError as error:
        raise Problem("nothing_listens", f"{workspace.name}: {shown}.") from error
    except PermissionError as error:
        hint = "Only the workspace itself and the services beside it can be reached."
        raise Problem("not_allowed", f"{host} is not in the network of {workspace.name}.", hint) from error


async def _relay(websocket: WebSocket, tunnel: Tunnel, right: Right) -> None:
    """Both directions, each until its own end; at once until the right is lost or either side breaks."""
    client_ended = asyncio.Event()
    down = asyncio.create_task(_down(websocket, tunnel, client_ended))
    up = asyncio.create_task(_up(websocket, tunnel, client_ended))
    lost = asyncio.create_task(right.lost())
    tasks = (down, up, lost)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if lost.done():
            document = Problem("not_authenticated", "The session has ended.").document()
            await _send_and_close(websocket, PROBLEM_CLOSE, json.dumps({"problem": document}))
        elif not up.done():
            await _send_and_close(websocket, BROKEN_CLOSE if down.exception() else 1000)
    finally:
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            _note(result)


async def _down(websocket: WebSocket, tunnel: Tunnel, client_ended: asyncio.Event) -> None:
    """Until neither side sends any more, or the far end takes no more."""
    while data := await tunnel.read():
        await websocket.send_bytes(data)
    await websocket.send_text(EOF)
    ways = (asyncio.create_task(client_ended.wait()), asyncio.create_task(tunnel.wait_closed()))
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _up(websocket: WebSocket, tunnel: Tunnel, client_ended: asyncio.Event) -> None:
    """Until the client is gone; what it sends after its end is dropped."""
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        data = message.get("bytes")
        if data is None:
            client_ended.set()
            tunnel.write_eof()
        elif not client_ended.is_set():
            await tunnel.write(data)


def _note(result: BaseException | None) -> None:
    expected = (asyncio.CancelledError, WebSocketDisconnect, ConnectionError)
    if isinstance(result, BaseException) and not isinstance(result, expected):
        log.error("tunnel_broke", error=type(result).__name__, exc_info=result)


async def _send_and_close(websocket: WebSocket, code: int, text: str = "") -> None:
    if websocket.application_state is not WebSocketState.CONNECTED:
        return
    with suppress(WebSocketDisconnect, RuntimeError):
        if text:
            await websocket.send_text(text)
        await websocket.close(code)
