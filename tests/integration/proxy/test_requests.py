"""HTTP requests through the proxy, in every shape."""

from __future__ import annotations

import asyncio
import hashlib

import pytest
from tests.integration.proxy.conftest import Apps, Rig


async def echo_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers each request with its own head."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        body = b"" if head.startswith(b"HEAD") else head
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(head), body))
        await writer.drain()


async def echo_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends a request's bytes back as they come, after a head."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
        if data.endswith(b"0\r\n\r\n"):
            return


async def read_response(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body of one response with a Content-Length."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    return head, await reader.readexactly(length)


async def test_a_request_reaches_the_app_and_its_answer_comes_back(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_head))
    answer = await rig.send(rig.request(host, "GET /a?b=c HTTP/1.1", "X-Mine: 1"))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"GET /a?b=c HTTP/1.1\r\n" in answer
    assert b"X-Mine: 1\r\n" in answer
    assert b"Host: " + host.encode() in answer


async def test_the_ticket_does_not_reach_the_app(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_head))
    answer = await rig.send(rig.request(host, "GET / HTTP/1.1", "Authorization: Bearer carrel_token"))
    assert b"200 OK" in answer
    assert b"carrel_" not in answer


async def test_requests_follow_each_other_on_one_connection_each_way(rig: Rig, apps: Apps) -> None:
    connections = 0

    async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await echo_head(reader, writer)

    host = rig.app(await apps.serve(count))
    reader, writer = await rig.connect()
    for number in range(5):
        writer.write(rig.request(host, f"GET /{number} HTTP/1.1", close=False))
        _, body = await read_response(reader)
        assert body.startswith(b"GET /%d " % number)
    assert connections == 1
    writer.close()


async def test_pipelined_requests_are_answered_in_order(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_head))
    reader, writer = await rig.connect()
    writer.write(b"".join(rig.request(host, f"GET /{number} HTTP/1.1", close=False) for number in range(50)))
    for number in range(50):
        _, body = await read_response(reader)
        assert body.startswith(b"GET /%d " % number)
    writer.close()


async def test_a_request_may_come_byte_by_byte(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_head))
    reader, writer = await rig.connect()
    for byte in rig.request(host, "GET /slow HTTP/1.1"):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0)
    assert b"GET /slow" in await reader.read()
    writer.close()


@pytest.mark.parametrize("size", [0, 1, 70_000, 5_000_000])
async def test_a_body_of_known_length_arrives_whole(rig: Rig, apps: Apps, size: int) -> None:
    async def digest(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"Content-Length: %d" % size in head
        sum_of_body = hashlib.sha256(await reader.readexactly(size)).hexdigest().encode()
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 64\r\n\r\n" + sum_of_body)
        await writer.drain()

    host = rig.app(await apps.serve(digest))
    body = bytes(range(256)) * (size // 256 + 1)
    answer = await rig.send(rig.request(host, "POST / HTTP/1.1", f"Content-Length: {size}") + body[:size])
    assert answer.startswith(b"HTTP/1.1 201 Created")
    assert answer.endswith(hashlib.sha256(body[:size]).hexdigest().encode())


async def test_a_chunked_body_arrives_as_it_was_sent(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_body))
    body = b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    answer = await rig.send(rig.request(host, "POST / HTTP/1.1", "Transfer-Encoding: chunked") + body)
    assert answer.endswith(body)
