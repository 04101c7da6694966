"""A person at a terminal of a workspace, over the same WebSocket as the web page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.e2e.installation import Installation
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

STDIN, STDOUT, CONTROL = b"\x00", 1, 3


class Terminal:
    """Attached to a terminal."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.shown = ""
        self._take(socket.recv(timeout=60))  # a refusal would come in its place

    def type(self, text: str) -> None:
        """Type a line."""
        self._socket.send(STDIN + text.encode() + b"\r")

    def read_until(self, wanted: str, seconds: float = 60) -> str:
        """All that was shown since the connection was made, once `wanted` is in it."""
        until = time.monotonic() + seconds
        while wanted not in self.shown:
            self._take(self._socket.recv(timeout=max(0.0, until - time.monotonic())))
        return self.shown

    def _take(self, message: str | bytes) -> None:
        assert isinstance(message, bytes)
        if message[0] == CONTROL and b"problem" in message:
            raise ConnectionError(message)
        if message[0] == STDOUT:
            self.shown += message[1:].decode(errors="replace")


@contextmanager
def attached(installation: Installation, workspace: str, seconds: float = 60) -> Iterator[Terminal]:
    """Attached to the terminal `main` of a workspace, as soon as it can be reached; made where there is none."""
    url = f"ws://127.0.0.1:{installation.port}/api/v1/workspaces/{workspace}/terminals/main"
    headers = {"Authorization": f"Bearer {installation.token}"}
    until = time.monotonic() + seconds
    with ExitStack() as stack:
        terminal: Terminal | None = None
        while terminal is None:
            try:
                opening = connect(url, additional_headers=headers, compression=None, max_size=None, proxy=None)
                terminal = Terminal(stack.enter_context(opening))
            except (OSError, WebSocketException):
                assert time.monotonic() < until, installation.log()
                time.sleep(0.1)
        yield terminal
