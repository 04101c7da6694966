"""A viewer of a terminal that resumes, as the web page does: over the same WebSocket, with the same rules."""

from __future__ import annotations

import json
import select
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from carrel.cli.server_address import ServerAddress
from carrel.cli.terminal_place import TerminalPlace
from carrel.cli.web_socket import BINARY, CLOSE, PING, RefusedError, WebSocket, connect

STDIN, STDOUT, CONTROL = b"\x00", 1, b"\x03"
SILENCE_SECONDS = 3.0
"""A connection that says nothing for so long is taken for dead, and replaced."""


class ResumingViewer:
    """Attached to a terminal over as many connections as it takes."""

    def __init__(self, base: str, token: str, workspace: str, name: str = "main", *, read_only: bool = False) -> None:
        """Connects when something is waited for; `base` is `http://127.0.0.1:PORT`."""
        self.place = TerminalPlace()
        self.connections = 0
        self.attached = 0
        self.exit: dict[str, Any] | None = None
        self.problem: dict[str, Any] | None = None
        self._server = ServerAddress(base, token, local=True)
        self._path = f"/api/v1/workspaces/{workspace}/terminals/{name}"
        self._read_only = read_only
        self._socket: WebSocket | None = None
        self._heard = self._asked = 0.0

    def until(self, done: Callable[[], object], take: Callable[[bytes], object], seconds: float = 60) -> None:
        """Pump output to `take`, and input, until `done`."""
        end = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < end, self.told()
            self.pump(take)

    def pump(self, take: Callable[[bytes], object]) -> None:
        """Pass on what there is, connecting anew where that is needed."""
        try:
            self._step(take)
        except (OSError, RefusedError) as error:
            if isinstance(error, RefusedError) and error.status < 500:
                raise
            self.drop()
            time.sleep(0.05)

    def told(self) -> str:
        """How far it is, for a test that fails."""
        return f"seen {self.place.seen}, {self.attached} attached, {self.connections} connections, {self.problem}"

    def drop(self) -> None:
        """Let the connection go without a word."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def leave(self) -> None:
        """Say goodbye."""
        if self._socket is not None:
            self._say({"bye": True})
            self._socket.close()
            self._socket = None

    def raw(self, frame: bytes) -> None:
        """Send a frame as it is."""
        assert self._socket is not None
        self._socket.send(BINARY, frame)

    def _step(self, take: Callable[[bytes], object]) -> None:
        if self._socket is None:
            self._open()
        assert self._socket is not None
        if data := self.place.pull():
            self._socket.send(BINARY, STDIN + data)
        if self.place.is_due():
            self._say(self.place.acknowledge())
        poll = select.poll()
        poll.register(self._socket, select.POLLIN | (select.POLLOUT if self._socket.backlog else 0))
        ready = poll.poll(100)
        now = time.monotonic()
        if not ready:
            if self.place.owes_acknowledgement():
                self._say(self.place.acknowledge())
            self._ask_whether_it_lives(now)
            return
        if ready[0][1] & select.POLLOUT:
            self._socket.flush()
        if ready[0][1] & ~select.POLLOUT:
            self._heard, self._asked = now, 0.0
            for message in self._socket.receive():
                if message.kind == CLOSE:
                    raise ConnectionResetError("closed by the server")
                if message.kind == BINARY:
                    assert not message.goes_on
                    self._take(message.data, take)

    def _ask_whether_it_lives(self, now: float) -> None:
        assert self._socket is not None
        if self._asked and now - self._asked > SILENCE_SECONDS:
            raise ConnectionResetError("silent")
        if not self._asked and now - self._heard > SILENCE_SECONDS / 3:
            self._asked = now
            self._socket.send(PING, b"")

    def _take(self, frame: bytes, take: Callable[[bytes], object]) -> None:
        if frame[0] == STDOUT:
            take(frame[1:])
            self.place.received(len(frame) - 1)
        elif frame[:1] == CONTROL:
            self._obey(json.loads(frame[1:]))

    def _obey(self, said: dict[str, Any]) -> None:
        if "terminal" in said:
            self.attached = said["terminal"]["attached"]
            was_there = self.place.seen >= 0
            assert self.place.greet(said["terminal"]) or not was_there, "output was lost"
            assert said["terminal"]["known"] is was_there
        self.place.took(said.get("typed", 0))
        self.attached = said.get("attached", self.attached)
        self.exit = said.get("exit", self.exit)
        self.problem = said.get("problem", self.problem)

    def _say(self, message: dict[str, Any]) -> None:
        assert self._socket is not None
        self._socket.send(BINARY, CONTROL + json.dumps(message).encode())

    def _open(self) -> None:
        query: dict[str, Any] = {"viewer": self.place.viewer}
        query |= {"from": self.place.seen} if self.place.seen >= 0 else {}
        query |= {"read_only": "true"} if self._read_only else {}
        self._socket = connect(self._server, f"{self._path}?{urlencode(query)}", 3)
        self.place.connected()
        self.connections += 1
        self._heard, self._asked = time.monotonic(), 0.0
