"""A link: one live, multiplexed SSH connection to an agent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import quote

import asyncssh
from asyncssh.constants import OPEN_ADMINISTRATIVELY_PROHIBITED

from carrel.core.agent import CONTROL_SUBSYSTEM, SSH_SUBSYSTEM, STREAM_SUBSYSTEM, TERMINAL_SUBSYSTEM
from carrel.core.files import FILES_SUBSYSTEM, FilesRequest
from carrel.core.problems import Problem
from carrel.core.questions import QUESTIONS_SUBSYSTEM
from carrel.core.records import dump
from carrel.links.control import Control
from carrel.links.control_channel import ControlChannel
from carrel.links.dialling import Connection
from carrel.links.questions_channel import QuestionsChannel, Reply
from carrel.links.target import Target
from carrel.ssh.lean_packets import PACKET_BYTES

TUNNEL_WINDOW_BYTES: Final = 2 * 1024 * 1024
"""What one stalled reader may hold of a tunnel in this process. A quarter of it halves the bytes a second on a busy machine."""

Tunnel = TypeVar("Tunnel", bound="asyncssh.SSHTCPSession[bytes]")
Session = TypeVar("Session", bound="asyncssh.SSHClientSession[bytes]")
T = TypeVar("T")


@dataclass(frozen=True)
class PtySize:
    """Size of a terminal in characters."""

    cols: int = 80
    rows: int = 24


@dataclass(frozen=True)
class Completed:
    """What a command left behind."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class Link:
    """Everything that the control plane does with one running workspace.

    Every call raises `Problem` of kind `agent_unreachable` once the connection is lost.
    """

    def __init__(self, target: Target, connection: Connection) -> None:
        self.target = target
        self._connection = connection
        self._ssh = connection.ssh
        self._loop = asyncio.get_running_loop()
        self._channels = 0
        self._used_at = self._loop.time()
        self._closings: set[asyncio.Task[None]] = set()
        self.control = Control(self._open_control)
        connection.loss.reason.add_done_callback(self._on_loss)

    # --- streams -------------------------------------------------------------------------------------------------

    async def tunnel(self, factory: Callable[[], Tunnel], port: int, host: str = "127.0.0.1") -> Tunnel:
        """Open a TCP connection from inside the workspace; `factory` makes the protocol object that receives its data.

        The object's `connection_made` gets the channel: `write`, `write_eof`, `pause_reading`, `resume_reading`,
        `close`, `abort`; its own `pause_writing` and `resume_writing` are called as the far end falls behind.

        Raises:
            ConnectionRefusedError: nothing listens on that port.
            PermissionError: the host is not in the workspace's network.
        """

        async def start() -> tuple[asyncssh.SSHTCPChannel[bytes], Tunnel]:
            options = {"window": TUNNEL_WINDOW_BYTES, "max_pktsize": PACKET_BYTES}
            return await self._ssh.create_connection(factory, host, port, **options)  # type: ignore[arg-type,return-value]  # asyncssh returns what the factory made

        channel, session = await self._reach(start, port)
        self._hold(channel.wait_closed())
        return session

    async def dial(
        self, port: int, host: str = "127.0.0.1"
    ) -> tuple[asyncssh.SSHReader[bytes], asyncssh.SSHWriter[bytes]]:
        """A TCP connection from inside the workspace, as a pair of streams.

        Raises:
            ConnectionRefusedError: nothing listens on that port.
            PermissionError: the host is not in the workspace's network.
        """

        async def start() -> tuple[asyncssh.SSHReader[bytes], asyncssh.SSHWriter[bytes]]:
            return await self._ssh.open_connection(host, port, window=TUNNEL_WINDOW_BYTES, max_pktsize=PACKET_BYTES)

        reader, writer = await self._reach(start, port)
        self._hold(writer.channel.wait_closed())
        return reader, writer

    # --- sessions ------------------------------------------------------------------------------------------------

    async def start(
        self, command: str | None, *, env: Mapping[str, str] | None = None, pty: PtySize | None = None, term: str = ""
    ) -> asyncssh.SSHClientProcess[bytes]:
        """Start a command (None: the login shell) as the remote user, with a terminal where `pty` is given."""
        return await self._session(command, env=dict(env or {}), **_pty(pty, term))

    async def run(self, command: str, *, stdin: bytes = b"", timeout_seconds: float | None = None) -> Completed:
        """Run a command to its end.

        Raises:
            TimeoutError: it took longer; it has been told to end.
        """
        process = await self.start(command)
        try:
            async with asyncio.timeout(timeout_seconds):
                stdout, stderr = await process.communicate(stdin)
                await process.wait_closed()
        finally:
            process.close()
        if process.returncode is None:
            raise self._unreachable()
        return Completed(process.returncode, bytes(stdout or b""), bytes(stderr or b""))

    async def terminal(
        self, name: str, size: PtySize, term: str = "xterm-256color", env: Mapping[str, str] | None = None
    ) -> asyncssh.SSHClientProcess[bytes]:
        """Attach to a named terminal, which outlives this connection; `env` says how (core/terminal.py)."""
        subsystem = f"{TERMINAL_SUBSYSTEM} {name}"
        return await self._session(None, subsystem=subsystem, env=dict(env or {}), **_pty(size, term))

    async def ssh(self, factory: Callable[[], Session]) -> Session:
        """A person's SSH connection to the workspace itself, as the raw bytes of a channel; both end together.

        No credential is asked for inside: who calls this has authorised the person. `factory` makes the session that
        receives the bytes, as with `tunnel`.
        """

        async def start() -> tuple[asyncssh.SSHClientChannel[bytes], Session]:
            options: dict[str, Any] = {"window": TUNNEL_WINDOW_BYTES, "max_pktsize": PACKET_BYTES}
            return await self._ssh.create_session(factory, subsystem=SSH_SUBSYSTEM, encoding=None, **options)  # type: ignore[return-value]  # asyncssh returns what the factory made

        channel, session = await self._reach(start)
        self._hold(channel.wait_closed())
        return session

    async def ssh_stream(self, person: str, resume_seconds: int | None) -> asyncssh.SSHClientProcess[bytes]:
        """The same on stdin and stdout; resumable (core/stream.py) where `resume_seconds` is given.

        Args:
            person: the person's id; nobody else can go on with her streams.
            resume_seconds: how long the agent waits for a client that was lost; None: the bytes are SSH's own.
        """
        resumable = f"{STREAM_SUBSYSTEM} {quote(person, safe='')} {resume_seconds}"
        subsystem = SSH_SUBSYSTEM if resume_seconds is None else resumable
        return await self._session(None, subsystem=subsystem, window=TUNNEL_WINDOW_BYTES, max_pktsize=PACKET_BYTES)

    async def files(self, request: FilesRequest) -> asyncssh.SSHClientProcess[bytes]:
        """A transfer of files, as the remote user (agent/files.py)."""
        subsystem = f"{FILES_SUBSYSTEM} {json.dumps(dump(request))}"
        return await self._session(None, subsystem=subsystem, window=TUNNEL_WINDOW_BYTES, max_pktsize=PACKET_BYTES)

    async def sftp(self) -> asyncssh.SFTPClient:
        """The workspace's files, as the remote user."""
        client = await self._reach(self._ssh.start_sftp_client)
        self._hold(client.wait_closed())
        return client

    async def hear_questions(self, reply: Reply) -> None:
        """Answer what the workspace asks, for as long as the link lives; it keeps no link from being idle.

        Raises:
            Problem: `agent_unreachable`; also where the agent is of a version that asks nothing.
        """

        async def start() -> QuestionsChannel:
            _, session = await self._ssh.create_session(
                lambda: QuestionsChannel(reply), subsystem=QUESTIONS_SUBSYSTEM, encoding=None
            )
            return session  # type: ignore[return-value]  # asyncssh returns what the factory made

        await self._reach(start)

    async def _open_control(self, factory: Callable[[], ControlChannel]) -> ControlChannel:
        async def start() -> ControlChannel:
            _, session = await self._ssh.create_session(factory, subsystem=CONTROL_SUBSYSTEM, encoding=None)
            return session  # type: ignore[return-value]  # asyncssh returns what the factory made

        return await self._reach(start)

    async def _session(self, command: str | None, **options: Any) -> asyncssh.SSHClientProcess[bytes]:
        async def start() -> asyncssh.SSHClientProcess[bytes]:
            return await self._ssh.create_process(command, encoding=None, **options)

        process = await self._reach(start)
        self._hold(process.wait_closed())
        return process

    # --- life ----------------------------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether the connection is gone."""
        return self._connection.loss.reason.done()

    @property
    def idle_seconds(self) -> float:
        """For how long nothing has been open; 0 while something is."""
        return 0.0 if self._channels or self.control.busy else self._loop.time() - self._used_at

    def on_close(self, tell: Callable[[], None]) -> None:
        """Have `tell` called, once, when the connection ends."""
        self._connection.loss.reason.add_done_callback(lambda _: tell())

    async def close(self) -> None:
        """End the connection and everything in it."""
        self._ssh.close()
        try:
            async with asyncio.timeout(2):
                await self._ssh.wait_closed()
        except TimeoutError:
            self._ssh.abort()
        if self._connection.pipe is not None:
            await self._connection.pipe.end()

    def _on_loss(self, _reason: asyncio.Future[Exception | None]) -> None:
        if self._connection.pipe is not None:
            self._keep(self._connection.pipe.end())

    def _unreachable(self) -> Problem:
        reason = self._connection.loss.reason
        error = reason.result() if reason.done() else None
        words = "" if error is None else f" {error}"
        return Problem("agent_unreachable", f"The connection to the agent was lost.{words}")

    async def _reach(self, start: Callable[[], Awaitable[T]], port: int = 0) -> T:
        if self.closed:
            raise self._unreachable()
        try:
            return await start()
        except asyncssh.ChannelOpenError as error:
            if self._connection.loss.reason.done() or not port:
                raise self._unreachable() from error
            if error.code == OPEN_ADMINISTRATIVELY_PROHIBITED:
                raise PermissionError("the agent reaches nothing beyond the workspace's own network") from error
            raise ConnectionRefusedError(f"nothing listens on port {port} in the workspace") from error
        except (asyncssh.Error, OSError) as error:
            raise self._unreachable() from error

    def _hold(self, closing: Awaitable[None]) -> None:
        """Count a channel as open until it is closed."""
        self._channels += 1

        async def wait() -> None:
            try:
                await closing
            finally:
                self._channels -= 1
                self._used_at = self._loop.time()

        self._keep(wait())

    def _keep(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._closings.add(task)
        task.add_done_callback(self._closings.discard)


def _pty(size: PtySize | None, term: str) -> dict[str, Any]:
    if size is None:
        return {}
    return {"term_type": term or "xterm-256color", "term_size": (size.cols, size.rows)}
