"""SSH to a workspace over a WebSocket: binary messages are the bytes of a channel of its agent, and nothing else.

Text messages are what the server itself says (docs/reference/api.md). Who is in is told by the WebSocket; what is in
the channel is between the two ends of it (ADR 0017).
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from enum import StrEnum
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.problems import Problem
from carrel.core.workspace import Phase, Workspace
from carrel.server.actions.preferences import get_preferences
from carrel.server.api.asking import parts_of, who_asks
from carrel.server.api.live import Tunnel
from carrel.server.api.parts import Parts
from carrel.server.api.presence import here
from carrel.server.api.problems import deny
from carrel.server.api.sockets import PROBLEM_CLOSE, Right
from carrel.server.api.waking import wake
from carrel.server.api.workspaces import find

log = structlog.get_logger(__name__)
router = APIRouter()
HOW = "ssh"
ENDED_CLOSE = 1000
"""Close code where the agent has ended the channel."""
STOPPING_CLOSE = 1012
"""Close code where this server stops; another one may go on."""
LOST_CLOSE = 1014
"""Close code where the agent is out of reach."""


class Start(StrEnum):
    """Whether a workspace that does not run is started first."""

    NO = "false"
    YES = "true"
    PREFERRED = "preferred"
    """As the person's preference `start_on_connect` has it."""


@router.websocket("/workspaces/{workspace}/ssh")
async def ssh_to_workspace(
    websocket: WebSocket,
    workspace: str,
    owner: Annotated[str, Query(description="Whose workspace; empty: one's own, or any by its id.")] = "",
    resume: Annotated[bool, Query(description="A stream that outlives this connection.")] = False,  # noqa: FBT002
    start: Annotated[Start, Query(description="Start it first, and wait.")] = Start.NO,
) -> None:
    """The SSH server of a workspace, end to end."""
    parts = parts_of(websocket)
    try:
        actor = await who_asks(websocket)
        found = await find(parts, actor, workspace, owner)
        demand(actor, Action.WORKSPACE_USE, Resource.of(found))
        wakes = found.phase is not Phase.RUNNING and await _is_to_be_started(parts, actor, start)
        if found.phase is not Phase.RUNNING and not wakes:
            raise _not_running(found)
    except Problem as problem:
        await deny(websocket, problem)
        return
    await websocket.accept()
    try:
        if wakes:
            found = await wake(parts, actor, found, lambda message: _say(websocket, message))
        await _say(websocket, {"host_key": await parts.live.host_key(found)})
        seconds = parts.settings.resume_seconds if resume else None
        tunnel = await parts.live.ssh(found, actor.user_id, seconds)
    except Problem as problem:
        await _say(websocket, {"problem": problem.document()})
        await _close(websocket, PROBLEM_CLOSE)
        return
    except WebSocketDisconnect:
        return
    try:
        async with here(parts, actor, found, HOW):
            await _relay(websocket, tunnel, parts, Right(parts, actor, found.id))
    finally:
        tunnel.close()


async def _is_to_be_started(parts: Parts, actor: Actor, start: Start) -> bool:
    if start is not Start.PREFERRED:
        return start is Start.YES
    async with parts.store.reading() as session:
        return (await get_preferences(actor, session)).start_on_connect


def _not_running(found: Workspace) -> Problem:
    words = f"{found.name} is {found.phase.value}."
    hint = f"`carrel start {found.name}` starts it."
    return Problem("not_running", f"{words} {found.stop_reason}".strip(), hint, extra={"phase": found.phase.value})


async def _relay(websocket: WebSocket, tunnel: Tunnel, parts: Parts, right: Right) -> None:
    """Both ways, each as fast as its reader, until one side ends or the right is lost."""
    down = asyncio.create_task(_down(websocket, tunnel))
    up = asyncio.create_task(_up(websocket, tunnel))
    lost = asyncio.create_task(right.lost())
    tasks = (down, up, lost)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if parts.stopping.is_set():
            await _close(websocket, STOPPING_CLOSE)
        elif lost.done():
            document = Problem("not_authenticated", "You may not be in this workspace any more.").document()
            await _say(websocket, {"problem": document})
            await _close(websocket, PROBLEM_CLOSE)
        elif down.done() and not up.done():
            await _close(websocket, LOST_CLOSE if down.exception() else ENDED_CLOSE)
        elif up.done() and up.exception() is not None:
            await _close(websocket, LOST_CLOSE)
    finally:
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            _note(result)


async def _down(websocket: WebSocket, tunnel: Tunnel) -> None:
    while data := await tunnel.read():
        await websocket.send_bytes(data)


async def _up(websocket: WebSocket, tunnel: Tunnel) -> None:
    """Text messages are no bytes of the channel, and mean nothing from a client."""
    while (message := await websocket.receive())["type"] != "websocket.disconnect":
        if data := message.get("bytes"):
            await tunnel.write(data)


def _note(result: BaseException | None) -> None:
    expected = (asyncio.CancelledError, WebSocketDisconnect, ConnectionError)
    if isinstance(result, BaseException) and not isinstance(result, expected):
        log.error("ssh_broke", error=type(result).__name__, exc_info=result)


async def _say(websocket: WebSocket, message: dict[str, Any]) -> None:
    if websocket.application_state is WebSocketState.CONNECTED:
        with suppress(WebSocketDisconnect, RuntimeError):
            await websocket.send_text(json.dumps(message))


async def _close(websocket: WebSocket, code: int) -> None:
    if websocket.application_state is WebSocketState.CONNECTED:
        with suppress(WebSocketDisconnect, RuntimeError):
            await websocket.close(code)
