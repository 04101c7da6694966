"""A running command, as the API hands it to a WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import asyncssh

from carrel.server.api.live import Channel, Exit, TerminalSize

CHUNK_BYTES = 64 * 1024
Piece = tuple[Channel, bytes]


class LinkSession:
    """An SSH process of a link. Output waits in the link while nobody takes it."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes]) -> None:
        """Take over `process`."""
        self._process = process

    async def output(self) -> AsyncIterator[Piece]:
        """What it prints, as it comes, until it ends."""
        pieces: asyncio.Queue[Piece | None] = asyncio.Queue(maxsize=4)
        streams = ((Channel.STDOUT, self._process.stdout), (Channel.STDERR, self._process.stderr))
        readers = [asyncio.create_task(read_stream(channel, stream, pieces)) for channel, stream in streams]
        open_streams = len(readers)
        try:
            while open_streams:
                piece = await pieces.get()
                if piece is None:
                    open_streams -= 1
                else:
                    yield piece
        finally:
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)

    async def write(self, data: bytes) -> None:
        """Input; waits while the far end cannot take more."""
        self._process.stdin.write(data)
        await self._process.stdin.drain()

    async def write_eof(self) -> None:
        """No more input."""
        self._process.stdin.write_eof()

    async def resize(self, size: TerminalSize) -> None:
        """The terminal has another size."""
        self._process.change_terminal_size(size.cols, size.rows)

    async def signal(self, name: str) -> None:
        """Send a signal, named without SIG."""
        self._process.send_signal(name)

    async def note(self, message: Mapping[str, Any]) -> None:
        """A command has no use for it."""

    async def wait(self) -> Exit:
        """How it ended."""
        await self._process.wait_closed()
        if self._process.exit_signal:
            return Exit(signal=self._process.exit_signal[0])
        return Exit(status=self._process.exit_status)

    async def close(self) -> None:
        """Let go: a command gets HUP, a terminal lives on."""
        self._process.close()
        await self._process.wait_closed()


async def read_stream(channel: Channel, stream: asyncssh.SSHReader[bytes], pieces: asyncio.Queue[Piece | None]) -> None:
    """Put what comes into `pieces`, and None at the end."""
    try:
        while data := await stream.read(CHUNK_BYTES):
            await pieces.put((channel, data))
    except (asyncssh.Error, OSError):
        pass  # the connection is gone: `wait` tells that there is no exit status
    finally:
        await pieces.put(None)
