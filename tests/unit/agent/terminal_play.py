"""A terminal without a command, and a client of it whose connections break: for tests without processes."""

from __future__ import annotations

import json
import select
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from carrel.agent import frames
from carrel.agent.audience import Audience
from carrel.agent.history import NOBODY, History
from carrel.agent.scrollback import Scrollback
from carrel.agent.spool import Spool

SCROLLBACK, WINDOW, SPOOL = 300, 200, 4000
ALL = select.POLLIN | select.POLLOUT


class Terminal:
    """The holder's loop without a command."""

    def __init__(self, folder: str, spool: int = SPOOL) -> None:
        self.history = History(Scrollback(SCROLLBACK), Spool(folder, spool, segment=500))
        self.audience = Audience(self.history, patience_seconds=1000, window=WINDOW)
        self.printed = b""
        self.typed = b""
        self.has_ended = False
        self._sockets: list[socket.socket] = []

    def close(self) -> None:
        for one in self._sockets:
            one.close()
        self.history.owe(NOBODY)

    def connect(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        self._sockets += [ours, theirs]
        self.audience.accept(ours)
        theirs.setblocking(False)
        return theirs

    def program_prints(self, data: bytes) -> None:
        if not self.audience.holds_up():
            self.printed += data
            self.audience.printed(data)

    def turn(self) -> None:
        """Serve every viewer once."""
        for fd in list(self.audience._viewers):
            viewer, said = self.audience.receive(fd, ALL)
            if viewer is None:
                continue
            for kind, content in said:
                if kind == frames.ATTACH:
                    self.audience.attach(viewer, json.loads(content), (80, 24), has_ended=self.has_ended)
                elif kind == frames.SEEN:
                    self.audience.saw(viewer, json.loads(content)["seen"])
                elif kind == frames.BYE:
                    self.audience.bye(viewer)
                elif kind == frames.INPUT and not viewer.is_read_only:
                    viewer.typed(len(content))
                    self.typed += content
            self.audience.after(viewer)


class Client:
    """What a web page and `carrel attach` do."""

    def __init__(self, terminal: Terminal, name: str = "a" * 16, **wish: Any) -> None:
        self.terminal, self.name, self.wish = terminal, name, wish
        self.received = b""
        self.first: int | None = None
        self.wanted = b""
        self.sent_from: int | None = None
        self.greeting: dict[str, Any] = {}
        self.told: list[dict[str, Any]] = []
        self.ended = False
        self._socket: socket.socket | None = None
        self._buffer = bytearray()

    def seen(self) -> int:
        return -1 if self.first is None else self.first + len(self.received)

    def attach(self) -> None:
        self.cut()
        self._buffer.clear()
        self.sent_from = None
        self._socket = self.terminal.connect()
        wish = {"cols": 80, "rows": 24, "from": self.seen(), "viewer": self.name, "keep": 600} | self.wish
        self._say(frames.ATTACH, wish)

    def cut(self) -> None:
        """What is under way is lost."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def type(self, data: bytes) -> None:
        self.wanted += data
        self.send_typed()

    def send_typed(self, *, cut_at: int | None = None) -> None:
        if self.sent_from is None or self._socket is None or self.sent_from == len(self.wanted):
            return
        frame = frames.frame(frames.INPUT, self.wanted[self.sent_from :])
        self._socket.send(frame[:cut_at])
        self.sent_from = len(self.wanted)

    def read(self, size: int) -> None:
        if self._socket is None:
            return
        try:
            data = self._socket.recv(size)
        except BlockingIOError:
            return
        self._buffer += data
        for kind, content in frames.take_frames(self._buffer):
            if kind in {frames.OUTPUT, frames.REPLAY}:
                self.received += content
            elif kind == frames.HELLO:
                self.greeting = json.loads(content)
                if self.first is None:
                    self.first = self.greeting["offset"]
                assert self.greeting["offset"] == self.seen()
                self.sent_from = self.greeting["typed"]
            elif kind == frames.EXIT:
                self.ended = True
            else:
                self.told.append(json.loads(content))

    def acknowledge(self) -> None:
        if self.seen() >= 0:
            self._say(frames.SEEN, {"seen": self.seen()})

    def _say(self, kind: bytes, message: dict[str, Any]) -> None:
        if self._socket is not None:
            self._socket.send(frames.frame(kind, json.dumps(message).encode()))

    def bye(self) -> None:
        self._say(frames.BYE, {})

    def catch_up(self, rounds: int = 200) -> None:
        self.attach()
        for _ in range(rounds):
            self.terminal.turn()
            self.read(1 << 20)
            self.send_typed()
            self.acknowledge()


@contextmanager
def terminal(spool: int = SPOOL) -> Iterator[Terminal]:
    with tempfile.TemporaryDirectory() as folder:
        made = Terminal(folder, spool)
        try:
            yield made
        finally:
            made.close()
