"""The gateway as a jump host: `ssh -J USER@gateway NAME.carrel` leads to the SSH server of the workspace's own agent.

The bytes that pass are those of an SSH connection between the person's client and the workspace: the gateway cannot
read them.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import Any, Final

import asyncssh
from asyncssh.constants import OPEN_ADMINISTRATIVELY_PROHIBITED
from asyncssh.stream import SSHTCPStreamSession

from carrel.ssh.lean_packets import LeanPackets

SSH_PORT: Final = 22
SUFFIX: Final = ".carrel"
_PART: Final = r"[a-z](?:[a-z0-9]|-(?!-)){0,39}"
NAME: Final = re.compile(f"{_PART}(?:--{_PART})?")
"""A workspace, or somebody else's: `NAME--OWNER` (core.names has no `--` within a name)."""
READ_BYTES: Final = 64 * 1024
MOST_JUMPS: Final = 32
"""Open at a time in one connection. `ssh -J` needs one."""
MOST_WAITING_BYTES: Final = 16 * 1024 * 1024
"""What may wait for a client before it is cut off; a jump waits much sooner."""


def workspace_of(host: str, port: int) -> str:
    """The `NAME` or `NAME--OWNER` that a jump leads to.

    Raises:
        asyncssh.ChannelOpenError: it leads elsewhere.
    """
    name = host.casefold().removesuffix(SUFFIX)
    if port != SSH_PORT or not NAME.fullmatch(name):
        reason = "This jump host leads to workspaces only: NAME.carrel, port 22."
        raise asyncssh.ChannelOpenError(OPEN_ADMINISTRATIVELY_PROHIBITED, reason)
    return name


class Jump:
    """One connection through the gateway, byte by byte."""

    def __init__(self, far: asyncssh.SSHClientProcess[bytes]) -> None:
        """To a workspace whose end is open."""
        self._far = far
        self._carrying: asyncio.Task[None] | None = None

    @property
    def is_closed(self) -> bool:
        """Whether it has ended."""
        return self._far.is_closing()

    def close(self) -> None:
        """End it."""
        self._far.close()
        if self._carrying is not None:
            self._carrying.cancel()

    async def carry(self, reader: asyncssh.SSHReader[bytes], writer: asyncssh.SSHWriter[bytes]) -> None:
        """Both ways, each as fast as its reader, until both have ended."""
        up = asyncio.create_task(_copied(reader, self._far.stdin))
        self._carrying = asyncio.create_task(_copied(self._far.stdout, writer))
        try:
            await asyncio.wait((self._carrying,))
        finally:
            up.cancel()
            self._far.close()
            writer.close()

    def session(self) -> asyncssh.SSHTCPSession[bytes]:
        """The client's end."""
        return SSHTCPStreamSession(self.carry)


async def _copied(reader: asyncssh.SSHReader[bytes], writer: asyncssh.SSHWriter[bytes]) -> None:
    lean: LeanPackets | None = writer.get_extra_info("lean_packets")
    with contextlib.suppress(ConnectionError, asyncssh.Error):
        while data := await reader.read(READ_BYTES):
            writer.write(data)
            await writer.drain()
            if lean is not None:
                await lean.room()
        writer.write_eof()


class Explanation(asyncssh.SSHServerSession[bytes]):
    """A session on a jump connection: a line, and status 255."""

    def __init__(self, line: str) -> None:
        self._line = line
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """Remember the channel."""
        self._channel = chan

    def pty_requested(self, *_: Any) -> bool:
        """Whatever is asked for."""
        return True

    def shell_requested(self) -> bool:
        """Whatever is asked for."""
        return True

    def exec_requested(self, command: str) -> bool:
        """Whatever is asked for."""
        del command
        return True

    def session_started(self) -> None:
        """Say it, and end."""
        if self._channel is not None:
            self._channel.write_stderr(f"carrel: {self._line}\r\n".encode())
            self._channel.exit(255)
