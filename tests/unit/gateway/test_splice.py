"""What passes between a client and an agent, and what does not."""

from __future__ import annotations

from typing import Any, cast

import pytest
from tests.unit.gateway.wire import Wire

from carrel.gateway import packets
from carrel.gateway.packets import Malformed, Open, Request, string, uint32
from carrel.gateway.policy import REFUSED
from carrel.gateway.splice import MOST_CHANNELS, Moved, Splice


class Ends:
    def __init__(self) -> None:
        self.client, self.agent, self.moved, self.now = Wire(), Wire(), Moved(), 0.0
        self.splice = Splice(cast("Any", self.client), cast("Any", self.agent), self.moved, lambda: self.now)


@pytest.fixture
def ends() -> Ends:
    return Ends()


def opening(kind: bytes, number: int = 0) -> bytes:
    return Open(kind, number, 1000, 500, b"").packet()


def asking(kind: bytes, rest: bytes = b"", *, wants_reply: bool = True, number: int = 0) -> bytes:
    return bytes((packets.REQUEST,)) + uint32(number) + string(kind) + bytes((wants_reply,)) + rest


def asking_all(kind: bytes, *, wants_reply: bool = True) -> bytes:
    return bytes((packets.GLOBAL_REQUEST,)) + string(kind) + bytes((wants_reply,))


def data(text: bytes) -> bytes:
    return bytes((packets.DATA,)) + uint32(0) + string(text)


def test_packets_pass_as_they_are(ends: Ends) -> None:
    for packet in (
        opening(b"session"),
        data(b"x" * 1000),
        asking(b"pty-req", string(b"xterm") + uint32(80)),
        asking(b"exec", string(b"true")),
        asking(b"signal", string(b"TERM"), wants_reply=False),
        asking(b"subsystem", string(b"sftp")),
        asking_all(b"tcpip-forward"),
        asking_all(b"keepalive@openssh.com"),
        packets.about(packets.EOF, 0),
        packets.about(packets.CLOSE, 0),
    ):
        ends.client.says(packet)
        assert ends.agent.taken() == [packet]
    for packet in (
        packets.open_confirmation(0, 0, 1, 1),
        data(b"out"),
        packets.stderr_data(0, b"err"),
        packets.exit_status(0, 7),
        opening(b"forwarded-tcpip", 5),
        packets.window_adjust(0, 9),
        asking_all(b"keepalive@openssh.com"),
    ):
        ends.agent.says(packet)
        assert ends.client.taken() == [packet]


@pytest.mark.parametrize("name", [b"carrel-control", b"carrel-terminal main", b"carrel-ssh", b"carrel-stream x 1", b""])
def test_subsystems_of_the_control_plane_fail_at_the_agent_in_their_turn(ends: Ends, name: bytes) -> None:
    ends.client.says(asking(b"subsystem", string(name), number=3))
    [sent] = ends.agent.taken()
    request = Request.read(sent)
    assert (request.kind, request.wants_reply, request.number) == (b"subsystem", True, 3)
    assert request.rest == string(REFUSED)


def test_global_requests_that_are_not_for_people_have_a_name_that_nobody_knows(ends: Ends) -> None:
    ends.client.says(asking_all(b"streamlocal-forward@openssh.com"))
    assert Request.read(ends.agent.taken()[0]).kind == REFUSED
    ends.agent.says(asking_all(b"hostkeys-00@openssh.com", wants_reply=False))
    assert ends.client.taken() == [], "the agent's host key is not the gateway's"
    ends.agent.says(asking_all(b"anything", wants_reply=True))
    assert Request.read(ends.client.taken()[0]).kind == REFUSED


@pytest.mark.parametrize("kind", [b"x11", b"tun@openssh.com", b"forwarded-tcpip", b"auth-agent@openssh.com", b""])
def test_clients_open_no_other_channels(ends: Ends, kind: bytes) -> None:
    ends.client.says(opening(kind, 4))
    assert ends.agent.taken() == []
    assert ends.client.taken()[0][:5] == bytes((packets.OPEN_FAILURE,)) + uint32(4)


def test_a_workspace_opens_an_agent_channel_only_once_the_client_asked_for_it(ends: Ends) -> None:
    ends.agent.says(opening(b"auth-agent@openssh.com", 4))
    assert ends.client.taken() == []
    assert ends.agent.taken()[0][0] == packets.OPEN_FAILURE
    ends.client.says(asking(b"auth-agent-req@openssh.com"))
    ends.agent.says(opening(b"auth-agent@openssh.com", 5))
    assert ends.client.taken() == [opening(b"auth-agent@openssh.com", 5)]
    ends.agent.says(opening(b"session", 6))
    assert ends.client.taken() == []


def test_channels_are_bounded_and_counted(ends: Ends) -> None:
    for number in range(MOST_CHANNELS):
        ends.client.says(opening(b"direct-tcpip", number))
    assert len(ends.agent.taken()) == MOST_CHANNELS
    ends.client.says(opening(b"session", 999))
    assert ends.agent.taken() == []
    assert ends.client.taken()[0][:5] == bytes((packets.OPEN_FAILURE,)) + uint32(999)
    ends.agent.says(packets.open_failure(0, 2, "no"))
    ends.client.says(packets.about(packets.CLOSE, 1))
    assert (ends.moved.open, ends.moved.opened) == (MOST_CHANNELS - 2, MOST_CHANNELS)


def test_a_slow_reader_holds_back_the_writer(ends: Ends) -> None:
    ends.client.on_pressure(True)
    assert ends.agent.paused
    assert ends.splice.is_held
    ends.now = 500.0
    ends.client.on_pressure(False)
    assert not ends.agent.paused
    assert ends.splice.heard_at == 500.0, "nobody could be heard while nobody listened"
    ends.agent.on_pressure(True)
    assert ends.client.paused


@pytest.mark.parametrize(
    "packet",
    [
        bytes((packets.OPEN,)),
        bytes((packets.OPEN,)) + uint32(2**31) + b"session",
        bytes((packets.REQUEST,)) + uint32(0),
        bytes((packets.REQUEST,)) + uint32(0) + string(b"exec"),
        asking(b"subsystem", uint32(50) + b"short"),
        bytes((packets.GLOBAL_REQUEST,)) + uint32(9),
    ],
    ids=["nothing", "long", "no kind", "no reply", "short name", "short kind"],
)
def test_a_malformed_packet_ends_the_connection(ends: Ends, packet: bytes) -> None:
    with pytest.raises(Malformed):
        ends.client.says(packet)
