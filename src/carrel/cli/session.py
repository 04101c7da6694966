"""`carrel exec` and `carrel ssh`: a command or a shell in a workspace, over one WebSocket.

Frames are binary; the first byte is the channel (docs/reference/api.md): 0 stdin, 1 stdout, 2 stderr, 3 control (JSON).
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from carrel.cli.server_address import NotConfiguredError, ServerAddress, find_server

STDIN, STDOUT, STDERR, CONTROL = range(4)
USAGE = {
    "exec": "usage: carrel exec [-t|-T] [-e NAME=VALUE]... [-w FOLDER] NAME [--] COMMAND [ARG]...",
    "ssh": "usage: carrel ssh NAME [COMMAND]...",
}
FAILED = 255
"""Exit status when the session itself fails, as OpenSSH's client has it."""
_CHUNK_BYTES = 64 * 1024
_LARGEST_FRAME_BYTES = 4 * 1024 * 1024


class UsageError(Exception):
    """The words of the call are off."""


@dataclass
class Request:
    """What to run where."""

    workspace: str = ""
    command: list[str] = field(default_factory=list)
    """exec: an argv. ssh: words that the remote shell reads; none: a login shell."""
    tty: bool | None = None
    """None: as stdin and stdout are."""
    env: dict[str, str] = field(default_factory=dict)
    cwd: str = ""


def parse(verb: str, words: list[str]) -> Request:
    """The request in the words after `carrel exec` or `carrel ssh`. Raises UsageError."""
    request = Request()
    rest = list(words)
    while rest and rest[0].startswith("-") and rest[0] != "--":
        _option(request, rest)
    if not rest or rest[0] == "--":
        raise UsageError(USAGE[verb])
    request.workspace = rest.pop(0)
    if rest and rest[0] == "--":
        rest.pop(0)
    request.command = rest
    if verb == "exec" and not rest:
        raise UsageError(USAGE[verb])
    return request


def _option(request: Request, rest: list[str]) -> None:
    flag = rest.pop(0)
    if flag in {"-t", "-it", "--tty"}:
        request.tty = True
    elif flag in {"-T", "--no-tty"}:
        request.tty = False
    elif flag == "-i":
        return
    elif flag in {"-e", "--env"} and rest and "=" in rest[0]:
        name, _, value = rest.pop(0).partition("=")
        request.env[name] = value
    elif flag in {"-w", "--workdir"} and rest:
        request.cwd = rest.pop(0)
    else:
        raise UsageError(f"unknown or incomplete option {flag}")


def run(verb: str, words: list[str]) -> int:
    """Run the session; returns the exit status: the command's own, 128 + n for a signal, 255 where the session fails."""
    try:
        request = parse(verb, words)
        server = find_server()
    except (UsageError, NotConfiguredError) as error:
        print(f"carrel {verb}: {error}", file=sys.stderr)
        return 2
    if request.tty is None:
        interactive = verb == "ssh" and not request.command
        request.tty = (interactive or verb == "exec") and sys.stdin.isatty() and sys.stdout.isatty()
    try:
        with _connect(server, request) as socket:
            return Session(socket, tty=request.tty).run(_opening(verb, request))
    except InvalidStatus as error:
        return _refused(verb, bytes(error.response.body or b""))
    except (OSError, WebSocketException) as error:
        print(f"carrel {verb}: the server at {server.url} does not answer: {error}", file=sys.stderr)
        print("hint: `carrel doctor` says what is missing.", file=sys.stderr)
        return FAILED


def _connect(server: ServerAddress, request: Request) -> ClientConnection:
    url = server.url.replace("http", "ws", 1) + f"/api/v1/workspaces/{request.workspace}/exec"
    headers = {"Authorization": f"Bearer {server.token}"}
    return connect(url, additional_headers=headers, compression=None, max_size=_LARGEST_FRAME_BYTES, proxy=None)


def _opening(verb: str, request: Request) -> dict[str, Any]:
    opening: dict[str, Any] = {"tty": bool(request.tty), "env": request.env, "cwd": request.cwd}
    if verb == "exec":
        opening["argv"] = request.command
    elif request.command:
        opening["command"] = " ".join(request.command)
    if request.tty:
        opening |= _size()
        opening["term"] = os.environ.get("TERM", "xterm-256color")
    return opening


def _size() -> dict[str, int]:
    size = os.get_terminal_size(sys.stdin.fileno())
    return {"cols": size.columns, "rows": size.lines}


def _refused(verb: str, body: bytes) -> int:
    """Say a problem document in the words of every other command."""
    try:
        problem = json.loads(body)
    except ValueError:
        problem = {"title": "The server refused the session", "detail": body.decode(errors="replace")[:500]}
    detail = f": {problem['detail']}" if problem.get("detail") else ""
    print(f"carrel {verb}: {problem.get('title', 'refused')}{detail}", file=sys.stderr)
    if problem.get("hint"):
        print(f"hint: {problem['hint']}", file=sys.stderr)
    return FAILED


class Session:
    """One running session: stdin goes up in a thread, output comes down in the caller's."""

    def __init__(self, socket: ClientConnection, *, tty: bool) -> None:
        self._socket = socket
        self._tty = tty
        self._resized_read, self._resized_write = os.pipe()

    def run(self, opening: dict[str, Any]) -> int:
        """Open, pump until the command ends, return its status."""
        self._socket.send(json.dumps(opening))
        with _raw_terminal(enabled=self._tty), self._resizing():
            threading.Thread(target=self._pump_input, daemon=True).start()
            while True:
                try:
                    return self._pump_output()
                except KeyboardInterrupt:
                    self._control({"signal": "INT"})

    def _pump_output(self) -> int:
        for message in self._socket:
            frame = message if isinstance(message, bytes) else bytes([CONTROL]) + message.encode()
            channel, data = frame[0], frame[1:]
            if channel == CONTROL:
                status = _exit_status(json.loads(data))
                if status is not None:
                    return status
            else:
                _write_all(2 if channel == STDERR else 1, data)
        return self._closed()

    def _closed(self) -> int:
        reason = self._socket.close_reason or ""
        if reason.startswith("{"):
            return _refused("session", reason.encode())
        print(f"carrel: the connection to the workspace was lost. {reason}", file=sys.stderr)
        return FAILED

    def _pump_input(self) -> None:
        with contextlib.suppress(ConnectionClosed, OSError):
            while True:
                ready, _, _ = select.select([0, self._resized_read], [], [])
                if self._resized_read in ready:
                    os.read(self._resized_read, 64)
                    self._control({"resize": _size()})
                if 0 in ready:
                    data = os.read(0, _CHUNK_BYTES)
                    if not data:
                        self._control({"eof": True})
                        return
                    self._socket.send(bytes([STDIN]) + data)

    def _control(self, message: dict[str, Any]) -> None:
        self._socket.send(bytes([CONTROL]) + json.dumps(message).encode())

    @contextlib.contextmanager
    def _resizing(self) -> Iterator[None]:
        if not self._tty:
            yield
            return
        previous = signal.signal(signal.SIGWINCH, lambda *_: os.write(self._resized_write, b"r"))
        try:
            yield
        finally:
            signal.signal(signal.SIGWINCH, previous)


def _exit_status(message: dict[str, Any]) -> int | None:
    """The status in a control message; None where it is about something else."""
    ended = message.get("exit")
    if ended is None:
        if "problem" in message:
            return _refused("session", json.dumps(message["problem"]).encode())
        return None
    if ended.get("signal"):
        name = str(ended["signal"]).removeprefix("SIG")
        return 128 + int(getattr(signal, f"SIG{name}", signal.SIGTERM))
    return int(ended.get("status", FAILED))


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


@contextlib.contextmanager
def _raw_terminal(*, enabled: bool) -> Iterator[None]:
    """The terminal in raw mode for the time of the session."""
    if not enabled:
        yield
        return
    import termios  # noqa: PLC0415  only where there is a terminal
    import tty  # noqa: PLC0415

    before = termios.tcgetattr(0)
    try:
        tty.setraw(0)
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
