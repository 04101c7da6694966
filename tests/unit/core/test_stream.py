"""A stream loses and repeats no byte, wherever its connections break."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrel.core import stream as protocol
from carrel.core.stream import Frames, Hello, Kind, Refusal, Stream, StreamError, Welcome, frame

WINDOW = 64


class End:
    """One end with its owner: what is to be sent, what came, and how much of that was taken."""

    def __init__(self, to_send: bytes, window: int = WINDOW) -> None:
        self.stream = Stream(window)
        self._left = to_send
        self.came = bytearray()
        self._waiting = 0
        self.frames = Frames()

    def write(self, most: int) -> None:
        piece = self._left[: min(most, max(0, self.stream.room))]
        self._left = self._left[len(piece) :]
        if piece:
            self.stream.write(piece)
        if not self._left:
            self.stream.end()

    def hear(self, data: bytes) -> None:
        for kind, content in self.frames.feed(data):
            fresh = self.stream.receive(kind, content)
            self.came += fresh
            self._waiting += len(fresh)

    def take(self, most: int) -> None:
        count = min(most, self._waiting)
        self._waiting -= count
        self.stream.consume(count)


class Wire:
    """Two ends and a connection between them, which may break at any byte."""

    def __init__(self, up: bytes, down: bytes, window: int = WINDOW) -> None:
        self.client, self.agent = End(up, window), End(down, window)
        self._under_way = {self.client: b"", self.agent: b""}
        self.connect()

    def connect(self) -> None:
        to_client, to_agent = self.client.stream.taken, self.agent.stream.taken
        self.agent.stream.connect(to_client)
        self.client.stream.connect(to_agent)

    def cut(self) -> None:
        for end in (self.client, self.agent):
            end.stream.disconnect()
            end.frames = Frames()
            self._under_way[end] = b""
        self.connect()

    def move(self, delivered: int) -> None:
        """Each side sends; so many bytes arrive on each way."""
        for sender, receiver in ((self.client, self.agent), (self.agent, self.client)):
            self._under_way[receiver] += sender.stream.pull(WINDOW)
            data = self._under_way[receiver][:delivered]
            self._under_way[receiver] = self._under_way[receiver][len(data) :]
            receiver.hear(data)

    def finish(self) -> None:
        for _ in range(2000):
            for end in (self.client, self.agent):
                end.write(WINDOW)
                end.take(WINDOW)
            self.move(10_000)
            if self.client.stream.is_delivered and self.agent.stream.is_delivered:
                return
        raise AssertionError("the two sides wait for each other")


UP, DOWN = bytes(range(150)), bytes(range(250, 50, -1))


@pytest.mark.parametrize("second", [1, 7, 40, 137])
def test_a_cut_after_any_number_of_bytes_loses_and_repeats_none(second: int) -> None:
    for first in range(400):
        wire = Wire(UP, DOWN)
        for end in (wire.client, wire.agent):
            end.write(WINDOW)
        wire.move(first)
        wire.client.take(first // 2)
        wire.agent.take(first)
        wire.cut()
        wire.move(second)
        wire.cut()
        wire.finish()
        assert (bytes(wire.agent.came), bytes(wire.client.came)) == (UP, DOWN)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["write", "take", "move", "cut"]), st.sampled_from(["client", "agent"]), st.integers(0, 90)
    ),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(up=st.binary(max_size=400), down=st.binary(max_size=400), steps=STEPS)
def test_any_history_of_writes_and_cuts_delivers_both_directions_whole(
    up: bytes, down: bytes, steps: list[tuple[str, str, int]]
) -> None:
    wire = Wire(up, down)
    for step, who, amount in steps:
        end = wire.client if who == "client" else wire.agent
        if step == "write":
            end.write(amount)
        elif step == "take":
            end.take(amount)
        elif step == "move":
            wire.move(amount)
        else:
            wire.cut()
        assert len(end.stream._kept) <= WINDOW, "what is kept is bounded by the window"
    wire.finish()
    assert (bytes(wire.agent.came), bytes(wire.client.came)) == (up, down)


def test_a_sender_stops_a_window_ahead_of_what_was_taken() -> None:
    wire = Wire(b"", bytes(1000))
    for _ in range(50):
        wire.agent.write(1000)
        wire.move(10_000)
    assert len(wire.client.came) == WINDOW
    assert wire.agent.stream.room == 0
    wire.client.take(WINDOW // 2)
    wire.move(10_000)
    wire.agent.write(1000)
    wire.move(10_000)
    assert len(wire.client.came) == WINDOW + WINDOW // 2


def test_without_a_connection_nothing_is_sent_and_all_is_kept() -> None:
    one = Stream(WINDOW)
    one.write(b"abc")
    assert one.pull(100) == b""
    one.connect(0)
    assert one.pull(100)
    one.disconnect()
    one.write(b"d")
    one.connect(0)
    [(kind, content)] = Frames().feed(one.pull(100))
    assert (kind, content[8:]) == (Kind.DATA, b"abcd")


def test_more_than_the_window_may_be_written_but_is_not_sent() -> None:
    one = Stream(WINDOW)
    one.write(bytes(10 * WINDOW))
    one.connect(0)
    sent = sum(len(content) - 8 for _, content in Frames().feed(one.pull(10_000)))
    assert (sent, one.room) == (WINDOW, -9 * WINDOW)


@pytest.mark.parametrize(
    ("kind", "number", "data"),
    [
        (Kind.DATA, 11, b"x"),
        (Kind.DATA, 10, bytes(WINDOW + 1)),
        (Kind.END, 9, b""),
        (Kind.END, 11, b""),
        (Kind.ACK, 1, b""),
        (Kind.ACK, 0, b"more"),
        (Kind.HELLO, 0, b""),
        (99, 0, b""),
    ],
)
def test_what_cannot_be_is_refused(kind: int, number: int, data: bytes) -> None:
    one = Stream(WINDOW)
    one.connect(0)
    one.consume(len(one.receive(Kind.DATA, bytes(8) + b"0123456789")))
    with pytest.raises(StreamError):
        one.receive(kind, number.to_bytes(8, "big") + data)


def test_bytes_after_the_end_are_refused_and_the_end_may_be_repeated() -> None:
    one = Stream(WINDOW)
    one.connect(0)
    for _ in range(2):
        one.receive(Kind.END, bytes(8))
    assert one.is_over
    with pytest.raises(StreamError):
        one.receive(Kind.DATA, (1).to_bytes(8, "big") + b"x")


@pytest.mark.parametrize("taken", [0, 11, 2**64 - 1])
def test_a_connection_from_elsewhere_does_not_fit(taken: int) -> None:
    one = Stream(WINDOW)
    one.connect(0)
    one.write(b"0123456789")
    one.pull(100)
    one.receive(Kind.ACK, (5).to_bytes(8, "big"))
    one.disconnect()
    with pytest.raises(StreamError):
        one.connect(taken)


def test_nothing_is_written_after_the_end() -> None:
    one = Stream()
    one.end()
    with pytest.raises(ValueError, match="ended"):
        one.write(b"x")


@given(st.binary(min_size=16, max_size=16), st.booleans(), st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1))
def test_hello_and_welcome_come_back_as_they_were(name: bytes, is_new: bool, taken: int, seconds: int) -> None:
    said, answered = Hello(name, is_new, taken), Welcome(taken, seconds)
    [(first, one), (second, other)] = Frames().feed(protocol.hello(said) + protocol.welcome(answered))
    assert (first, second) == (Kind.HELLO, Kind.WELCOME)
    assert protocol.read_hello(one) == said
    assert protocol.read_welcome(other) == answered


def test_a_refusal_says_why() -> None:
    [(kind, content)] = Frames().feed(protocol.refused(Refusal.TAKEN, "elsewhere"))
    error = protocol.read_refused(content)
    assert (kind, error.reason, str(error)) == (Kind.REFUSED, Refusal.TAKEN, "elsewhere")


@pytest.mark.parametrize("content", [b"", bytes(25), bytes(26), b"\x02" + bytes(25)])
def test_another_version_is_not_understood(content: bytes) -> None:
    with pytest.raises(StreamError):
        protocol.read_hello(content)
    with pytest.raises(StreamError):
        protocol.read_welcome(content)


@given(st.lists(st.tuples(st.sampled_from(list(Kind)), st.binary(max_size=40)), max_size=8), st.integers(1, 9))
def test_frames_are_the_same_however_they_arrive(sent: list[tuple[Kind, bytes]], size: int) -> None:
    whole = b"".join(frame(kind, content) for kind, content in sent)
    frames = Frames()
    found = [one for at in range(0, len(whole), size) for one in frames.feed(whole[at : at + size])]
    assert found == sent


def test_a_frame_of_absurd_length_is_refused_before_it_is_collected() -> None:
    with pytest.raises(StreamError):
        list(Frames().feed(b"\x03\xff\xff\xff\xff"))
