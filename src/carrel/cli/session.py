"""`carrel exec` and `carrel ssh`: a command or a shell in a workspace, over one WebSocket.

The short way: it imports neither Rich, Pydantic nor httpx. Frames are in `frames.py`; docs/reference/api.md has them.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from carrel.cli.own_terminal import terminal_size
from carrel.cli.plain_request import ask, document_of
from carrel.cli.pumping import FAILED, LARGEST_FRAME_BYTES, Session, SessionProblemError, until_running
from carrel.cli.server_address import LocalServerDownError, NotConfiguredError, ServerAddress, data_dir, find_server
from carrel.cli.session_request import USAGE, Request, UsageError, parse

TIMEOUT_SECONDS = 20.0
BROKEN_PIPE = 141
"""As a shell reports a command that SIGPIPE ended."""


def run(verb: str, words: list[str]) -> int:
    """Run the session.

    Returns:
        The command's own exit status; 128 + n where a signal ended it; 2 for a wrong call; 255 where the session
        itself fails, as OpenSSH's client has it.
    """
    try:
        request = parse(verb, words)
    except UsageError as error:
        print(f"carrel {verb}: {error}\n{USAGE[verb]}", file=sys.stderr)
        return 2
    try:
        return _run(verb, request)
    except SessionProblemError as error:
        _say(verb, error.document)
    except InvalidStatus as error:
        _say(verb, document_of(bytes(error.response.body or b""), error.response.status_code))
    except NotConfiguredError as error:
        _say(verb, {"title": str(error)})
    except KeyboardInterrupt:  # while it waits; later it goes to the command
        return 128 + signal.SIGINT
    except BrokenPipeError:
        forget_stdout()
        return BROKEN_PIPE
    except (OSError, WebSocketException) as error:
        hint = "`carrel doctor` says what is missing."
        _say(verb, {"title": "The connection failed", "detail": f"{error}", "hint": hint})
    return FAILED


def _run(verb: str, request: Request) -> int:
    server = _server()
    try:
        socket = _connect(server, request)
    except ConnectionRefusedError:
        if not server.local:
            raise
        server = _start_local()  # it was killed, and its process id is another program's by now
        socket = _connect(server, request)
    tty = request.wants_tty(verb, interactive=os.isatty(0) and os.isatty(1))
    with socket:
        if request.starts:
            until_running(socket, request.workspace)
        return Session(socket, tty=tty, reads_stdin=request.reads_stdin).run(_opening(verb, request, tty=tty))


def _server() -> ServerAddress:
    try:
        return find_server()
    except LocalServerDownError:
        return _start_local()


def _start_local() -> ServerAddress:
    from carrel.cli.local_server import ensure_running  # noqa: PLC0415  rarely needed
    from carrel.core.problems import Problem  # noqa: PLC0415

    try:
        return ensure_running(data_dir(), lambda line: print(line, file=sys.stderr))
    except Problem as problem:
        raise SessionProblemError(problem.document()) from problem


def _connect(server: ServerAddress, request: Request) -> ClientConnection:
    workspace = _workspace_id(server, request.workspace) if "/" in request.workspace else request.workspace
    url = server.url.replace("http", "ws", 1) + f"/api/v1/workspaces/{quote(workspace, safe='')}/exec"
    if request.starts:
        url += "?start=true"
    return connect(
        url,
        additional_headers={"Authorization": f"Bearer {server.token}"},
        compression=None,
        max_size=LARGEST_FRAME_BYTES,
        open_timeout=TIMEOUT_SECONDS,
        # No deadline for pongs: none is read while the reader of our output takes its time.
        ping_timeout=None,
        close_timeout=2,
        proxy=None if server.local else True,
    )


def _workspace_id(server: ServerAddress, owner_and_name: str) -> str:
    """The id of `owner/name`: the path of a session takes ids, and names of one's own."""
    owner, _, name = owner_and_name.partition("/")
    status, body = ask(server, "GET", f"/api/v1/workspaces/{quote(name, safe='')}?owner={quote(owner, safe='')}")
    if status != 200:
        raise SessionProblemError(document_of(body, status))
    return str(json.loads(body)["id"])


def _opening(verb: str, request: Request, *, tty: bool) -> dict[str, Any]:
    opening: dict[str, Any] = {"tty": tty, "env": request.env, "cwd": request.cwd}
    if verb == "exec":
        opening["argv"] = request.command
    elif request.command:
        opening["command"] = " ".join(request.command)  # as OpenSSH has it: the remote shell reads it
    if tty:
        opening |= terminal_size()
        opening["term"] = os.environ.get("TERM") or "xterm-256color"
    return opening


def _say(verb: str, document: Mapping[str, Any]) -> None:
    """A problem in the words of every other command."""
    detail = f": {document['detail']}" if document.get("detail") else ""
    print(f"carrel {verb}: {document.get('title', 'refused')}{detail}", file=sys.stderr)
    if document.get("hint"):
        print(f"hint: {document['hint']}", file=sys.stderr)


def forget_stdout() -> None:
    """Keep the interpreter from failing when it flushes a pipe that nobody reads."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
