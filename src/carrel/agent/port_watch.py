"""The workspace's ports from look to look: who holds which socket, and what it speaks."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from carrel.agent.backlogs import backlogs
from carrel.agent.port_probe import Protocol, ask, known_protocol, may_be_asked
from carrel.agent.ports import Process, Socket, attributes_of, merge
from carrel.agent.proc import holders_of, is_platform, listening
from carrel.agent.user_thread import UserThread
from carrel.core.agent import PortStatus

log = logging.getLogger("carrel.agent")

SETTLING_SECONDS = 0.2
"""A server that just began to listen may not accept yet."""
ASKED_AT_ONCE = 4
MOST_ASKED = 60
"""In MOST_ASKED_SECONDS: a program that opens port after port is not chased."""
MOST_ASKED_SECONDS = 60.0


class PortWatch:
    """Remembers what it found, so that only a change costs a search through all processes, and each server is asked once."""

    def __init__(self, changed: Callable[[], None], *, asks: bool) -> None:
        """Nothing seen yet.

        Args:
            changed: called when the answer of a server changes a port between two looks.
            asks: servers may be asked what they speak.
        """
        self._asks = asks
        self.ports: tuple[PortStatus, ...] = ()
        self._changed = changed
        self._sockets: list[Socket] = []
        self._processes: dict[int, Process] = {}
        self._platform: frozenset[int] = frozenset()
        self._protocols: dict[int, Protocol] = {}
        """By inode: another socket on the same port is another server."""
        self._asking: dict[int, asyncio.Task[None]] = {}
        self._asked: deque[float] = deque(maxlen=MOST_ASKED)
        self._turn = asyncio.Semaphore(ASKED_AT_ONCE)
        self._rules: tuple[Mapping[str, Mapping[str, Any]], frozenset[int]] = ({}, frozenset())

    async def look(
        self, user: UserThread | None, attributes: Mapping[str, Mapping[str, Any]], own: frozenset[int]
    ) -> bool:
        """Look; whether the ports changed."""
        sockets = listening()
        self._rules = (attributes, own)
        if sockets != self._sockets:
            inodes = frozenset(socket.inode for socket in sockets)
            self._processes = holders_of(inodes)
            unknown = inodes - self._processes.keys()
            if unknown and user is not None:
                self._processes |= await user.call(holders_of, unknown)
            self._sockets = sockets
            pids = {process.pid for process in self._processes.values()}
            ours = {pid for pid in pids if is_platform(pid)}
            self._platform = frozenset(
                s.port for s in sockets if s.inode in self._processes and self._processes[s.inode].pid in ours
            )
            self._forget(inodes)
            self._find_out(sockets)
        return self._merge()

    def _merge(self) -> bool:
        attributes, own = self._rules
        before = self.ports
        known: dict[int, str | None] = {**dict.fromkeys(self._asking), **self._protocols}
        self.ports = merge(self._sockets, self._processes, attributes, own | self._platform, known)
        return self.ports != before

    def _forget(self, inodes: frozenset[int]) -> None:
        for inode in self._protocols.keys() - inodes:
            del self._protocols[inode]
        for inode in self._asking.keys() - inodes:
            self._asking.pop(inode).cancel()

    def _find_out(self, sockets: list[Socket]) -> None:
        """What the new sockets speak, where nobody said it."""
        attributes, own = self._rules
        waiting: dict[int, int] | None = None
        for socket in sockets:
            process = self._processes.get(socket.inode, Process(0, ""))
            is_known = socket.inode in self._protocols or socket.inode in self._asking
            if is_known or socket.port in own | self._platform:
                continue
            known = known_protocol(socket.port, process.name, process.command_line)
            if known:
                self._protocols[socket.inode] = known
                continue
            if attributes_of(socket.port, process.command_line, attributes).get("protocol") in {"http", "https"}:
                continue
            if not self._asks:
                continue
            waiting = backlogs() if waiting is None else waiting
            if may_be_asked(process.command_line, waiting.get(socket.inode)) and self._has_room():
                self._asking[socket.inode] = asyncio.create_task(self._ask(socket))

    def _has_room(self) -> bool:
        now = asyncio.get_running_loop().time()
        if len(self._asked) == MOST_ASKED and now - self._asked[0] < MOST_ASKED_SECONDS:
            return False
        self._asked.append(now)
        return True

    async def _ask(self, socket: Socket) -> None:
        try:
            await asyncio.sleep(SETTLING_SECONDS)
            async with self._turn:
                self._protocols[socket.inode] = await _ask_one_of(socket.reached_at, socket.port)
        except Exception:
            log.exception("probe_failed port=%d", socket.port)
            self._protocols[socket.inode] = ""
        finally:
            self._asking.pop(socket.inode, None)
        if self._merge():
            self._changed()


async def _ask_one_of(addresses: Iterable[str], port: int) -> Protocol:
    for address in addresses:
        if found := await ask(address, port):
            return found
    return ""
