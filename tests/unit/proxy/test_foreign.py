"""Which protocol an app answers in."""

from __future__ import annotations

import pytest

from carrel.proxy.foreign import another_protocol

H2C = bytes.fromhex("00000c 04 00 00000000 000300000064 000400100000")


@pytest.mark.parametrize("whole", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 400 Bad\r\n"])
def test_http_is_http_however_little_has_come(whole: bytes) -> None:
    assert all(another_protocol(whole[:length]) is None for length in range(len(whole) + 1))


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (H2C, "HTTP/2"),
        (bytes.fromhex("000000 04 00 00000000"), "HTTP/2"),
        (b"\x15\x03\x01\x00\x02\x02\x16", "TLS"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not HTTP"),
        (b"-ERR unknown command\r\n", "not HTTP"),
        (b"\r\n", "not HTTP"),
    ],
)
def test_others_are_named(answer: bytes, word: str) -> None:
    said = another_protocol(answer)
    assert said is not None
    assert word in said[0]
    assert said[1]


def test_too_little_is_waited_for() -> None:
    assert another_protocol(H2C[:4]) is None
