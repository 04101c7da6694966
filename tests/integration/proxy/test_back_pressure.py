"""Those who go away, send no more, or do not read."""

from __future__ import annotations

import asyncio

from tests.integration.proxy.conftest import Apps, Rig


async def test_a_client_that_goes_away_takes_its_request_with_it(rig: Rig, apps: Apps) -> None:
    ended = asyncio.Event()

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await writer.drain()
        await reader.read()
        ended.set()

    host = rig.app(await apps.serve(endless))
    reader, writer = await rig.connect()
    writer.write(rig.request(host))
    await reader.readuntil(b"hello")
    writer.transport.abort()
    async with asyncio.timeout(60):
        await ended.wait()


async def test_a_client_that_sends_no_more_still_gets_its_answer(rig: Rig, apps: Apps) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.05)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")

    host = rig.app(await apps.serve(slow))
    assert (await rig.send(rig.request(host, close=False), eof=True)).endswith(b"late")


async def test_a_client_that_does_not_read_holds_the_app_back(rig: Rig, apps: Apps) -> None:
    total, sent = 256 * 1024 * 1024, 0
    stuck = asyncio.Event()

    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % total)
        while sent < total:
            writer.write(bytes(65536))
            try:
                async with asyncio.timeout(0.5):
                    await writer.drain()
            except TimeoutError:
                stuck.set()
                return
            sent += 65536

    host = rig.app(await apps.serve(pour))
    _, writer = await asyncio.open_connection("127.0.0.1", rig.port, limit=1024)
    writer.write(rig.request(host))
    async with asyncio.timeout(60):
        await stuck.wait()
    assert sent < 64 * 1024 * 1024
    writer.close()


async def test_an_app_that_does_not_read_holds_the_client_back(rig: Rig, apps: Apps) -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(30)

    host = rig.app(await apps.serve(deaf))
    _, writer = await rig.connect()
    total, sent = 256 * 1024 * 1024, 0
    writer.write(rig.request(host, "POST / HTTP/1.1", f"Content-Length: {total}"))
    stuck = False
    while sent < total and not stuck:
        writer.write(bytes(65536))
        try:
            async with asyncio.timeout(0.5):
                await writer.drain()
        except TimeoutError:
            stuck = True
        sent += 65536
    assert stuck
    assert sent < 64 * 1024 * 1024
    writer.transport.abort()
