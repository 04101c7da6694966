"""Activity as it goes through the proxy."""

from __future__ import annotations

import asyncio

from tests.integration.proxy.conftest import WORKSPACE, Apps, Rig
from tests.integration.proxy.test_access import HTML, NAVIGATE
from tests.integration.proxy.test_requests import echo_head
from tests.integration.proxy.test_websockets import Echo, echo, open_websocket
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from carrel.core.agent import SignalKind

__all__ = ["echo"]

HEAD = bytes.fromhex("0100000185000001510000002a")


async def test_a_page_that_is_opened_is_reported_once(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_head))
    for _ in range(3):
        await rig.send(rig.request(host, "GET / HTTP/1.1", HTML, *NAVIGATE, "Sec-Fetch-User: ?1"))
    await rig.authority.reported.wait()
    assert rig.authority.activities == [(WORKSPACE, SignalKind.OPENED, f"app {host.partition('--')[0]}")]


async def test_what_is_refused_is_not_activity(rig: Rig, apps: Apps) -> None:
    host = rig.app(await apps.serve(echo_head))
    await rig.send(rig.request(host, "POST / HTTP/1.1", "Content-Length: 0", ticket=False))
    await rig.send(rig.request(host, "POST / HTTP/1.1", "Content-Length: 0", "Origin: http://evil.example.com"))
    await rig.server.proxy.activity.flush()
    assert rig.authority.activities == []


async def test_an_open_socket_and_its_pings_are_not_activity_and_typing_is(rig: Rig, echo: Echo) -> None:
    async with open_websocket(rig, rig.app(echo.port)) as websocket:
        for _ in range(5):
            await (await websocket.ping())
        assert rig.authority.activities == []
        for key in "typed":
            await websocket.send(key)
            await websocket.recv()
        async with asyncio.timeout(60):
            await rig.authority.reported.wait()
    assert [kind for _, kind, _ in rig.authority.activities] == [SignalKind.INPUT]


async def test_the_editors_own_word_is_heard_through_compression(rig: Rig) -> None:
    async def window(websocket: ServerConnection) -> None:
        async for _ in websocket:
            await websocket.send(b"ok")

    async with serve(window, "127.0.0.1", 0, compression="deflate") as server:
        host = rig.app(next(iter(server.sockets)).getsockname()[1])
        address = f"ws://{host}/stable-53c2?reconnectionToken=1&reconnection=false&skipWebSocketFrames=false"
        options = {"host": "127.0.0.1", "port": rig.port, "additional_headers": {"Cookie": rig.cookie(host)}}
        async with connect(address, origin=f"http://{host}", compression="deflate", **options) as websocket:  # type: ignore[arg-type]
            for _ in range(20):
                await websocket.send(HEAD + b"\x04\x04\x06d\x06\xa5\x06\x01\ttelemetry\x01\x04ping\x00")
                await websocket.recv()
            assert rig.authority.activities == []
            await websocket.send(HEAD + b"\x01\x00\x00\x00`v\x18$onDidChangeWindowActive\x00\x00\x00\x06[true]")
            await websocket.recv()
    await rig.server.proxy.activity.flush()
    assert [kind for _, kind, _ in rig.authority.activities] == [SignalKind.EDITOR]
