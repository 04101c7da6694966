"""A transfer of files, as the API hands it to a WebSocket or a request."""

from __future__ import annotations

import asyncio

import asyncssh

from carrel.server.live.session import LinkSession


class LinkFiles(LinkSession):
    """The program `carrel-files`. It may end while much is still to come, and says why: that must be heard first."""

    async def write(self, data: bytes) -> None:
        """Input; what comes after the program's end is dropped."""
        try:
            await super().write(data)
        except (asyncssh.Error, OSError):
            await asyncio.sleep(0)
