"""What the interface needs of workspaces that run; serve.py gives it an implementation over links."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol

from carrel.core.agent import AgentStatus, TerminalStatus
from carrel.core.files import FilesRequest
from carrel.core.workspace import Workspace


class Channel(IntEnum):
    """First byte of a frame of a session's WebSocket (docs/reference/api.md)."""

    STDIN = 0
    STDOUT = 1
    STDERR = 2
    CONTROL = 3


@dataclass(frozen=True)
class TerminalSize:
    """Size of a terminal in characters."""

    cols: int = 80
    rows: int = 24


@dataclass(frozen=True)
class TerminalWish:
    """How somebody wants to be attached to which terminal."""

    name: str
    size: TerminalSize = TerminalSize()
    read_only: bool = False
    viewer: str = ""
    """Id of a viewer that may vanish and come back; empty: it cannot."""
    offset: int = -1
    """The first byte of output that it has not seen; negative: it comes for the first time."""
    keep_seconds: int = 600
    """How long it is waited for when it vanishes."""


@dataclass(frozen=True)
class ExecRequest:
    """What to run in a workspace, as its remote user."""

    argv: tuple[str, ...] = ()
    """Executed directly."""
    command: str = ""
    """A line for the user's shell. Neither: a login shell."""
    tty: TerminalSize | None = None
    """None: without a terminal."""
    term: str = "xterm-256color"
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = ""
    """Empty: the workspace folder."""


@dataclass(frozen=True)
class Exit:
    """How a session ended."""

    status: int | None = None
    signal: str = ""
    """Without SIG."""


class LiveSession(Protocol):
    """A running command or an attached terminal."""

    def output(self) -> AsyncIterator[tuple[Channel, bytes]]:
        """What it prints, as it comes, until it ends; STDOUT or STDERR."""

    async def write(self, data: bytes) -> None:
        """Input; waits while the far end cannot take more."""

    async def write_eof(self) -> None:
        """No more input."""

    async def resize(self, size: TerminalSize) -> None:
        """The terminal has another size."""

    async def signal(self, name: str) -> None:
        """Send a signal, named without SIG."""

    async def note(self, message: Mapping[str, Any]) -> None:
        """A control message of a viewer about itself: what it has seen, that it leaves."""

    async def wait(self) -> Exit:
        """How it ended; after `output` has."""

    async def close(self) -> None:
        """Let go: a command is ended (HUP), a terminal lives on."""


class Tunnel(Protocol):
    """A TCP connection from inside a workspace. `read` and `write` raise ConnectionError where it broke."""

    async def read(self) -> bytes:
        """What comes next; empty once the far end will send no more."""

    async def write(self, data: bytes) -> None:
        """Send; waits while the far end cannot take more."""

    def write_eof(self) -> None:
        """Say that no more will be sent."""

    async def wait_closed(self) -> None:
        """Until the far end is gone in both directions."""

    def close(self) -> None:
        """End it in both directions."""


class LiveWorkspaces(Protocol):
    """Running workspaces. Each raises `not_running` or `agent_unreachable`."""

    async def exec(self, workspace: Workspace, request: ExecRequest) -> LiveSession:
        """Run something."""

    async def terminal(self, workspace: Workspace, wish: TerminalWish) -> LiveSession:
        """Attach to a terminal, made where there is none; what it printed before, or what was not seen, comes first.

        Its output has documents on CONTROL for a viewer with an id (docs/reference/api.md). Neither who comes back nor who
        only looks on makes a terminal: `not_found`.
        """

    async def create_terminal(self, workspace: Workspace, name: str, command: str) -> tuple[TerminalStatus, bool]:
        """Find or make a terminal that runs a line of the user's shell, or the shell; whether it was made."""

    async def status(self, workspace: Workspace) -> AgentStatus | None:
        """The agent's ledger; None where it does not answer at once."""

    async def app_log(self, workspace: Workspace, app: str, after: int, limit: int) -> tuple[int, bytes]:
        """At most `limit` bytes of what an app printed, from a place on; and where they begin, where some were dropped.

        Raises `no_such_app` besides.
        """

    async def run_hooks(self, workspace: Workspace, stage: str) -> None:
        """Have a stage of hooks run again, and then what its failure had kept from running.

        Raises `bad_value`, and `wrong_state` while hooks run, besides.
        """

    async def present(self, workspace: Workspace, person_id: str, name: str, how: str) -> None:
        """Somebody is connected now, which is no activity; raises nothing."""

    async def close_terminal(self, workspace: Workspace, name: str) -> bool:
        """End a terminal and what runs in it; whether there was one."""

    async def files(self, workspace: Workspace, request: FilesRequest) -> LiveSession:
        """Send or receive files, or list a folder, as the remote user."""

    async def dial(self, workspace: Workspace, port: int, host: str) -> Tunnel:
        """Connect to a port, as seen from inside.

        Raises ConnectionRefusedError where nothing listens, PermissionError for a host beyond the workspace's network.
        """

    async def host_key(self, workspace: Workspace) -> str:
        """The workspace's own host key, one OpenSSH public key line."""

    async def ssh(self, workspace: Workspace, person_id: str, resume_seconds: int | None) -> Tunnel:
        """A channel on which the agent is an SSH server that asks for no credential.

        Args:
            workspace: where to.
            person_id: whose connection it is.
            resume_seconds: how long the agent waits for a client that was lost; None: the connection cannot be resumed.
        """
