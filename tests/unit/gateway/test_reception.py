"""A client whose workspace does not run."""

from __future__ import annotations

from typing import Any, cast

import pytest
from tests.unit.gateway.wire import Wire

from carrel.gateway import packets
from carrel.gateway.packets import Open, string, uint32
from carrel.gateway.reception import Reception, Refused, TooMuch

SESSION = Open(b"session", 7, 2000, 500, b"").packet()


def asking(kind: bytes, rest: bytes = b"", *, wants_reply: bool = True) -> bytes:
    return bytes((packets.REQUEST,)) + uint32(0) + string(kind) + bytes((wants_reply,)) + rest


PTY = asking(b"pty-req", string(b"xterm"))
ENV = asking(b"env", string(b"A") + string(b"b"), wants_reply=False)
SHELL = asking(b"shell")


class Desk:
    def __init__(self) -> None:
        self.wire = Wire()
        self.asked: list[bool] = []
        self.reception = Reception(cast("Any", self.wire), self.asked.append)

    def hears(self, *said: bytes) -> list[bytes]:
        for packet in said:
            self.wire.says(packet)
        return self.wire.taken()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_session_has_an_empty_window_and_its_program_is_not_answered(desk: Desk) -> None:
    granted = packets.about(packets.SUCCESS, 7)
    assert desk.hears(SESSION, PTY, ENV) == [packets.open_confirmation(7, 0, 0, 32768), granted]
    assert desk.asked == []
    assert desk.hears(SHELL) == []
    assert desk.asked == [True]


def test_it_is_refused_with_a_line_and_status_255(desk: Desk) -> None:
    desk.hears(SESSION, SHELL)
    assert desk.asked == [False]
    desk.reception.refuse("blog is stopped.")
    assert desk.wire.taken() == [
        packets.about(packets.SUCCESS, 7),
        packets.stderr_data(7, b"carrel: blog is stopped.\n"),
        packets.exit_status(7, 255),
        packets.about(packets.EOF, 7),
        packets.about(packets.CLOSE, 7),
    ]
    again = desk.hears(SESSION, PTY, SHELL)
    assert packets.stderr_data(7, b"carrel: blog is stopped.\r\n") in again, "a later session of the same connection"


def test_forwardings_are_refused_with_the_reason(desk: Desk) -> None:
    forward = Open(b"direct-tcpip", 3, 1, 1, b"...").packet()
    asking_all = bytes((packets.GLOBAL_REQUEST,)) + string(b"tcpip-forward") + b"\1"
    assert desk.hears(asking_all, forward) == []
    assert desk.asked == [False]
    desk.reception.refuse("stopped")
    assert desk.wire.taken() == [bytes((packets.REQUEST_FAILURE,)), packets.open_failure(3, 2, "stopped")]


def test_what_was_kept_is_replayed_less_what_was_told(desk: Desk) -> None:
    forward = Open(b"direct-tcpip", 8, 1, 1, b"...").packet()
    desk.hears(SESSION, PTY, ENV, SHELL, forward)  # the terminal was granted: the agent is not to answer again
    desk.reception.tell("starting")
    assert desk.wire.taken() == [packets.stderr_data(7, b"starting\r\n")]
    opening = desk.reception.opening()
    assert opening is not None
    assert Open.read(opening).window == 2000 - len(b"starting\r\n")
    confirmation = packets.open_confirmation(7, 0, 4096, 100)
    assert desk.reception.is_confirmation(confirmation)
    assert not desk.reception.is_confirmation(packets.open_confirmation(8, 1, 1, 1))
    assert desk.reception.confirmed(confirmation) == packets.window_adjust(7, 4096)
    assert desk.reception.kept() == [asking(b"pty-req", string(b"xterm"), wants_reply=False), ENV, SHELL, forward]


@pytest.mark.parametrize("answer", [packets.open_confirmation(7, 5, 1, 1), packets.open_failure(7, 1, "no")])
def test_an_agent_that_numbers_otherwise_or_refuses_ends_it(desk: Desk, answer: bytes) -> None:
    desk.hears(SESSION, SHELL)
    with pytest.raises(Refused):
        desk.reception.confirmed(answer)


def test_keepalives_are_answered_and_a_flood_is_not_kept(desk: Desk) -> None:
    alive = bytes((packets.GLOBAL_REQUEST,)) + string(b"keepalive@openssh.com") + b"\1"
    assert desk.hears(alive) == [bytes((packets.REQUEST_FAILURE,))]
    desk.hears(SESSION)
    with pytest.raises(TooMuch):
        desk.hears(*[ENV] * 3000)


def test_a_client_that_hangs_up_is_let_go(desk: Desk) -> None:
    desk.hears(SESSION, packets.about(packets.CLOSE, 0))
    assert desk.wire.ended


def test_few_long_packets_are_too_much_as_well(desk: Desk) -> None:
    desk.hears(SESSION)
    with pytest.raises(TooMuch):
        desk.hears(*[bytes((packets.DATA,)) + bytes(200_000)] * 8)
