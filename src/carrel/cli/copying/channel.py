"""A transfer with a workspace: one WebSocket, in the frames of a session (docs/reference/api.md)."""

from __future__ import annotations

import json
import threading
from collections import deque
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from carrel.cli.server_address import ServerAddress
from carrel.core.problems import PROBLEMS, Problem
from carrel.transfer.report import Report

STDIN, STDOUT, STDERR, CONTROL = range(4)
OPEN_SECONDS: Final = 20.0
HELD_FRAMES: Final = 32
EOF_FRAME: Final = bytes([CONTROL]) + json.dumps({"eof": True}).encode()


class Transfer:
    """Reads and writes the stream. Everything that goes wrong is a Problem: the workspace's own words where it has some."""

    def __init__(self, server: ServerAddress, workspace: str, opening: dict[str, Any], report: Report) -> None:
        """Connect and ask. Raises Problem."""
        self._report = report
        self._said = b""
        self._data: deque[memoryview] = deque()
        self.begun: dict[str, Any] = {}
        self.done: dict[str, Any] | None = None
        self._problem: Problem | None = None
        self._ended = threading.Event()
        self._listener: threading.Thread | None = None
        self._socket = _connected(server, workspace)
        self._socket.send(json.dumps(opening))

    def close(self) -> None:
        """Let go; what is not finished is given up on both sides."""
        self._socket.close()
        if self._listener is not None:
            self._listener.join()

    # --- out of the workspace ----------------------------------------------------------------------------------------

    def begin(self) -> dict[str, Any]:
        """What is about to come. Raises the problem because of which nothing comes."""
        while not self.begun and self._next():
            pass
        if not self.begun:
            raise self._problem or _broken()
        return self.begun

    def read(self, size: int) -> bytes:
        """At most so many bytes of the stream; empty at its end."""
        while not self._data:
            if not self._next():
                return b""
        piece = self._data.popleft()
        if len(piece) > size:
            self._data.appendleft(piece[size:])
            piece = piece[:size]
        return bytes(piece)

    def finish(self) -> None:
        """After the end of the stream: whether it was a good one. Raises Problem."""
        while self._next():
            pass
        self._check_end()

    # --- into the workspace ------------------------------------------------------------------------------------------

    def write(self, data: bytes) -> None:
        """Send a piece; waits while the other side cannot take more. Raises the problem that ended it there."""
        self._listen()
        try:
            if not self._ended.is_set():
                self._socket.send(bytes([STDIN]) + data)
        except ConnectionClosed:
            self._ended.wait(OPEN_SECONDS)
        if self._ended.is_set():
            raise self._problem or _broken()

    def end(self) -> None:
        """No more comes; waits for what became of it. Raises Problem."""
        self._listen()
        with suppress(ConnectionClosed):
            self._socket.send(EOF_FRAME)
        assert self._listener is not None  # noqa: S101  _listen made it
        self._listener.join()
        self._check_end()

    def _listen(self) -> None:
        """Hear in a thread of its own what the other side says while this one sends."""
        if self._listener is None:
            self._listener = threading.Thread(target=self._hear_all, daemon=True)
            self._listener.start()

    def _hear_all(self) -> None:
        while self._next():
            self._data.clear()
        self._ended.set()

    # --- what comes --------------------------------------------------------------------------------------------------

    def _next(self) -> bool:
        """Take one frame; False at the end."""
        try:
            frame = self._socket.recv()
        except ConnectionClosed:
            return False
        if isinstance(frame, str):
            return True
        channel, body = frame[0], memoryview(frame)[1:]
        if channel == STDOUT:
            self._data.append(body)
        elif channel == STDERR:
            self._hear(bytes(body))
        elif channel == CONTROL:
            self._control(json.loads(bytes(body)))
        return True

    def _control(self, message: dict[str, Any]) -> None:
        if "problem" in message and self._problem is None:
            self._problem = _problem(message["problem"])

    def _hear(self, data: bytes) -> None:
        *lines, self._said = (self._said + data).split(b"\n")
        for line in lines:
            try:
                message = json.loads(line)
            except ValueError:
                continue
            if "begin" in message:
                self.begun = message["begin"] or {"name": ""}
            elif "done" in message:
                self.done = message["done"]
            elif "trouble" in message:
                self._report.trouble(_problem(message["trouble"]))
            elif "problem" in message:
                self._problem = _problem(message["problem"])

    def _check_end(self) -> None:
        if self._problem is not None:
            raise self._problem
        if self.done is None:
            raise _broken()


def _connected(server: ServerAddress, workspace: str) -> ClientConnection:
    url = f"{server.url.replace('http', 'ws', 1)}/api/v1/workspaces/{quote(workspace, safe='')}/transfer"
    try:
        return connect(
            url,
            additional_headers={"Authorization": f"Bearer {server.token}"},
            compression=None,
            max_size=None,
            max_queue=HELD_FRAMES,
            open_timeout=OPEN_SECONDS,
            ping_timeout=None,
            close_timeout=2,
            proxy=None if server.local else True,
        )
    except InvalidStatus as error:
        try:
            document = json.loads(bytes(error.response.body or b""))
        except ValueError:
            document = {"title": f"The server refused it (status {error.response.status_code})"}
        raise _problem(document) from error
    except OSError as error:
        raise Problem("unavailable", f"The server at {server.url} does not answer: {error}.") from error


def _problem(document: dict[str, Any]) -> Problem:
    kind, detail = str(document.get("kind", "")), str(document.get("detail") or "")
    hint = str(document.get("hint") or "")
    if kind not in PROBLEMS:
        return Problem("internal", f"{document.get('title', '')}: {detail}", hint)
    return Problem(kind, detail, hint)


def _broken() -> Problem:
    return Problem("unavailable", "The connection was lost before the end.", "Copy again: no half file was left.")
