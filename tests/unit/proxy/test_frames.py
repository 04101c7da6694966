"""WebSocket frames, read along."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from carrel.proxy.frames import Boundaries, ClientFrames, close_frame


class Heard:
    def __init__(self) -> None:
        self.wants_payload = True
        self.lengths: list[tuple[int, bool]] = []
        self.messages: list[bytes] = []
        self._message = b""

    def message(self, length: int, *, compressed: bool) -> None:
        self.lengths.append((length, compressed))
        self._message = b""

    def payload(self, data: bytes) -> None:
        self._message += data

    def end(self) -> None:
        self.messages.append(self._message)


def frame(data: bytes, opcode: Opcode = Opcode.BINARY, *, fin: bool = True, compressed: bool = False) -> bytes:
    serialized = Frame(opcode, data, fin).serialize(mask=True)
    return bytes([serialized[0] | 0x40]) + serialized[1:] if compressed else serialized


@given(st.lists(st.binary(max_size=70_000), max_size=4), st.integers(1, 5000))
def test_messages_are_heard_however_the_bytes_are_cut(messages: list[bytes], size: int) -> None:
    heard = Heard()
    frames = ClientFrames(heard)
    stream = b"".join(frame(message) for message in messages)
    for start in range(0, len(stream), size):
        frames.feed(stream[start : start + size])
    assert heard.messages == messages
    assert heard.lengths == [(len(message), False) for message in messages]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_every_form_of_length_is_understood(size: int) -> None:
    heard = Heard()
    ClientFrames(heard).feed(frame(bytes(size)) + frame(b"next"))
    assert heard.lengths == [(size, False), (4, False)]


def test_control_frames_are_left_out_also_between_the_pieces_of_a_message() -> None:
    heard = Heard()
    ClientFrames(heard).feed(
        frame(b"ab", Opcode.TEXT, fin=False)
        + frame(b"ping", Opcode.PING)
        + frame(b"cd", Opcode.CONT, fin=False)
        + frame(b"pong", Opcode.PONG)
        + frame(b"", Opcode.CONT)
        + frame(b"", Opcode.CLOSE)
    )
    assert heard.messages == [b"abcd"]
    assert heard.lengths == [(2, False)]


def test_compression_is_told() -> None:
    heard = Heard()
    ClientFrames(heard).feed(frame(b"x", compressed=True))
    assert heard.lengths == [(1, True)]


def test_payload_is_not_collected_where_nobody_wants_it() -> None:
    heard = Heard()
    heard.wants_payload = False
    ClientFrames(heard).feed(frame(b"secret"))
    assert heard.messages == [b""]


def test_whatever_comes_nothing_is_raised() -> None:
    for _ in range(300):
        frames = ClientFrames(Heard())
        frames.feed(os.urandom(200))
        frames.feed(os.urandom(200))


def test_frames_that_no_client_sends_end_the_reading() -> None:
    heard = Heard()
    frames = ClientFrames(heard)
    frames.feed(Frame(Opcode.TEXT, b"unmasked").serialize(mask=False))
    frames.feed(frame(b"after"))
    assert heard.messages == []


@pytest.mark.parametrize("step", [1, 2, 3, 1000])
def test_a_frame_may_be_put_in_only_between_two(step: int) -> None:
    """Server's frames of every length form, fed in pieces; after each piece it is known whether a frame is complete."""
    frames = [b"\x82" + bytes((n,)) + bytes(n) for n in (0, 1, 125)]
    frames += [b"\x02\x7e" + (200).to_bytes(2, "big") + bytes(200), b"\x80\x7f" + (9).to_bytes(8, "big") + bytes(9)]
    ends, at = {0}, 0
    for frame in frames:
        at += len(frame)
        ends.add(at)
    stream, boundaries = b"".join(frames), Boundaries()
    for begin in range(0, len(stream), step):
        piece = stream[begin : begin + step]
        boundaries.feed(piece)
        assert boundaries.between == (begin + len(piece) in ends)


def test_a_close_frame_carries_its_code() -> None:
    assert close_frame(1012) == bytes.fromhex("880203f4")
