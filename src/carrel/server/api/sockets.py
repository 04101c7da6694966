"""Sessions in a workspace over WebSockets: commands, shells, terminals. The frames are in docs/reference/api.md."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import structlog
from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.websockets import WebSocketState

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.problems import Problem
from carrel.core.terminal import VIEWER_PATTERN
from carrel.core.workspace import Phase, Workspace
from carrel.server.actions import login
from carrel.server.api.asking import parts_of, who_asks
from carrel.server.api.live import Channel, ExecRequest, LiveSession, TerminalSize, TerminalWish
from carrel.server.api.parts import Parts
from carrel.server.api.presence import here
from carrel.server.api.problems import deny
from carrel.server.api.waking import wake
from carrel.server.store import workspaces as rows
from carrel.server.store.wakeups import ACCESS

log = structlog.get_logger(__name__)
router = APIRouter()
OPENING_SECONDS = 10.0
"""How long a client may take to say what it wants."""
CHECK_SECONDS = 4.0
"""How often an open session is asked whether its token and its right are still valid, where no bell rings."""
GOODBYES = frozenset({1000, 1001})
"""Close codes of a client that leaves; a connection that broke has others."""
PROBLEM_CLOSE = 4000
"""Close code where a problem was told before."""
SIGNALS = frozenset({"INT", "TERM", "HUP", "KILL", "QUIT", "USR1", "USR2", "TSTP", "CONT", "WINCH"})
_STRICT = ConfigDict(extra="forbid", frozen=True)


class Opening(BaseModel):
    """First message of `exec`, as text: what to run."""

    model_config = _STRICT

    argv: tuple[str, ...] = ()
    """Executed directly."""
    command: str = ""
    """A line for the user's shell. Neither: a login shell."""
    tty: bool = False
    cols: Annotated[int, Field(ge=1, le=2000)] = 80
    rows: Annotated[int, Field(ge=1, le=2000)] = 24
    term: Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]{1,64}$")] = "xterm-256color"
    env: dict[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], str] = {}
    cwd: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Opening:
        texts = (*self.argv, self.command, self.cwd, *self.env.values())
        if any("\0" in text for text in texts):
            raise ValueError("NUL characters cannot be passed on")
        if self.argv and self.command:
            raise ValueError("give argv or command, not both")
        return self

    def request(self) -> ExecRequest:
        """As the live workspace takes it."""
        size = TerminalSize(self.cols, self.rows) if self.tty else None
        return ExecRequest(self.argv, self.command, size, self.term, self.env, self.cwd)


@router.websocket("/workspaces/{workspace}/exec")
async def exec_in_workspace(
    websocket: WebSocket,
    workspace: str,
    start: Annotated[bool, Query(description="Start it first, and wait.")] = False,  # noqa: FBT002
) -> None:
    """Run a command or a shell."""

    async def begin(parts: Parts, found: Workspace) -> LiveSession:
        opening = await opening_of(websocket, Opening)
        return await parts.live.exec(found, opening.request())

    await serve_session(websocket, workspace, begin, Manner("command", wakes=start))


class Viewing(BaseModel):
    """How somebody wants to be attached to a terminal."""

    model_config = ConfigDict(frozen=True)

    cols: Annotated[int, Field(ge=1, le=2000)] = 80
    rows: Annotated[int, Field(ge=1, le=2000)] = 24
    read_only: bool = False
    viewer: Annotated[str, Field(pattern=f"^(|{VIEWER_PATTERN})$")] = ""
    """Made by chance by who may vanish and come back."""
    offset: Annotated[int, Field(alias="from", ge=-1, lt=1 << 53)] = -1
    """The first byte of output that it has not seen."""

    def wish(self, name: str, keep_seconds: int) -> TerminalWish:
        """As the live workspace takes it."""
        size = TerminalSize(self.cols, self.rows)
        return TerminalWish(name, size, self.read_only, self.viewer, self.offset, keep_seconds)


@router.websocket("/workspaces/{workspace}/terminals/{name}")
async def attach_terminal(
    websocket: WebSocket,
    workspace: str,
    name: str,
    viewing: Annotated[Viewing, Query()],
) -> None:
    """Attach to a terminal, made where there is none; it lives on when the connection ends."""

    async def begin(parts: Parts, found: Workspace) -> LiveSession:
        if not 0 < len(name) <= 64 or not name.isprintable() or "/" in name:
            raise Problem("bad_value", "A terminal's name has 1 to 64 printable characters without a slash.")
        return await parts.live.terminal(found, viewing.wish(name, parts.settings.resume_seconds))

    await serve_session(websocket, workspace, begin, Manner(f"terminal {name}", read_only=viewing.read_only))


OpeningModel = TypeVar("OpeningModel", bound=BaseModel)


async def opening_of(websocket: WebSocket, model: type[OpeningModel]) -> OpeningModel:
    """The client's first message. Raises `malformed_request`."""
    try:
        async with asyncio.timeout(OPENING_SECONDS):
            text = await websocket.receive_text()
        return model.model_validate_json(text)
    except TimeoutError as error:
        raise Problem("malformed_request", "The opening message did not come.") from error
    except (ValidationError, KeyError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": "expected text"}
        place = ".".join(str(part) for part in first["loc"])
        raise Problem("malformed_request", f"The opening message: {place} {first['msg']}.") from error


Begin = Callable[[Parts, Workspace], Awaitable[LiveSession]]


@dataclass(frozen=True)
class Manner:
    """How somebody is there."""

    how: str
    """As people are told who is here."""
    read_only: bool = False
    """Only looks: that needs less."""
    wakes: bool = False
    """Starts it first where it is stopped."""

    @property
    def action(self) -> Action:
        """What he must be allowed to do."""
        return Action.WORKSPACE_WATCH if self.read_only else Action.WORKSPACE_USE


async def serve_session(websocket: WebSocket, id_or_name: str, begin: Begin, manner: Manner) -> None:
    """Let in who may, wake the workspace where that was asked for, begin, pump until one side ends."""
    parts = parts_of(websocket)

    async def tell(message: dict[str, Any]) -> None:
        await _tell(websocket, message)

    try:
        actor = await who_asks(websocket)
        found = await _enter(parts, actor, id_or_name, manner.action, also_asleep=manner.wakes)
    except Problem as problem:
        await deny(websocket, problem)
        return
    await websocket.accept()
    try:
        if manner.wakes:
            found = await wake(parts, actor, found, tell)
        session = await begin(parts, found)
    except Problem as problem:
        await _tell(websocket, {"problem": problem.document()})
        await _close(websocket, PROBLEM_CLOSE)
        return
    except WebSocketDisconnect:
        return
    try:
        right = Right(parts, actor, found.id, manner.action)
        async with here(parts, actor, found, manner.how):
            await _pump(websocket, session, right, read_only=manner.read_only)
    finally:
        await session.close()


async def _enter(parts: Parts, actor: Actor, id_or_name: str, action: Action, *, also_asleep: bool) -> Workspace:
    """The workspace, if the actor may do this there and it runs, or is woken next."""
    async with parts.store.reading() as session:
        found = await rows.get(session, actor, id_or_name)
    demand(actor, action, Resource.of(found))
    if found.phase is not Phase.RUNNING and not also_asleep:
        raise Problem("not_running", f"{found.name} is {found.phase.value}.", extra={"phase": found.phase.value})
    return found


class Right:
    """Whether who came in may still be there."""

    def __init__(self, parts: Parts, actor: Actor, workspace_id: str, action: Action = Action.WORKSPACE_USE) -> None:
        self._parts = parts
        self._actor = actor
        self._workspace_id = workspace_id
        self._action = action

    async def lost(self) -> None:
        """Returns when the token or the right is gone, or the server stops."""
        async with self._parts.store.wakeups.listen(ACCESS) as taken_away:
            # Asked at once, too: it may have been taken away before the bell was listened to.
            while not self._parts.stopping.is_set() and await self._holds():
                await taken_away.wait(CHECK_SECONDS)

    async def _holds(self) -> bool:
        try:
            async with self._parts.store.reading() as session:
                now = await login.actor_now(session, self._actor)
                if now is None:
                    return False
                found = await rows.get(session, now, self._workspace_id)
                demand(now, self._action, Resource.of(found))
        except Problem as problem:  # the store out of reach is no reason to throw people out
            return problem.kind not in {"not_found", "not_allowed"}
        return True


async def _pump(websocket: WebSocket, session: LiveSession, right: Right, *, read_only: bool) -> None:
    """Both ways at once, until the command ends, the client leaves, or the right is lost."""
    down = asyncio.create_task(_pump_down(websocket, session))
    up = asyncio.create_task(_pump_up(websocket, session, read_only=read_only))
    lost = asyncio.create_task(right.lost())
    tasks = (down, up, lost)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if lost.done() and not down.done() and not up.done():
            await _tell(websocket, {"problem": Problem("not_authenticated", "The session has ended.").document()})
            await _close(websocket, PROBLEM_CLOSE)
    finally:
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            _note(result)


def _note(result: BaseException | None) -> None:
    expected = (asyncio.CancelledError, WebSocketDisconnect, Problem)
    if isinstance(result, BaseException) and not isinstance(result, expected):
        log.error("session_broke", error=type(result).__name__, exc_info=result)


async def _pump_down(websocket: WebSocket, session: LiveSession) -> None:
    try:
        async for channel, data in session.output():
            await websocket.send_bytes(bytes([channel]) + data)
        ended = await session.wait()
    except Problem as problem:
        await _tell(websocket, {"problem": problem.document()})
        await _close(websocket, PROBLEM_CLOSE)
        return
    exit_message = {"signal": ended.signal} if ended.signal else {"status": ended.status}
    await _tell(websocket, {"exit": exit_message})
    await _close(websocket, 1000)


async def _pump_up(websocket: WebSocket, session: LiveSession, *, read_only: bool) -> None:
    while True:
        message = await websocket.receive()
        with suppress(BrokenPipeError):  # it has ended; how, is on its way down
            await _take(session, message, read_only=read_only)
        if message["type"] == "websocket.disconnect":
            return


async def _take(session: LiveSession, message: Mapping[str, Any], *, read_only: bool) -> None:
    """One message of the client, or that it has left."""
    if message["type"] == "websocket.disconnect":
        if message.get("code") in GOODBYES:
            await session.note({"bye": True})
        return
    frame = message.get("bytes")
    if frame is None:
        frame = bytes([Channel.CONTROL]) + (message.get("text") or "").encode()
    if frame[:1] == bytes([Channel.CONTROL]):
        await _control(session, frame[1:], read_only=read_only)
    elif frame[:1] == bytes([Channel.STDIN]) and not read_only:
        await session.write(frame[1:])


async def _control(session: LiveSession, text: bytes, *, read_only: bool) -> None:
    """A control message: resize, signal, eof, what a viewer has seen. What is malformed or unknown is left alone."""
    try:
        message: dict[str, Any] = json.loads(text)
        resize = None if read_only else message.get("resize")
        if resize:
            cols, rows_ = int(resize["cols"]), int(resize["rows"])
            if 0 < cols <= 2000 and 0 < rows_ <= 2000:
                await session.resize(TerminalSize(cols, rows_))
        await session.note(message)
    except (ValueError, TypeError, KeyError, AttributeError):
        return
    if read_only:
        return
    if message.get("signal") in SIGNALS:
        await session.signal(str(message["signal"]))
    if message.get("eof") is True:
        await session.write_eof()


async def _tell(websocket: WebSocket, message: dict[str, Any]) -> None:
    if websocket.application_state is WebSocketState.CONNECTED:
        with suppress(WebSocketDisconnect, RuntimeError):
            await websocket.send_bytes(bytes([Channel.CONTROL]) + json.dumps(message).encode())


async def _close(websocket: WebSocket, code: int) -> None:
    if websocket.application_state is WebSocketState.CONNECTED:
        with suppress(WebSocketDisconnect, RuntimeError):
            await websocket.close(code)
