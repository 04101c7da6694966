"""A TCP connection from inside a workspace, as the API hands it to a WebSocket."""

from __future__ import annotations

import asyncssh

CHUNK_BYTES = 256 * 1024


class LinkTunnel:
    """A direct-tcpip channel of a link. What is not taken waits in the link, and at last in the workspace."""

    def __init__(self, reader: asyncssh.SSHReader[bytes], writer: asyncssh.SSHWriter[bytes]) -> None:
        """Take over the streams."""
        self._reader = reader
        self._writer = writer

    async def read(self) -> bytes:
        """What comes next; empty once the far end will send no more. Raises ConnectionError where it broke."""
        try:
            return await self._reader.read(CHUNK_BYTES)
        except (asyncssh.Error, OSError) as error:
            raise ConnectionResetError(str(error)) from error

    async def write(self, data: bytes) -> None:
        """Send; waits while the far end cannot take more. Raises ConnectionError where it broke."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except (asyncssh.Error, OSError) as error:
            raise ConnectionResetError(str(error)) from error

    def write_eof(self) -> None:
        """Say that no more will be sent; what comes from the far end still does."""
        if not self._writer.is_closing():
            self._writer.write_eof()

    async def wait_closed(self) -> None:
        """Until the far end is gone in both directions."""
        await self._writer.channel.wait_closed()

    def close(self) -> None:
        """End it in both directions."""
        self._writer.channel.abort()
