"""One port: the dashboard and apps are told apart by the Host field of every request."""

from __future__ import annotations

import asyncio

import pytest
from tests.integration.proxy.conftest import Apps, Rig
from tests.integration.proxy.test_requests import echo_head, read_response
from websockets.asyncio.client import connect


async def test_the_dashboards_names_reach_the_application(rig: Rig) -> None:
    for host in ("localhost", "127.0.0.1", f"localhost:{rig.port}", f"[::1]:{rig.port}", "LOCALHOST"):
        assert b"dashboard /x " in await rig.send(rig.request(host, "GET /x HTTP/1.1"))


async def test_a_body_that_came_with_its_head_reaches_the_application(rig: Rig) -> None:
    request = rig.request("localhost", "POST /x HTTP/1.1", "Content-Length: 4")
    assert (await rig.send(request + b"body")).endswith(b"dashboard /x body\r\n0\r\n\r\n")


async def test_a_websocket_of_the_dashboard_works(rig: Rig) -> None:
    async with connect(f"ws://localhost:{rig.port}/ws") as websocket:
        await websocket.send("hello")
        assert await websocket.recv() == "dashboard:hello"


@pytest.mark.parametrize("host", ["evil.example.com", "169.254.169.254", "0.0.0.0", "a.b.localhost", "metadata"])
async def test_a_foreign_name_is_misdirected(rig: Rig, host: str) -> None:
    answer = await rig.send(rig.request(host))
    assert answer.startswith(b"HTTP/1.1 421 ")
    assert b"dashboard /" not in answer


async def test_a_connection_may_turn_from_an_app_to_the_dashboard(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_head))
    reader, writer = await rig.connect()
    writer.write(rig.request(host, "GET /app HTTP/1.1", close=False))
    assert (await read_response(reader))[1].startswith(b"GET /app")
    writer.write(rig.request("localhost", "GET /page HTTP/1.1"))
    assert b"dashboard /page" in await reader.read()
    writer.close()


async def test_a_connection_of_the_dashboard_carries_nothing_for_an_app(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_head))
    reader, writer = await rig.connect()
    writer.write(rig.request("localhost", "GET /page HTTP/1.1", close=False))
    await reader.readuntil(b"0\r\n\r\n")
    writer.write(rig.request(host, "GET /app HTTP/1.1", close=False))
    answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 421 ")
    assert b"GET /app" not in answer
    writer.close()


async def test_pipelined_requests_for_both_are_kept_apart(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_head))
    both = rig.request(host, "GET /app HTTP/1.1", close=False) + rig.request("localhost", "GET /page HTTP/1.1")
    answer = await rig.send(both)
    assert b"GET /app" in answer
    assert answer.endswith(b"dashboard /page \r\n0\r\n\r\n")


async def test_both_families_of_loopback_answer(rig: Rig) -> None:
    for address in ("127.0.0.1", "::1"):
        reader, writer = await asyncio.open_connection(address, rig.port)
        writer.write(rig.request("localhost"))
        assert b"dashboard /" in await reader.read()
        writer.close()
