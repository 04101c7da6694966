"""When `ssh-proxy` takes its connection for lost."""

from __future__ import annotations

from typing import Any

import pytest

from carrel.cli.resuming import AFTER_SLEEP_SECONDS, PING_SECONDS, SILENCE_SECONDS, Clock, Resuming
from carrel.cli.web_socket import PING


class HandsOfTheClock(Clock):
    """Stands where a test puts it."""

    def __init__(self) -> None:
        self.at = 100.0
        self.slept = 0.0

    def now(self) -> float:
        return self.at

    def world(self) -> float:
        return self.at + self.slept


class Socket:
    """Takes what is sent."""

    def __init__(self) -> None:
        self.sent: list[int] = []

    def send(self, kind: int, _data: bytes) -> None:
        self.sent.append(kind)


@pytest.fixture
def clock() -> HandsOfTheClock:
    return HandsOfTheClock()


@pytest.fixture
def connected(clock: HandsOfTheClock) -> tuple[Resuming, Socket]:
    socket: Any = Socket()
    one = Resuming(lambda _: socket, lambda _: None, clock)
    one._socket = socket
    one._begin()
    socket.sent.clear()
    return one, socket


def test_a_silent_connection_is_asked_and_then_lost(clock: HandsOfTheClock, connected: tuple[Resuming, Socket]) -> None:
    one, socket = connected
    one._look_at_clock()
    clock.at += PING_SECONDS + 0.1
    one._look_at_clock()
    one._look_at_clock()
    assert socket.sent == [PING]
    clock.at += SILENCE_SECONDS + 0.1
    with pytest.raises(ConnectionResetError):
        one._look_at_clock()


def test_after_a_sleep_it_is_asked_at_once_and_waited_for_shortly(
    clock: HandsOfTheClock, connected: tuple[Resuming, Socket]
) -> None:
    one, socket = connected
    clock.slept += 3600
    one._look_at_clock()
    assert socket.sent == [PING]
    clock.at += AFTER_SLEEP_SECONDS + 0.1
    with pytest.raises(ConnectionResetError):
        one._look_at_clock()
