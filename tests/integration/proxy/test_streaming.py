"""How responses of every shape stream through."""

from __future__ import annotations

import asyncio

import pytest
from tests.integration.proxy.conftest import Apps, Rig
from tests.integration.proxy.test_requests import echo_head, read_response


async def test_a_response_streams_before_the_request_is_whole(rig: Rig, apps: Apps) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        writer.write(await reader.readexactly(5))
        await writer.drain()
        writer.write(await reader.readexactly(5))
        await writer.drain()

    host = rig.app(await apps.serve(echo))
    reader, writer = await rig.connect()
    writer.write(rig.request(host, "POST / HTTP/1.1", "Content-Length: 10") + b"first")
    await reader.readuntil(b"\r\n\r\n")
    assert await reader.readexactly(5) == b"first"
    writer.write(b"later")
    assert await reader.read() == b"later"
    writer.close()


async def test_an_event_stream_arrives_event_by_event(rig: Rig, apps: Apps) -> None:
    go_on = asyncio.Event()

    async def events(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"9\r\ndata: 1\n\n\r\n")
        await writer.drain()
        await go_on.wait()
        writer.write(b"9\r\ndata: 2\n\n\r\n0\r\n\r\n")
        await writer.drain()

    host = rig.app(await apps.serve(events))
    reader, writer = await rig.connect()
    writer.write(rig.request(host))
    await reader.readuntil(b"data: 1\n\n\r\n")
    go_on.set()
    assert await reader.read() == b"9\r\ndata: 2\n\n\r\n0\r\n\r\n"
    writer.close()


async def test_a_response_until_close_ends_the_clients_connection(rig: Rig, apps: Apps) -> None:
    async def old(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\n\r\nall of it")

    host = rig.app(await apps.serve(old))
    answer = await rig.send(rig.request(host, close=False))
    assert answer == b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall of it"


async def test_an_http_1_0_client_gets_no_chunks(rig: Rig, apps: Apps) -> None:
    async def chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await writer.drain()
        writer.write(b"6\r\n world\r\n0\r\n\r\n")

    host = rig.app(await apps.serve(chunks))
    answer = await rig.send(rig.request(host, "GET / HTTP/1.0", close=False))
    assert answer == b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello world"


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
async def test_a_response_without_a_body_leaves_the_connection_open(rig: Rig, apps: Apps, status: bytes) -> None:
    async def bodiless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 " + status + b"\r\nETag: x\r\n\r\n")
            await writer.drain()

    host = rig.app(await apps.serve(bodiless))
    reader, writer = await rig.connect()
    for _ in range(3):
        writer.write(rig.request(host, close=False))
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 " + status)
    writer.close()


async def test_head_has_a_length_and_no_body(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_head))
    reader, writer = await rig.connect()
    for _ in range(2):
        writer.write(rig.request(host, "HEAD / HTTP/1.1", close=False))
        assert b"Content-Length" in await reader.readuntil(b"\r\n\r\n")
    writer.write(rig.request(host, "GET /after HTTP/1.1", close=False))
    assert (await read_response(reader))[1].startswith(b"GET /after")
    writer.close()


async def test_a_client_that_expects_a_hundred_gets_it_from_the_app(rig: Rig, apps: Apps) -> None:
    async def careful(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert b"Expect: 100-continue" in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await reader.readexactly(4)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + body)
        await writer.drain()

    host = rig.app(await apps.serve(careful))
    reader, writer = await rig.connect()
    writer.write(rig.request(host, "POST / HTTP/1.1", "Content-Length: 4", "Expect: 100-continue"))
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(b"body")
    assert (await reader.read()).endswith(b"\r\n\r\nbody")
    writer.close()


async def test_an_early_refusal_reaches_a_client_that_is_still_sending(rig: Rig, apps: Apps) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nbig!")
        await writer.drain()
        await reader.read()

    host = rig.app(await apps.serve(refuse))
    reader, writer = await rig.connect()
    writer.write(rig.request(host, "POST / HTTP/1.1", "Content-Length: 100000000") + bytes(100_000))
    answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 413")
    assert answer.endswith(b"big!")
    writer.close()
