"""A person's SSH client inside a channel of a link, whose connection can be cut."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
from typing import Any

import asyncssh

from carrel.core.agent import SSH_SUBSYSTEM, STREAM_SUBSYSTEM
from carrel.core.stream import Frames, Hello, Kind, Stream, hello, read_refused, read_welcome

PERSON = "u1"


class Tube:
    """A socket for an SSH client; what it writes and reads is ours to carry."""

    def __init__(self) -> None:
        self.theirs, ours = socket.socketpair()
        self._ours = ours
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def open(self) -> None:
        self.reader, self.writer = await asyncio.open_connection(sock=self._ours)

    async def close(self) -> None:
        self.theirs.close()
        self.writer.close()
        with suppress(ConnectionError):  # the other end may have closed with bytes unread
            await self.writer.wait_closed()


async def connect(tube: Tube, host_key: asyncssh.SSHKey, **options: Any) -> asyncssh.SSHClientConnection:
    """OpenSSH's client would do the same: no key is shown, any name will do, the workspace's host key is pinned."""
    return await asyncssh.connect(
        "blog.carrel",
        sock=tube.theirs,
        username="whoever",
        client_keys=None,
        known_hosts=([host_key.export_public_key()], [], []),
        config=None,
        **({"agent_path": None} | options),
    )


class Plain:
    """`carrel-ssh`: both ends as they are."""

    def __init__(self, link: asyncssh.SSHClientConnection) -> None:
        self.tube = Tube()
        self._link = link
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        await self.tube.open()
        process = await self._link.create_process(subsystem=SSH_SUBSYSTEM, encoding=None)

        async def up() -> None:
            while data := await self.tube.reader.read(65536):
                process.stdin.write(data)
                await process.stdin.drain()
            process.close()

        async def down() -> None:
            while data := await process.stdout.read(65536):
                self.tube.writer.write(data)
                await self.tube.writer.drain()
            self.tube.writer.close()

        self._tasks = [asyncio.create_task(up()), asyncio.create_task(down())]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.tube.close()


class Resumed:
    """`carrel-stream`: as `carrel ssh-proxy` does it, in asyncio."""

    def __init__(self, link: asyncssh.SSHClientConnection, person: str = PERSON, seconds: int = 60) -> None:
        self.tube = Tube()
        self.id = os.urandom(16)
        self.stream = Stream()
        self.was_welcome = False
        self.waits_seconds = 0
        self._link = link
        self._subsystem = f"{STREAM_SUBSYSTEM} {person} {seconds}"
        self._process: Any = None
        self._changed = asyncio.Event()
        self._typing: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        await self.tube.open()
        self._typing = asyncio.create_task(self._read_input())
        await self.connect()

    async def connect(self, link: asyncssh.SSHClientConnection | None = None) -> None:
        """Connect, again if need be, and wait for WELCOME. Raises RefusedError."""
        self._process = await (link or self._link).create_process(subsystem=self._subsystem, encoding=None)
        self._process.stdin.write(hello(Hello(self.id, not self.was_welcome, self.stream.taken)))
        frames = Frames()
        early: list[tuple[int, bytes]] = []
        while not early:
            data = await self._process.stdout.read(65536)
            assert data, "the agent ended the channel"
            early = list(frames.feed(data))
        (kind, content), *rest = early
        if kind == Kind.REFUSED:
            raise read_refused(content)
        answer = read_welcome(content)
        self.was_welcome, self.waits_seconds = True, answer.resume_seconds
        self.stream.connect(answer.taken)
        self._changed.set()
        self._tasks = [
            asyncio.create_task(self._up(self._process)),
            asyncio.create_task(self._down(self._process, frames, rest)),
        ]

    async def cut(self) -> None:
        """The network goes: what is under way is lost."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.stream.disconnect()
        self._process.channel.abort()
        await self._process.wait_closed()

    async def _read_input(self) -> None:
        while data := await self.tube.reader.read(65536):
            while self.stream.room <= 0:
                self._changed.clear()
                await self._changed.wait()
            self.stream.write(data)
            self._changed.set()
        self.stream.end()
        self._changed.set()

    async def _up(self, process: Any) -> None:
        while True:
            while data := self.stream.pull(65536):
                process.stdin.write(data)
                await process.stdin.drain()
            self._changed.clear()
            await self._changed.wait()

    async def _down(self, process: Any, frames: Frames, early: list[tuple[int, bytes]]) -> None:
        while True:
            for kind, content in early:
                if kind == Kind.REFUSED:
                    raise read_refused(content)
                fresh = self.stream.receive(kind, content)
                self.tube.writer.write(fresh)
                self.stream.consume(len(fresh))
            await self.tube.writer.drain()
            self._changed.set()
            data = await process.stdout.read(65536)
            if not data:
                return
            early = list(frames.feed(data))

    async def ended_by(self) -> BaseException | None:
        """How the agent ended the connection: None, or a RefusedError."""
        [result] = await asyncio.gather(self._tasks[1], return_exceptions=True)
        return result

    async def close(self) -> None:
        tasks = [*self._tasks, *([self._typing] if self._typing else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.tube.close()
