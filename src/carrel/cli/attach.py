"""`carrel attach NAME [TERMINAL]`: a terminal of a workspace, which goes on when the network does not.

The short way: it imports neither Rich, Pydantic nor httpx. Messages are in docs/reference/api.md, why in ADR 0018.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from carrel.cli import web_socket
from carrel.cli.attach_request import USAGE, AttachRequest, UsageError, parse
from carrel.cli.attaching import Attaching, EndedError
from carrel.cli.own_terminal import terminal_size
from carrel.cli.plain_request import ask, document_of
from carrel.cli.plain_text import plain
from carrel.cli.server_address import LocalServerDownError, NotConfiguredError, ServerAddress, data_dir, find_server
from carrel.cli.terminal_place import TerminalPlace

FAILED = 255
"""Exit status when the session itself fails, as OpenSSH's client has it."""
FIRST_SECONDS, AGAIN_SECONDS = 20.0, 4.0
RETRIED = frozenset({408, 425, 429})


def run(words: list[str]) -> int:
    """Attach, or list.

    Returns:
        The exit status of the terminal's command where it ended; 0 where it was left; 2 for a wrong call; 255 where there
        is no way to it, or none any longer.
    """
    try:
        request = parse(words)
    except UsageError as error:
        print(f"carrel attach: {error}\n{USAGE}", file=sys.stderr)
        return 2
    try:
        return _list(request) if request.lists else _attach(request)
    except EndedError as error:
        _say(error.document)
    except web_socket.RefusedError as error:
        _say(document_of(error.body, error.status))
    except NotConfiguredError as error:
        _say({"title": str(error)})
    except OSError as error:
        _say({"title": "The connection failed", "detail": str(error), "hint": "`carrel doctor` says what is missing."})
    except KeyboardInterrupt:  # while it waits; later it goes to the terminal
        return 130
    return FAILED


def _attach(request: AttachRequest) -> int:
    door = Door(request)
    attaching = Attaching(door.connect, read_only=request.read_only)
    if os.isatty(0):
        how = "read-only; Ctrl-C leaves" if request.read_only else "Enter ~ . leaves, and it goes on running"
        print(f"Attached to {request.terminal} of {request.workspace}: {how}.", file=sys.stderr)
    return attaching.run()


def _list(request: AttachRequest) -> int:
    door = Door(request)
    status, body = ask(door.server(again=False), "GET", f"{door.path()}/terminals")
    if status != 200:
        raise EndedError(document_of(body, status))
    for one in json.loads(body)["items"]:
        name, shown, title = plain(one["name"]), plain(one.get("running") or one["command"]), plain(one["title"])
        print(f"{name:<20} {one['attached']} attached  {one['cols']}x{one['rows']}  {shown}  {title}".rstrip())
    return 0


class Door:
    """The way to one terminal."""

    def __init__(self, request: AttachRequest) -> None:
        """Nothing is asked yet."""
        self._request = request
        self._workspace = ""

    def connect(self, place: TerminalPlace, again: bool) -> web_socket.WebSocket:
        """Open the WebSocket; `again`: after a loss, when no server is started.

        Raises:
            EndedError: the server says that there is no way in.
            OSError: it does not answer now.
        """
        query: dict[str, Any] = terminal_size() | {"viewer": place.viewer}
        if self._request.read_only:
            query["read_only"] = "true"
        if place.seen >= 0:
            query["from"] = place.seen
        server = self.server(again=again)
        path = f"{self.path()}/terminals/{quote(self._request.terminal, safe='')}?{urlencode(query)}"
        try:
            return web_socket.connect(server, path, AGAIN_SECONDS if again else FIRST_SECONDS)
        except web_socket.RefusedError as error:
            if again and (error.status >= 500 or error.status in RETRIED):
                raise OSError(f"the server answered {error.status}") from error
            raise EndedError(document_of(error.body, error.status)) from error

    def server(self, *, again: bool) -> ServerAddress:
        """The server; a local one is started for the first connection. Raises OSError, EndedError."""
        try:
            return find_server()
        except LocalServerDownError as error:
            if again:
                raise ConnectionRefusedError("the local server does not run") from error
            return _start_local()

    def path(self) -> str:
        """The workspace's place in the API. Raises EndedError, OSError."""
        if not self._workspace:
            owner, slash, name = self._request.workspace.rpartition("/")
            self._workspace = self._id_of(owner, name) if slash else name
        return f"/api/v1/workspaces/{quote(self._workspace, safe='')}"

    def _id_of(self, owner: str, name: str) -> str:
        path = f"/api/v1/workspaces/{quote(name, safe='')}?owner={quote(owner, safe='')}"
        status, body = ask(self.server(again=False), "GET", path)
        if status != 200:
            raise EndedError(document_of(body, status))
        return str(json.loads(body)["id"])


def _start_local() -> ServerAddress:
    from carrel.cli.local_server import ensure_running  # noqa: PLC0415  rarely needed
    from carrel.core.problems import Problem  # noqa: PLC0415

    try:
        return ensure_running(data_dir(), lambda line: print(line, file=sys.stderr))
    except Problem as problem:
        raise EndedError(problem.document()) from problem


def _say(document: Mapping[str, Any]) -> None:
    """A problem in the words of every other command."""
    detail = f": {plain(document['detail'])}" if document.get("detail") else ""
    print(f"carrel attach: {plain(document.get('title', 'refused'))}{detail}", file=sys.stderr)
    if document.get("hint"):
        print(f"hint: {plain(document['hint'])}", file=sys.stderr)
