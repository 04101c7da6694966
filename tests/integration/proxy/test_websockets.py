"""WebSockets through the proxy."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator

import pytest
from tests.integration.proxy.conftest import Apps, Rig
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import CloseCode
from websockets.utils import accept_key


class Echo:
    """A WebSocket app that sends back what it gets."""

    def __init__(self) -> None:
        self.port = 0
        self.heads: list[dict[str, str]] = []
        self.closed = asyncio.Event()

    async def __call__(self, websocket: ServerConnection) -> None:
        assert websocket.request is not None
        self.heads.append({name.lower(): value for name, value in websocket.request.headers.raw_items()})
        try:
            async for message in websocket:
                await websocket.send(message)
        finally:
            self.closed.set()


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    app = Echo()
    async with serve(app, "127.0.0.1", 0, max_size=None) as server:
        app.port = next(iter(server.sockets)).getsockname()[1]
        yield app


TCP_REPAIR = 19
"""Of Linux: what happens to the socket is told to nobody."""


def open_websocket(
    rig: Rig, host: str, *, origin: str | None = "", ticket: bool = True, ping: float | None = 20
) -> connect:
    """Connect as a browser does."""
    own = f"http://{host}" if origin == "" else origin
    headers = {"Cookie": rig.cookie(host)} if ticket else {}
    return connect(
        f"ws://{host}/socket",
        host="127.0.0.1",
        port=rig.port,
        origin=own,  # type: ignore[arg-type]
        additional_headers=headers,
        max_size=None,
        ping_interval=ping,
    )


async def test_messages_go_both_ways(rig: Rig, echo: Echo) -> None:
    async with open_websocket(rig, rig.app(echo.port)) as websocket:
        for message in ("hello", b"\x00\xff", "x" * 100_000):
            await websocket.send(message)
            assert await websocket.recv() == message


async def test_the_app_sees_its_handshake_and_not_our_ticket(rig: Rig, echo: Echo) -> None:
    host = rig.app(echo.port)
    async with open_websocket(rig, host) as websocket:
        await websocket.send("x")
        await websocket.recv()
    head = echo.heads[0]
    assert head["host"] == host
    assert head["origin"] == f"http://{host}"
    assert "cookie" not in head


async def test_large_messages_stream_whole(rig: Rig, echo: Echo) -> None:
    message = bytes(range(256)) * 40_000
    async with open_websocket(rig, rig.app(echo.port)) as websocket:
        receiving = asyncio.ensure_future(websocket.recv())
        await websocket.send(message)
        assert await receiving == message


@pytest.mark.parametrize("origin", [None, "null", "http://3000--evil--eve.localhost:7070", "https://evil.example.com"])
async def test_a_handshake_from_another_page_is_refused(rig: Rig, echo: Echo, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as raised:
        await open_websocket(rig, rig.app(echo.port), origin=origin)
    assert raised.value.response.status_code == 403
    assert not echo.heads


async def test_a_handshake_without_a_ticket_is_refused(rig: Rig, echo: Echo) -> None:
    with pytest.raises(InvalidStatus) as raised:
        await open_websocket(rig, rig.app(echo.port), ticket=False)
    assert raised.value.response.status_code == 401
    assert not echo.heads


async def test_an_app_that_is_no_websocket_server_answers_for_itself(rig: Rig, apps: Apps) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nno")

    with pytest.raises(InvalidStatus) as raised:
        await open_websocket(rig, rig.app(await apps.serve(plain)))
    assert raised.value.response.status_code == 426


async def test_the_close_handshake_goes_through(rig: Rig, echo: Echo) -> None:
    websocket = await open_websocket(rig, rig.app(echo.port))
    await websocket.close(4001, "enough")
    assert (websocket.close_code, websocket.close_reason) == (4001, "enough")
    async with asyncio.timeout(60):
        await echo.closed.wait()


async def test_an_app_that_vanishes_ends_the_clients_socket(rig: Rig, apps: Apps) -> None:
    async def vanish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        key = next(line[19:] for line in head.decode().split("\r\n") if line.lower().startswith("sec-websocket-key: "))
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept_key(key).encode() + b"\r\n\r\n"
        )
        await writer.drain()

    websocket = await open_websocket(rig, rig.app(await apps.serve(vanish)))
    with pytest.raises(ConnectionClosed):
        async with asyncio.timeout(60):
            await websocket.recv()


async def test_a_client_that_vanishes_ends_the_apps_socket(rig: Rig, echo: Echo) -> None:
    websocket = await open_websocket(rig, rig.app(echo.port))
    await websocket.send("x")
    await websocket.recv()
    websocket.transport.abort()
    async with asyncio.timeout(60):
        await echo.closed.wait()


async def test_a_client_that_vanishes_without_a_word_is_noticed_and_a_silent_one_stays(rig: Rig, echo: Echo) -> None:
    host = rig.app(echo.port)
    silent, vanishing = await open_websocket(rig, host, ping=None), await open_websocket(rig, host, ping=None)
    vanish(vanishing)
    async with asyncio.timeout(60):
        await echo.closed.wait()
    assert len(rig.server.proxy.connections) == 1
    await silent.send("here")
    assert await silent.recv() == "here"


def vanish(websocket: ClientConnection) -> None:
    """Close its socket so that nothing is sent: neither FIN nor RST. Needs CAP_NET_ADMIN, as the engine's tests do."""
    sock = websocket.transport.get_extra_info("socket")
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    with socket.socket(fileno=os.dup(sock.fileno())):
        websocket.transport.abort()


async def test_a_revocation_ends_an_open_socket_within_a_moment(rig: Rig, echo: Echo) -> None:
    websocket = await open_websocket(rig, rig.app(echo.port))
    await websocket.send("x")
    await websocket.recv()
    rig.authority.revoke("ana")
    with pytest.raises(ConnectionClosed):
        async with asyncio.timeout(60):
            await websocket.recv()
    async with asyncio.timeout(60):
        await echo.closed.wait()


async def test_a_socket_does_not_outlive_its_ticket(rig: Rig, echo: Echo) -> None:
    websocket = await open_websocket(rig, rig.app(echo.port))
    await websocket.send("x")
    await websocket.recv()
    rig.authority.tickets.clear()  # it ran out: nobody announces that
    with pytest.raises(ConnectionClosed):
        async with asyncio.timeout(60):
            await websocket.recv()


async def test_a_stopping_proxy_closes_websockets_and_lets_requests_end(rig: Rig, echo: Echo, apps: Apps) -> None:
    go_on = asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        go_on.set()
        await asyncio.sleep(0.2)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")

    websocket: ClientConnection = await open_websocket(rig, rig.app(echo.port))
    request = asyncio.ensure_future(rig.send(rig.request(rig.app(await apps.serve(slow)), close=False)))
    await go_on.wait()
    await rig.server.close(grace_seconds=5)
    assert (await request).endswith(b"late")
    with pytest.raises(ConnectionClosed) as closed:
        await websocket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == CloseCode.SERVICE_RESTART
    with pytest.raises(ConnectionRefusedError):
        await rig.connect()
