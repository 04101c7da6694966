"""`carrel ssh-proxy HOST`: OpenSSH's ProxyCommand. Its bytes go to the SSH server of a workspace, and survive the network.

The short way: it imports as little as can be, because it runs for every `ssh`. The protocol is in core/stream.py, the
WebSocket's messages in docs/reference/api.md.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any
from urllib.parse import quote, urlencode

from carrel.cli import web_socket
from carrel.cli.known_hosts import remember
from carrel.cli.plain_text import plain
from carrel.cli.resuming import GoneError, Resuming
from carrel.cli.server_address import LocalServerDownError, NotConfiguredError, ServerAddress, data_dir, find_server

FAILED = 255
USAGE = "usage: carrel ssh-proxy NAME[--OWNER][.carrel]"
SUFFIX = ".carrel"
STARTS = "CARREL_START_ON_CONNECT"
FIRST_SECONDS = 20.0
AGAIN_SECONDS = 4.0
"""How long one attempt to connect may take, when a connection was lost."""
RETRIED = frozenset({408, 425, 429})
"""Statuses that say: later. So do those from 500 on."""


def run(words: list[str]) -> int:
    """Carry the bytes of one `ssh`.

    Returns:
        0 where the connection ended in order, 255 where it could not be had, or not be kept.
    """
    if len(words) != 1 or words[0].startswith("-") or not words[0]:
        print(USAGE, file=sys.stderr)
        return 2
    door = Door(words[0])
    try:
        return Resuming(door.connect, door.hear).run()
    except GoneError as error:
        _say(door.name, {"title": str(error)})
    except web_socket.RefusedError as error:
        _say(door.name, document_of(error))
    except NotConfiguredError as error:
        _say(door.name, {"title": str(error)})
    except OSError as error:
        _say(door.name, {"title": "The connection failed", "detail": str(error)})
    except KeyboardInterrupt:
        pass
    return FAILED


class Door:
    """The way to one workspace: its address at the server, and what the server says before the bytes."""

    def __init__(self, host: str) -> None:
        """`host` is what was typed after `ssh`."""
        self.host = host.casefold()
        self.name, _, self._owner = self.host.removesuffix(SUFFIX).partition("--")

    def connect(self, again: bool) -> web_socket.WebSocket:
        """Open the WebSocket; `again`: after a loss, when no workspace and no server is started.

        Raises:
            GoneError: the server says that there is no way in.
            OSError: it does not answer now.
        """
        query = {"resume": "true", "start": "false" if again else _start()} | (
            {"owner": self._owner} if self._owner else {}
        )
        path = f"/api/v1/workspaces/{quote(self.name, safe='')}/ssh?{urlencode(query)}"
        try:
            return self._open(path, again=again)
        except web_socket.RefusedError as error:
            if again and (error.status >= 500 or error.status in RETRIED):
                raise OSError(f"the server answered {error.status}") from error
            raise

    def _open(self, path: str, *, again: bool) -> web_socket.WebSocket:
        try:
            server = find_server()
        except LocalServerDownError as error:
            if again:
                raise ConnectionRefusedError("the local server does not run") from error
            server = _start_local()
        try:
            return web_socket.connect(server, path, AGAIN_SECONDS if again else FIRST_SECONDS)
        except ConnectionRefusedError:
            if again or not server.local:
                raise
        return web_socket.connect(_start_local(), path, FIRST_SECONDS)

    def hear(self, text: bytes) -> None:
        """What the server says besides the bytes. Raises GoneError where it is that there will be none."""
        try:
            said: dict[str, Any] = json.loads(text)
        except ValueError as error:
            raise OSError("The server's message is not understood.") from error
        if "problem" in said:
            problem = said["problem"]
            if int(problem.get("status", 400)) >= 500:
                raise OSError(problem.get("detail") or problem.get("title"))
            raise GoneError(_sentence(problem))
        if "host_key" in said:
            try:
                remember(self.host, said["host_key"])
            except OSError as error:
                print(f"carrel: the host key could not be stored: {error}\r", file=sys.stderr)
        elif said.get("phase") not in {None, "running"}:
            print(f"carrel: {self.name} is {plain(said['phase'])} ...\r", file=sys.stderr)


def _start() -> str:
    """Whether a stopped workspace is to be started: never, as the person prefers, or always.

    Only somebody at a terminal starts a workspace: what reconnects in the background must not.
    """
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return "false"
    return "true" if os.environ.get(STARTS, "") not in {"", "0"} else "preferred"


def _start_local() -> ServerAddress:
    from carrel.cli.local_server import ensure_running  # noqa: PLC0415  rarely needed
    from carrel.core.problems import Problem  # noqa: PLC0415

    try:
        return ensure_running(data_dir(), lambda line: print(line, file=sys.stderr))
    except Problem as problem:
        raise GoneError(_sentence(problem.document())) from problem


def document_of(refused: web_socket.RefusedError) -> dict[str, Any]:
    """The problem document in a refusal."""
    try:
        document = json.loads(refused.body)
    except ValueError:
        document = None
    if isinstance(document, dict) and "title" in document:
        return document
    return {"title": f"The server refused the connection (status {refused.status})"}


def _sentence(document: dict[str, Any]) -> str:
    """A problem in one line."""
    parts = (document.get("detail") or document.get("title") or "refused", document.get("hint") or "")
    return plain(" ".join(part for part in parts if part))


def _say(name: str, document: dict[str, Any]) -> None:
    # ssh may have the terminal in raw mode: a line needs its carriage return.
    print(f"carrel: {name}: {_sentence(document)}\r", file=sys.stderr)
