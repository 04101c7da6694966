"""HTTP requests through the proxy."""

from __future__ import annotations

import asyncio

from tests.integration.proxy.conftest import Apps, Rig


async def echo_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers each request with its own head."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(head), head))
        await writer.drain()


async def test_a_request_reaches_the_app_and_its_answer_comes_back(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_head))
    answer = await rig.send(rig.request(host, "GET /a?b=c HTTP/1.1", "X-Mine: 1"))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"GET /a?b=c HTTP/1.1\r\n" in answer
    assert b"X-Mine: 1\r\n" in answer
    assert b"Host: " + host.encode() in answer
