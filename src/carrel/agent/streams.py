"""SSH end to end: the subsystems `carrel-ssh`, a connection inside a channel, and `carrel-stream`, one that outlives it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

import asyncssh

from carrel.agent.byte_transport import ByteTransport
from carrel.agent.session import Channel, Request
from carrel.core.stream import (
    Frames,
    Hello,
    Kind,
    Refusal,
    Stream,
    StreamError,
    Welcome,
    read_hello,
    refused,
    welcome,
)

log = logging.getLogger("carrel.agent")

DETACHED_LIMIT = 64
"""Streams that wait for their client; one more ends the one that waits longest."""
PULL_BYTES = 256 << 10
SHORTEST_SECONDS, LONGEST_SECONDS = 1, 86400


class PersonServers(Protocol):
    """Makes the SSH server of one person's connection."""

    def serve(self, transport: ByteTransport) -> asyncssh.SSHServerConnection:
        """A server whose bytes come by its `data_received` and go to `transport`."""


class SshSession:
    """`carrel-ssh`: the channel's bytes are an SSH connection; both end together. A `Work`."""

    def __init__(self, channel: Channel, servers: PersonServers) -> None:
        """Serve on `channel`."""
        self._channel = channel
        self._over = asyncio.Event()
        self._ssh = servers.serve(ByteTransport(self._send, self._over.set))

    async def run(self) -> None:
        """Until the connection ends."""
        await self._over.wait()
        self._channel.exit(0)

    def _send(self, data: bytes) -> None:
        if not self._channel.is_closing():
            self._channel.write(data)

    def received(self, data: bytes) -> None:
        """Hand on."""
        if not self._over.is_set():
            self._ssh.data_received(data)

    def ended_input(self) -> None:
        """The client is gone."""
        self._ssh.eof_received()

    def resized(self, _cols: int, _rows: int) -> None:
        """Not a terminal."""

    def signalled(self, _name: str) -> None:
        """Not a process."""

    def paused(self) -> None:
        """What is under way is bounded by the client's windows."""

    def resumed(self) -> None:
        """As before."""

    def lost(self) -> None:
        """The client is gone."""
        self._ssh.connection_lost(None)
        self._over.set()


class Streams:
    """All streams of this agent, by the person that they belong to and the name that her client drew."""

    def __init__(self, servers: PersonServers) -> None:
        """There are none yet."""
        self._servers = servers
        self._held: dict[tuple[str, bytes], HeldStream] = {}

    def session(self, request: Request, channel: Channel) -> StreamSession:
        """The work of a `carrel-stream PERSON SECONDS` request."""
        _, _, rest = request.argument.partition(" ")
        person, _, seconds = rest.partition(" ")
        known = int(seconds) if seconds.isdecimal() and len(seconds) < 9 else 0
        return StreamSession(channel, self, person, min(max(known, SHORTEST_SECONDS), LONGEST_SECONDS))

    def ssh(self, channel: Channel) -> SshSession:
        """The work of a `carrel-ssh` request."""
        return SshSession(channel, self._servers)

    def find(self, person: str, said: Hello) -> HeldStream | None:
        """The stream that a client means; made where it is new."""
        key = (person, said.id)
        found = self._held.get(key)
        if found is None and said.is_new:
            found = self._held[key] = HeldStream(self._servers, lambda: self._held.pop(key, None))
        return found

    def make_room(self) -> None:
        """Too many wait for their clients: the one that has waited longest ends."""
        waiting = [held for held in self._held.values() if held.waits_since is not None]
        if len(waiting) > DETACHED_LIMIT:
            min(waiting, key=lambda held: held.waits_since or 0.0).end()


class HeldStream:
    """An SSH connection behind a stream; it lives on while no client is connected."""

    def __init__(self, servers: PersonServers, forget: Callable[[], object]) -> None:
        """Begin one; `forget` is called when it has ended."""
        self.stream = Stream()
        self.waits_since: float | None = None
        self._forget = forget
        self._loop = asyncio.get_running_loop()
        self._session: StreamSession | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._flush_is_due = False
        self._ssh = servers.serve(ByteTransport(self._written, self._closed))

    def attach(self, session: StreamSession, taken: int) -> None:
        """Go on with `session`, whose client has taken everything before `taken`; an earlier session is let go.

        Raises:
            StreamError: the client's place is not one of this stream.
        """
        self.stream.connect(taken)
        before, self._session = self._session, session
        if before is not None:
            before.refuse(Refusal.TAKEN, "Another connection has taken this stream over.")
        if self._expiry is not None:
            self._expiry.cancel()
        self.waits_since = self._expiry = None

    def detach(self, session: StreamSession, seconds: float) -> bool:
        """`session` has lost its client, who has `seconds` to come back; whether the stream waits for it."""
        if self._session is not session:
            return False
        self._session = None
        self.stream.disconnect()
        self.waits_since = self._loop.time()
        self._expiry = self._loop.call_later(seconds, self.end)
        return True

    def receive(self, kind: int, content: bytes) -> None:
        """Take a frame. Raises StreamError."""
        fresh = self.stream.receive(kind, content)
        if fresh:
            self._ssh.data_received(fresh)
            self.stream.consume(len(fresh))
        if self.stream.is_over or self.stream.is_delivered:
            self.end()

    def end(self) -> None:
        """The client is done, or does not come back."""
        self._forget()
        if self._expiry is not None:
            self._expiry.cancel()
        self._ssh.connection_lost(None)
        if self._session is not None:
            self._session.flush()
            self._session.finish()

    def _written(self, data: bytes) -> None:
        self.stream.write(data)
        self._flush_soon()

    def _closed(self) -> None:
        self.stream.end()
        self._flush_soon()

    def _flush_soon(self) -> None:
        """What is written in one turn of the loop goes out together."""
        if not self._flush_is_due:
            self._flush_is_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_is_due = False
        if self._session is not None:
            self._session.flush()


class StreamSession:
    """`carrel-stream`: one connection of a client to its stream. A `Work`."""

    def __init__(self, channel: Channel, streams: Streams, person: str, seconds: int) -> None:
        """Wait for the client's HELLO on `channel`."""
        self._channel = channel
        self._streams = streams
        self._person = person
        self._seconds = seconds
        self._frames = Frames()
        self._held: HeldStream | None = None
        self._is_writable = True
        self._over = asyncio.Event()

    async def run(self) -> None:
        """Until the stream ends, or goes on elsewhere."""
        await self._over.wait()
        self._channel.exit(0)

    def received(self, data: bytes) -> None:
        """Take the frames."""
        if self._over.is_set():
            return
        try:
            for kind, content in self._frames.feed(data):
                if self._held is None:
                    self._begin(kind, content)
                else:
                    self._held.receive(kind, content)
                if self._over.is_set():
                    return
        except StreamError as error:
            log.warning("stream_refused reason=%s", error)
            self.refuse(Refusal.PROTOCOL, f"{error}.")
            return
        self.flush()

    def _begin(self, kind: int, content: bytes) -> None:
        if kind != Kind.HELLO:
            raise StreamError("the first frame is no hello")
        said = read_hello(content)
        held = self._streams.find(self._person, said)
        if held is None:
            self.refuse(Refusal.UNKNOWN, "The session is gone: it waited too long, or the agent was restarted.")
            return
        held.attach(self, said.taken)
        self._held = held
        self._channel.write(welcome(Welcome(held.stream.taken, self._seconds)))

    def flush(self) -> None:
        """Send what the stream has, as long as the channel takes it."""
        if self._held is None:
            return
        while self._is_writable and not self._channel.is_closing():
            data = self._held.stream.pull(PULL_BYTES)
            if not data:
                return
            self._channel.write(data)

    def refuse(self, reason: Refusal, text: str) -> None:
        """Say why, and end."""
        if not self._channel.is_closing():
            self._channel.write(refused(reason, text))
        self._detach()
        self.finish()

    def finish(self) -> None:
        """Let the channel end."""
        self._over.set()

    def _detach(self) -> None:
        held, self._held = self._held, None
        if held is not None and held.detach(self, self._seconds):
            self._streams.make_room()

    def ended_input(self) -> None:
        """The client's connection is gone; the stream waits."""
        self._detach()
        self.finish()

    def resized(self, _cols: int, _rows: int) -> None:
        """Not a terminal."""

    def signalled(self, _name: str) -> None:
        """Not a process."""

    def paused(self) -> None:
        """Hold back: what is not sent stays in the stream."""
        self._is_writable = False

    def resumed(self) -> None:
        """Go on."""
        self._is_writable = True
        self.flush()

    def lost(self) -> None:
        """The client's connection is gone; the stream waits."""
        self._detach()
        self.finish()
