"""Streams that wait for their clients are bounded in number and time."""

from __future__ import annotations

import asyncio
from typing import Any

from carrel.agent.byte_transport import ByteTransport
from carrel.agent.session import Request
from carrel.agent.streams import DETACHED_LIMIT, Streams, StreamSession
from carrel.core.agent import STREAM_SUBSYSTEM
from carrel.core.stream import Frames, Hello, Kind, hello


class Channel:
    """Takes what is written."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data

    def is_closing(self) -> bool:
        return False

    def kinds(self) -> list[int]:
        return [kind for kind, _ in Frames().feed(self.written)]


class Ssh:
    """The SSH server behind a stream."""

    def __init__(self, transport: ByteTransport) -> None:
        self.transport = transport
        self.is_lost = False

    def data_received(self, data: bytes) -> None:
        self.transport.write(data.upper())

    def connection_lost(self, _error: Exception | None) -> None:
        self.is_lost = True


class Servers:
    """Makes them."""

    def __init__(self) -> None:
        self.made: list[Ssh] = []

    def serve(self, transport: ByteTransport) -> Any:
        self.made.append(Ssh(transport))
        return self.made[-1]


def come(streams: Streams, number: int, *, seconds: str = "60", is_new: bool = True) -> tuple[StreamSession, Channel]:
    """A client comes with the id of this number."""
    channel: Any = Channel()
    session = streams.session(Request("subsystem", f"{STREAM_SUBSYSTEM} u1 {seconds}"), channel)
    session.received(hello(Hello(number.to_bytes(16, "big"), is_new, 0)))
    return session, channel


async def test_one_more_than_may_wait_ends_the_one_that_waits_longest() -> None:
    servers = Servers()
    streams = Streams(servers)
    for number in range(DETACHED_LIMIT + 1):
        session, channel = come(streams, number)
        assert channel.kinds() == [Kind.WELCOME]
        session.lost()
    assert [ssh.is_lost for ssh in servers.made] == [True] + [False] * DETACHED_LIMIT
    assert come(streams, 0, is_new=False)[1].kinds() == [Kind.REFUSED]
    assert come(streams, 1, is_new=False)[1].kinds() == [Kind.WELCOME]


async def test_who_is_connected_is_never_ended_for_those_who_wait() -> None:
    servers = Servers()
    streams = Streams(servers)
    _, channel = come(streams, 10_000)
    for number in range(DETACHED_LIMIT + 1):
        come(streams, number)[0].lost()
    assert not servers.made[0].is_lost
    servers.made[0].transport.write(b"still served")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert channel.kinds() == [Kind.WELCOME, Kind.DATA]


async def test_a_full_channel_gets_no_more_until_it_has_room() -> None:
    servers = Servers()
    session, channel = come(Streams(servers), 1)
    session.paused()
    servers.made[0].transport.write(bytes(100_000))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert channel.kinds() == [Kind.WELCOME]
    session.resumed()
    assert channel.kinds() == [Kind.WELCOME, Kind.DATA, Kind.DATA]


async def test_absurd_times_are_bounded() -> None:
    for text, seconds in (("", 1), ("x", 1), ("0", 1), ("99999999", 86400), ("9" * 400, 1), ("-5", 1)):
        session, _ = come(Streams(Servers()), 1, seconds=text)
        assert session._seconds == seconds
