"""Which messages of a WebSocket count as a person's."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import pytest

from carrel.core.agent import SignalKind
from carrel.proxy.sockets import AnySocket, EditorSocket, listener_for

EDITOR_TARGET = b"/stable-53c2f3253b?reconnectionToken=56243c1d&reconnection=false&skipWebSocketFrames=false"

# As VS Code 1.109 sends them: a head of 13 bytes, then the message.
HEAD = bytes.fromhex("0100000185000001510000002a")
PING = b"\x04\x04\x06d\x06\xa5\x06\x01\ttelemetry\x01\x04ping\x00"
STATE = b'\x04\x04\x06d\x06\xaa\x06\x01\x10remoteFilesystem\x01\twriteFile\x04\x03\x05\x9d\x02{"$mid":1}' + b"x" * 600
ACTIVE = b"\x01\x00\x00\x00`v\x18$onDidChangeWindowActive\x00\x00\x00\x06[true]"
INACTIVE = b"\x01\x00\x00\x00`v\x18$onDidChangeWindowActive\x00\x00\x00\x07[false]"
EDIT = b'\x01\x00\x00\x02_Y\x13$acceptModelChanged\x00\x00\x00\x9e[{"$mid":1},{"changes":[]}]'


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Reports:
    def __init__(self) -> None:
        self.kinds: list[SignalKind] = []

    def __call__(self, kind: SignalKind) -> None:
        self.kinds.append(kind)

    def since(self) -> list[SignalKind]:
        kinds, self.kinds = self.kinds, []
        return kinds


class Window:
    """A VS Code window's socket, from the browser's side."""

    def __init__(self, *, compressed: bool = True, keeps_context: bool = True) -> None:
        self.reports = Reports()
        extensions = b"permessage-deflate" + (b"" if keeps_context else b"; client_no_context_takeover")
        self.listener = listener_for(EDITOR_TARGET, extensions, self.reports, Time())
        self._compressed = compressed
        self._keeps_context = keeps_context
        self._deflater = zlib.compressobj(wbits=-15)

    def send(self, message: bytes, pieces: int = 1) -> list[SignalKind]:
        data = HEAD + message
        if self._compressed:
            data = (self._deflater.compress(data) + self._deflater.flush(zlib.Z_SYNC_FLUSH)).removesuffix(
                b"\0\0\xff\xff"
            )
            if not self._keeps_context:
                self._deflater = zlib.compressobj(wbits=-15)
        self.listener.message(len(data), compressed=self._compressed)
        step = len(data) // pieces + 1
        for start in range(0, len(data), step):
            self.listener.payload(data[start : start + step])
        self.listener.end()
        return self.reports.since()


WINDOWS = pytest.mark.parametrize(
    "window",
    [Window(), Window(compressed=False), Window(keeps_context=False)],
    ids=["compressed", "plain", "compressed one by one"],
)


@WINDOWS
def test_an_idle_window_writes_and_does_not_count(window: Window) -> None:
    for _ in range(100):
        assert window.send(PING) == []
        assert window.send(STATE) == []


@WINDOWS
def test_a_person_who_comes_back_counts_until_a_minute_after_the_last_key(window: Window) -> None:
    assert set(window.send(ACTIVE)) == {SignalKind.EDITOR}
    assert window.send(PING) == [SignalKind.EDITOR]
    assert window.send(INACTIVE) == [SignalKind.EDITOR]
    assert window.send(PING) == []


@pytest.mark.parametrize("pieces", [2, 3, 40])
def test_the_word_may_be_cut_anywhere(pieces: int) -> None:
    assert Window(compressed=False).send(ACTIVE, pieces)
    assert Window().send(ACTIVE, pieces)


def test_typing_counts_before_the_window_has_said_anything() -> None:
    assert Window().send(EDIT) == [SignalKind.EDITOR]


def test_an_edit_in_a_window_that_is_left_alone_is_a_programs() -> None:
    window = Window()
    window.send(INACTIVE)
    assert window.send(EDIT) == []


def test_a_text_that_names_the_word_is_not_the_word() -> None:
    assert Window().send(b"see $onDidChangeWindowActive [true] in the manual") == []


def test_what_cannot_be_inflated_is_no_longer_looked_at() -> None:
    reports = Reports()
    socket = EditorSocket(reports, keeps_context=True)
    socket.message(5, compressed=True)
    socket.payload(b"\xff\xff\xff\xff\xff")
    socket.end()
    assert not socket.wants_payload
    assert not reports.kinds


def test_a_bomb_is_inflated_in_small_pieces() -> None:
    deflater = zlib.compressobj(wbits=-15)
    bomb = deflater.compress(bytes(50_000_000)) + deflater.flush(zlib.Z_SYNC_FLUSH)
    socket = EditorSocket(Reports(), keeps_context=True)
    socket.message(len(bomb), compressed=True)
    socket.payload(bomb)
    assert len(socket._text) <= 64


def at(times: Iterable[float], length: int = 40) -> list[bool]:
    clock, reports = Time(), Reports()
    socket = AnySocket(reports, clock)
    counted = []
    for now in times:
        clock.now = now
        socket.message(length, compressed=False)
        counted.append(bool(reports.since()))
    return counted


def test_heartbeats_of_any_app_do_not_count() -> None:
    assert not any(at(25.0 * n for n in range(100)))


def test_keys_typed_into_any_app_count() -> None:
    assert all(at([10 + 0.15 * n for n in range(30)], length=2)[2:])


def test_heartbeats_and_keys_are_told_apart_by_size() -> None:
    clock, reports = Time(), Reports()
    socket = AnySocket(reports, clock)
    for n in range(20):
        clock.now = 30.0 * n
        socket.message(60, compressed=False)
        if n == 10:
            for key in range(5):
                clock.now += 0.1 * key
                socket.message(2, compressed=False)
            assert len(reports.since()) == 3
    assert not reports.kinds


def test_only_the_editors_sockets_are_looked_into() -> None:
    assert isinstance(listener_for(EDITOR_TARGET, b"", Reports(), Time()), EditorSocket)
    assert not listener_for(b"/api/kernels/1/channels?session_id=2", b"", Reports(), Time()).wants_payload
