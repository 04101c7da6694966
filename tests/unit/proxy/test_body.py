"""Where bodies end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.proxy.body import BadBody, ChunkedBody, LengthBody, body_of
from carrel.proxy.head import CHUNKED, UNTIL_CLOSE


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(c), c) for c in chunks) + b"0\r\n\r\n"


def test_a_body_of_known_length_ends_there() -> None:
    body = LengthBody(5)
    assert body.feed(b"abc") == 3
    assert not body.done
    assert body.feed(b"defgh") == 2
    assert body.done


def test_a_body_of_no_length_is_done_at_once() -> None:
    assert body_of(0).done


def test_a_body_until_close_is_never_done() -> None:
    body = body_of(UNTIL_CLOSE)
    assert body.feed(b"x" * 100) == 100
    assert not body.done


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=8), st.data())
def test_a_chunked_body_ends_at_the_same_byte_however_it_is_cut(chunks: list[bytes], data: st.DataObject) -> None:
    encoded = chunked(*chunks)
    stream = encoded + b"GET /next"
    body = body_of(CHUNKED, keep_payload=True)
    taken = 0
    while not body.done:
        size = data.draw(st.integers(1, 50))
        piece = stream[taken : taken + size]
        taken += body.feed(piece)
    assert taken == len(encoded)
    assert isinstance(body, ChunkedBody)
    assert b"".join(body.payload) == b"".join(chunks)


@pytest.mark.parametrize(
    "encoded",
    [
        b"g\r\n",
        b"0x5\r\nhello\r\n",
        b"-1\r\n",
        b"+5\r\nhello\r\n",
        b" 5\r\nhello\r\n",
        b"5 \r\nhello\r\n",
        b"\r\n",
        b"5\nhello\r\n",
        b"5\r\nhellox\r\n",
        b"5\r\nhello\n",
        b"5\r\nhello0\r\n\r\n",
        b"5;a\nb\r\nhello\r\n",
        b"5;a\rb\r\nhello\r\n",
        b"1_0\r\n",
        b"fffffffffffffffff\r\n",
        b"0\r\nX : 1\r\n\r\n",
        b"0\r\n folded\r\n\r\n",
        b"0\r\nX: 1\n\r\n",
        b"5;" + b"x" * 300 + b"\r\nhello\r\n",
        b"0\r\nX: " + b"x" * 9000,
    ],
)
def test_a_wrong_chunk_is_refused(encoded: bytes) -> None:
    with pytest.raises(BadBody):
        ChunkedBody().feed(encoded)


def test_extensions_and_trailers_are_let_through() -> None:
    encoded = b'5;name="value"\r\nhello\r\n0\r\nDigest: abc\r\nX: 1\r\n\r\n'
    body = ChunkedBody()
    assert body.feed(encoded + b"more") == len(encoded)
    assert body.done
