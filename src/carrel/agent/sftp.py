"""SFTP with the rights of the remote user: OpenSSH's server from the toolbox, or this module on standard streams."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any, cast

SUBSYSTEM = "sftp"
VERSION = 3


def sftp_command(toolbox: Path) -> tuple[str, ...]:
    """The program that serves SFTP on its standard streams, run as the user."""
    program = toolbox / "libexec" / "sftp-server"
    if os.access(program, os.X_OK):
        return (str(program),)
    return (sys.executable, "-I", "-m", "carrel.agent.sftp")


class _Reader:
    """As much of asyncssh's reader as its SFTP server asks for."""

    def __init__(self, stream: asyncio.StreamReader) -> None:
        from asyncssh.logging import logger  # noqa: PLC0415  only the child that serves needs it

        self.logger = logger
        self.readexactly = stream.readexactly

    @staticmethod
    def get_extra_info(_name: str, default: Any = None) -> Any:
        return default


class _Writer:
    """As much of asyncssh's writer as its SFTP server asks for."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self.channel = self

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]

    @staticmethod
    def is_closing() -> bool:
        return False

    def close(self) -> None:
        """The process ends with the session."""


async def serve() -> None:
    """Serve one session, paths relative to the home, until standard input ends."""
    from asyncssh.sftp import SFTPServer, run_sftp_server  # noqa: PLC0415  only the child that serves needs it

    os.chdir(os.environ.get("HOME", "/"))
    stream = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), sys.stdin)
    server = SFTPServer(cast("Any", None))
    await run_sftp_server(server, cast("Any", _Reader(stream)), cast("Any", _Writer(1)), VERSION)


if __name__ == "__main__":
    asyncio.run(serve())
