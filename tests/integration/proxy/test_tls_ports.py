"""Ports that speak TLS; the first byte of an app."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest
from tests.integration.proxy.conftest import WORKSPACE, Apps, Rig
from tests.integration.proxy.test_requests import echo_body, echo_head, read_response
from tests.own_certificate import own_certificate


async def test_the_first_byte_of_an_app_is_told_once(rig: Rig, apps: Apps) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()

    rig.authority.apps[WORKSPACE, "code"] = await apps.serve(answer)
    host = rig.app("code")
    for _ in range(2):
        assert (await rig.send(rig.request(host))).endswith(b"ok")
    await rig.server.proxy.upstreams.first_bytes.flush()
    [(workspace, app, asked, answered)] = rig.authority.first_bytes
    assert (workspace, app) == (WORKSPACE, "code")
    assert asked < answered


@pytest.mark.conformance("C409")
async def test_a_port_that_speaks_tls_is_spoken_to_in_tls(rig: Rig, apps: Apps, tmp_path: Path) -> None:
    connections = 0

    async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await echo_head(reader, writer)

    port = await apps.serve(counted, own_certificate(tmp_path))
    rig.authority.tls_ports.add(port)
    host = rig.app(port)
    reader, writer = await rig.connect()
    for number in range(3):
        writer.write(rig.request(host, f"GET /{number} HTTP/1.1", close=False))
        _, body = await read_response(reader)
        assert body.startswith(b"GET /%d " % number)
    assert connections == 1, "kept alive as any other"
    writer.close()


async def test_large_bodies_go_both_ways_through_tls(rig: Rig, apps: Apps, tmp_path: Path) -> None:
    port = await apps.serve(echo_body, own_certificate(tmp_path))
    rig.authority.tls_ports.add(port)
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (3_000_000, bytes(range(250)) * 12_000)
    head = rig.request(rig.app(port), "POST / HTTP/1.1", "Transfer-Encoding: chunked")
    answer = await rig.send(head + body)
    assert hashlib.sha256(answer.partition(b"\r\n\r\n")[2]).digest() == hashlib.sha256(body).digest()


async def test_a_port_that_does_not_speak_tls_after_all_is_a_clear_page(rig: Rig, apps: Apps) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    port = await apps.serve(plain)
    rig.authority.tls_ports.add(port)
    assert (await rig.send(rig.request(rig.app(port), "GET / HTTP/1.1"))).startswith(b"HTTP/1.1 502 ")


async def test_an_app_that_turned_to_tls_is_asked_for_anew(rig: Rig, apps: Apps, tmp_path: Path) -> None:
    """The first request fails; the next one asks the control plane, which knows by now what the port speaks."""
    port = await apps.serve(echo_head, own_certificate(tmp_path))
    host = rig.app(port)
    assert (await rig.send(rig.request(host))).startswith(b"HTTP/1.1 502 ")
    rig.authority.tls_ports.add(port)
    assert (await rig.send(rig.request(host))).startswith(b"HTTP/1.1 200 ")
