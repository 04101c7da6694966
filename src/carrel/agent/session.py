"""One SSH session channel: what it asks for is given to a `Work`, which lives until the channel ends."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

import asyncssh

log = logging.getLogger("carrel.agent")

ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
ENV_FORBIDDEN = re.compile(r"LD_.*|BASH_ENV|ENV|IFS|SHELLOPTS")
"""What changes how a program starts before it looks at its arguments."""
ENV_VALUE_LIMIT = 32768
ENV_COUNT_LIMIT = 64

Channel = asyncssh.SSHServerChannel[bytes]


@dataclass(frozen=True)
class Pty:
    """A PTY request."""

    term: str
    cols: int
    rows: int
    modes: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What a session channel asks for."""

    kind: str
    """`exec`, `shell` or `subsystem`."""
    argument: str = ""
    """The command line, or the subsystem with its arguments."""
    env: Mapping[str, str] = field(default_factory=dict)
    pty: Pty | None = None


class Work(Protocol):
    """What runs behind a session channel. Data may come before `run` has begun."""

    async def run(self) -> None:
        """Do it, and close the channel with an exit status."""

    def received(self, data: bytes) -> None:
        """The other side sent data."""

    def ended_input(self) -> None:
        """The other side will send no more."""

    def resized(self, cols: int, rows: int) -> None:
        """The other side's terminal has another size."""

    def signalled(self, name: str) -> None:
        """The other side sent a signal, named without SIG."""

    def paused(self) -> None:
        """The channel's buffer is full: write no more for now."""

    def resumed(self) -> None:
        """The channel's buffer has room again."""

    def lost(self) -> None:
        """The channel is gone."""


class Offers(Protocol):
    """Decides what a request becomes."""

    def accepts(self, request: Request) -> bool:
        """Whether there is such a thing."""

    def work(self, request: Request, channel: Channel) -> Work:
        """The work for an accepted request, which writes to `channel`."""

    def attached(self, request: Request) -> AbstractContextManager[None]:
        """Held while the work lasts."""

    def reached(self, port: int) -> Callable[[], None]:
        """A connection to a port of the workspace was asked for; what is returned is called at its end."""


class Session(asyncssh.SSHServerSession[bytes]):
    """Collects the request, then passes everything on to the work."""

    def __init__(self, offers: Offers) -> None:
        """Serve what `offers` has."""
        self._offers = offers
        self._channel: Channel | None = None
        self._pty: Pty | None = None
        self._request: Request | None = None
        self._work: Work | None = None
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, chan: Channel) -> None:
        """Remember the channel."""
        self._channel = chan

    def pty_requested(
        self, term_type: str, term_size: tuple[int, int, int, int], term_modes: Mapping[int, int]
    ) -> bool:
        """Remember the PTY."""
        self._pty = Pty(term_type or "xterm", term_size[0] or 80, term_size[1] or 24, dict(term_modes))
        return True

    def shell_requested(self) -> bool:
        """A log-in shell."""
        return self._accept("shell")

    def exec_requested(self, command: str) -> bool:
        """A command line."""
        return self._accept("exec", command)

    def subsystem_requested(self, subsystem: str) -> bool:
        """A subsystem."""
        return self._accept("subsystem", subsystem)

    def _accept(self, kind: str, argument: str = "") -> bool:
        assert self._channel is not None  # noqa: S101  asyncssh calls connection_made first
        self._request = Request(kind, argument, permitted_env(self._channel.get_environment_bytes()), self._pty)
        return self._offers.accepts(self._request)

    def session_started(self) -> None:
        """Start the work."""
        request, channel = self._request, self._channel
        assert request is not None  # noqa: S101  set before asyncssh calls this
        assert channel is not None  # noqa: S101  set in connection_made
        self._work = self._offers.work(request, channel)
        self._task = asyncio.get_running_loop().create_task(self._run(self._work, request, channel))

    async def _run(self, work: Work, request: Request, channel: Channel) -> None:
        try:
            with self._offers.attached(request):
                await work.run()
        except Exception:
            log.exception("session_failed")
            channel.exit(255)

    def data_received(self, data: bytes, _datatype: int | None) -> None:
        """Pass on."""
        if self._work is not None:
            self._work.received(data)

    def eof_received(self) -> bool:
        """Pass on; our own direction stays open."""
        if self._work is not None:
            self._work.ended_input()
        return True

    def terminal_size_changed(self, width: int, height: int, _pixwidth: int, _pixheight: int) -> None:
        """Pass on."""
        if self._work is not None:
            self._work.resized(width, height)

    def signal_received(self, signal: str) -> None:
        """Pass on."""
        if self._work is not None:
            self._work.signalled(signal)

    def pause_writing(self) -> None:
        """Pass on."""
        if self._work is not None:
            self._work.paused()

    def resume_writing(self) -> None:
        """Pass on."""
        if self._work is not None:
            self._work.resumed()

    def connection_lost(self, _exc: Exception | None) -> None:
        """Pass on."""
        if self._work is not None:
            self._work.lost()


def permitted_env(requested: Mapping[bytes, bytes]) -> dict[str, str]:
    """The variables of `env` requests that are taken over: well-formed, few, and none that steers the loader."""
    env: dict[str, str] = {}
    for raw_name, raw_value in requested.items():
        try:
            name, value = raw_name.decode("ascii"), raw_value.decode("utf-8", "surrogateescape")
        except UnicodeDecodeError:
            continue
        if not ENV_NAME.fullmatch(name) or ENV_FORBIDDEN.fullmatch(name) or "\0" in value:
            continue
        if len(raw_value) <= ENV_VALUE_LIMIT and len(env) < ENV_COUNT_LIMIT:
            env[name] = value
    return env
