"""Proxies of their own processes: one dies, the server is away and comes back, and what is open lives on."""

from __future__ import annotations

import asyncio
import signal

import pytest
from tests.integration.apart.conftest import Installation, until
from tests.integration.proxy.conftest import Apps
from tests.integration.proxy.test_requests import echo_head
from tests.integration.proxy.test_websockets import Echo, echo
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

__all__ = ["echo"]


async def answers(socket: ClientConnection) -> bool:
    """Whether an open socket still carries."""
    await socket.send("x")
    async with asyncio.timeout(60):
        return await socket.recv() == "x"


async def test_what_is_open_survives_another_proxys_death_and_the_servers_absence(
    installation: Installation, apps: Apps, echo: Echo
) -> None:
    first, second = await asyncio.gather(installation.proxy(), installation.proxy())
    page, sockets = installation.host(await apps.serve(echo_head)), installation.host(echo.port)
    for proxy in (first, second):
        assert (await installation.get(proxy, page)).startswith(b"HTTP/1.1 200 ")
    dying, living = await asyncio.gather(installation.socket(first, sockets), installation.socket(second, sockets))
    assert await answers(dying)

    await first.end(signal.SIGKILL)
    with pytest.raises(ConnectionClosed):
        await dying.recv()
    assert await answers(living)

    await installation.server.stop()
    assert await answers(living)
    refused = await installation.get(second, page)
    assert refused.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After: 2\r\n" in refused
    assert b'"kind": "unavailable"' in refused
    assert await answers(living)

    await installation.server.start()

    async def serves_again() -> bool:
        return (await installation.get(second, page)).startswith(b"HTTP/1.1 200 ")

    await until(serves_again)
    assert await answers(living)

    await installation.server.stop()
    installation.server.authority.tickets.clear()  # taken away while nobody could be told
    await installation.server.start()
    with pytest.raises(ConnectionClosed):
        async with asyncio.timeout(60):
            await living.recv()


async def test_a_revocation_is_heard_within_a_moment(installation: Installation, echo: Echo) -> None:
    proxy = await installation.proxy()
    socket = await installation.socket(proxy, installation.host(echo.port))
    assert await answers(socket)
    installation.server.authority.revoke("ana")
    with pytest.raises(ConnectionClosed):
        async with asyncio.timeout(2):
            await socket.recv()


async def test_a_proxy_that_is_told_to_end_finishes_requests_and_sends_sockets_elsewhere(
    installation: Installation, apps: Apps, echo: Echo
) -> None:
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await go_on.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")

    proxy = await installation.proxy()
    socket = await installation.socket(proxy, installation.host(echo.port))
    request = asyncio.ensure_future(installation.get(proxy, installation.host(await apps.serve(slow))))
    await asked.wait()
    proxy.process.send_signal(signal.SIGTERM)
    with pytest.raises(ConnectionClosed) as closed:
        async with asyncio.timeout(60):
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == CloseCode.SERVICE_RESTART
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", proxy.port)
    go_on.set()
    assert (await request).endswith(b"late")
    assert await proxy.process.wait() == 0


async def test_a_wrong_token_is_said_and_ends_the_process(installation: Installation) -> None:
    proxy = await installation.proxy("carrel_component_" + "x" * 43)
    assert await proxy.process.wait() == 1
    assert "component token" in "".join(proxy.said)
