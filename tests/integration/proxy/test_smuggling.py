"""Requests that two parsers could read in two ways never reach an app."""

from __future__ import annotations

import asyncio

import pytest
from tests.integration.proxy.conftest import Apps, Rig


class Recorder:
    """An app that answers and remembers every byte it got."""

    def __init__(self) -> None:
        self.got = bytearray()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            self.got += data
            for _ in range(data.count(b"\r\n\r\n")):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await writer.drain()


@pytest.fixture
async def recorder(rig: Rig, apps: Apps) -> tuple[Recorder, str]:
    recorder = Recorder()
    return recorder, rig.app(await apps.serve(recorder))


def with_head(rig: Rig, host: str, *lines: bytes, end: bytes = b"\r\n") -> bytes:
    fields = [b"Host: " + host.encode(), b"Cookie: " + rig.cookie(host).encode()]
    return end.join([lines[0], *fields, *lines[1:]]) + end + end


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"

SHAPES = {
    "CL.TE": (400, (b"POST / HTTP/1.1", b"Content-Length: 44", b"Transfer-Encoding: chunked"), b"0\r\n\r\n" + SMUGGLED),
    "TE.CL": (
        400,
        (b"POST / HTTP/1.1", b"Transfer-Encoding: chunked", b"Content-Length: 4"),
        b"26\r\n" + SMUGGLED + b"\r\n0\r\n\r\n",
    ),
    "CL.CL": (400, (b"POST / HTTP/1.1", b"Content-Length: 0", b"Content-Length: 35"), SMUGGLED),
    "TE.TE": (
        501,
        (b"POST / HTTP/1.1", b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity"),
        b"0\r\n\r\n" + SMUGGLED,
    ),
    "TE with tab": (501, (b"POST / HTTP/1.1", b"Transfer-Encoding: chunked\t;x"), b"0\r\n\r\n" + SMUGGLED),
    "TE with space before colon": (400, (b"POST / HTTP/1.1", b"Transfer-Encoding : chunked"), b"0\r\n\r\n" + SMUGGLED),
    "folded TE": (400, (b"POST / HTTP/1.1", b"X: y", b" Transfer-Encoding: chunked"), b"0\r\n\r\n" + SMUGGLED),
    "signed length": (400, (b"POST / HTTP/1.1", b"Content-Length: +35"), SMUGGLED),
    "length with space": (400, (b"POST / HTTP/1.1", b"Content-Length: 3 5"), SMUGGLED),
    "carriage return in a value": (400, (b"GET / HTTP/1.1", b"X: 1\rContent-Length: 35"), SMUGGLED),
    "line feed in a value": (400, (b"GET / HTTP/1.1", b"X: 1\nContent-Length: 35"), SMUGGLED),
    "zero byte": (400, (b"GET / HTTP/1.1", b"X: \x00"), b""),
    "two hosts": (400, (b"GET / HTTP/1.1", b"Host: localhost"), b""),
    "address of another host": (400, (b"GET http://localhost/ HTTP/1.1",), b""),
    "CONNECT": (400, (b"CONNECT 127.0.0.1:22 HTTP/1.1",), b""),
    "another expectation": (417, (b"POST / HTTP/1.1", b"Expect: 200-maybe"), b""),
    "HTTP/2 without consent": (505, (b"PRI * HTTP/2.0",), b"SM\r\n\r\n"),
    "a head of 70 kB": (431, (b"GET / HTTP/1.1", b"X: " + b"x" * 70_000), b""),
    "a thousand fields": (431, (b"GET / HTTP/1.1", *[b"X: 1"] * 1000), b""),
}


@pytest.mark.parametrize(("status", "lines", "body"), SHAPES.values(), ids=SHAPES.keys())
async def test_a_request_with_two_readings_is_refused_and_the_connection_ends(
    rig: Rig, recorder: tuple[Recorder, str], status: int, lines: tuple[bytes, ...], body: bytes
) -> None:
    app, host = recorder
    answer = await rig.send(with_head(rig, host, *lines) + body)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"Connection: close" in answer
    assert answer.count(b"Content-Length: ") == 1
    assert not app.got


async def test_bare_line_feeds_do_not_end_a_head(rig: Rig, recorder: tuple[Recorder, str]) -> None:
    app, host = recorder
    assert (await rig.send(with_head(rig, host, b"GET / HTTP/1.1", end=b"\n"))).startswith(b"HTTP/1.1 400 ")
    assert not app.got


@pytest.mark.parametrize(
    "chunks",
    [
        b"5\nhello\r\n0\r\n\r\n",
        b"5\r\nhello!\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"5;\nx\r\nhello\r\n0\r\n\r\n",
        b"ffffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\nContent-Length : 5\r\n\r\n",
    ],
)
async def test_a_wrong_chunk_ends_both_connections(rig: Rig, recorder: tuple[Recorder, str], chunks: bytes) -> None:
    app, host = recorder
    answer = await rig.send(with_head(rig, host, b"POST / HTTP/1.1", b"Transfer-Encoding: chunked") + chunks + SMUGGLED)
    assert b"smuggled" not in app.got
    assert answer.count(b"HTTP/1.1 200") <= 1
    # The app's connection is not used again: what follows is a request of its own.
    assert b"200 OK" in await rig.send(rig.request(host, "GET /next HTTP/1.1"))
    assert app.got.count(b"GET /next HTTP/1.1\r\n") == 1


async def test_what_follows_a_whole_request_is_a_request_of_its_own(rig: Rig, recorder: tuple[Recorder, str]) -> None:
    app, host = recorder
    first = with_head(rig, host, b"POST / HTTP/1.1", b"Content-Length: 2") + b"ab"
    answer = await rig.send(first + SMUGGLED)
    assert b"smuggled" not in app.got
    assert b"HTTP/1.1 421 " in answer


async def test_a_slow_head_is_given_up(rig: Rig, recorder: tuple[Recorder, str]) -> None:
    reader, writer = await rig.connect()
    writer.write(b"GET / HTTP/1.1\r\n")
    async with asyncio.timeout(60):
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
    writer.close()


async def test_a_head_that_trickles_gains_no_time(rig: Rig, recorder: tuple[Recorder, str]) -> None:
    reader, writer = await rig.connect()

    async def trickle() -> None:
        while True:
            writer.write(b"X")
            await asyncio.sleep(0.05)

    trickling = asyncio.ensure_future(trickle())
    async with asyncio.timeout(60):
        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")  # what comes after our late bytes may be a reset
    trickling.cancel()
    writer.close()


async def test_a_silent_connection_is_closed(rig: Rig) -> None:
    reader, writer = await rig.connect()
    async with asyncio.timeout(60):
        assert await reader.read() == b""
    writer.close()
