"""Apps that hang up, talk nonsense or too much."""

from __future__ import annotations

import asyncio

import pytest
from tests.integration.proxy.conftest import Apps, Rig
from tests.integration.proxy.test_requests import read_response

from carrel.core.spec import AGENT_PORT


async def test_a_stale_connection_to_the_app_is_replaced_unseen(rig: Rig, apps: Apps) -> None:
    async def one_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        await reader.readexactly(1)  # the next request comes, and is cut off

    host = rig.app(await apps.serve(one_answer))
    reader, writer = await rig.connect()
    for _ in range(4):
        writer.write(rig.request(host, close=False))
        assert (await read_response(reader))[1] == b"ok"
    writer.close()


async def test_a_request_that_changes_something_is_never_sent_twice(rig: Rig, apps: Apps) -> None:
    seen = 0

    async def one_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        await reader.readuntil(b"\r\n\r\n")
        seen += 1
        if seen > 1:
            return
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        await reader.readuntil(b"\r\n\r\n")
        seen += 1

    host = rig.app(await apps.serve(one_answer))
    reader, writer = await rig.connect()
    writer.write(rig.request(host, close=False))
    await read_response(reader)
    writer.write(rig.request(host, "POST / HTTP/1.1", "Content-Length: 0", close=False))
    head, body = await read_response(reader)
    assert head.startswith(b"HTTP/1.1 502")
    assert b"app_failed" in body
    assert seen == 2
    writer.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello",
        b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        b"HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        b"",
    ],
)
async def test_an_answer_that_is_not_http_is_the_apps_failure(rig: Rig, apps: Apps, answer: bytes) -> None:
    async def odd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    got = await rig.send(rig.request(rig.app(await apps.serve(odd))))
    assert got.startswith(b"HTTP/1.1 502 Bad Gateway")
    assert b'"kind": "app_failed"' in got


async def test_an_answer_that_breaks_off_is_seen_to_be_broken(rig: Rig, apps: Apps) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await writer.drain()

    host = rig.app(await apps.serve(half))
    reader, writer = await rig.connect()
    writer.write(rig.request(host))
    await reader.readuntil(b"hello\r\n")
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()


async def test_bytes_after_an_answer_never_reach_the_next_client(rig: Rig, apps: Apps) -> None:
    async def talkative(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ")[1]
            answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(path), path)
            writer.write(answer + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
            await writer.drain()

    host = rig.app(await apps.serve(talkative))
    for number in range(5):
        answer = await rig.send(rig.request(host, f"GET /{number} HTTP/1.1"))
        assert answer.endswith(b"\r\n\r\n/%d" % number)


async def test_a_server_of_another_protocol_is_answered_for_at_once(rig: Rig, apps: Apps) -> None:
    """It says what it is and waits, as a gRPC server does: nobody else would end the request."""

    async def grpc(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(bytes.fromhex("00000604000000000000030000006400"))
        await reader.read()

    answer = await rig.send(rig.request(rig.app(await apps.serve(grpc))))
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"HTTP/2" in answer
    assert b"carrel port-forward" in answer


async def test_the_agents_own_port_is_nobodys_app(rig: Rig) -> None:
    answer = await rig.send(rig.request(rig.app(AGENT_PORT)))
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"no_such_app" in answer
