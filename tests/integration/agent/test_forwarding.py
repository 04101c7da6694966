"""Ports through a link, both ways."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import asyncssh
import pytest
from asyncssh.constants import OPEN_ADMINISTRATIVELY_PROHIBITED, OPEN_CONNECT_FAILED

if TYPE_CHECKING:
    from tests.integration.agent.conftest import Control


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


@pytest.fixture
async def echo_port() -> AsyncIterator[int]:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


@pytest.mark.conformance("C404")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_loopback_port_is_reached_and_both_ends_close_cleanly(link: Any, echo_port: int, host: str) -> None:
    reader, writer = await link.open_connection(host, echo_port)
    data = bytes(range(256)) * 10000
    writer.write(data)
    writer.write_eof()
    assert await reader.read() == data


async def test_localhost_finds_a_server_that_listens_on_ipv6_only(link: Any) -> None:
    server = await asyncio.start_server(echo, "::1", 0, family=socket.AF_INET6)
    async with server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await link.open_connection("localhost", port)
        writer.write(b"six")
        writer.write_eof()
        assert await reader.read() == b"six"


async def test_localhost_finds_a_server_that_chose_another_address_of_its_own(link: Any) -> None:
    server = await asyncio.start_server(echo, "127.0.0.2", 0)
    async with server:
        reader, writer = await link.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
        writer.write(b"other")
        writer.write_eof()
        assert await reader.read() == b"other"


async def test_where_nothing_listens_the_channel_is_refused(link: Any) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(asyncssh.ChannelOpenError) as caught:
        await link.open_connection("127.0.0.1", port)
    assert caught.value.code == OPEN_CONNECT_FAILED


@pytest.mark.parametrize("host", ["169.254.169.254", "192.0.2.1", "224.0.0.1", "0.0.0.0", "::ffff:192.0.2.1"])
async def test_foreign_addresses_are_prohibited(link: Any, host: str) -> None:
    with pytest.raises(asyncssh.ChannelOpenError) as caught:
        await link.open_connection(host, 80)
    assert caught.value.code == OPEN_ADMINISTRATIVELY_PROHIBITED


async def test_a_listener_in_the_workspace_leads_back_through_the_link(
    link: Any, begun: Control, echo_port: int
) -> None:
    listener = await link.forward_remote_port("localhost", 0, "127.0.0.1", echo_port)
    port = listener.get_port()
    reader, writer = await link.open_connection("127.0.0.1", port)
    writer.write(b"round")
    writer.write_eof()
    assert await reader.read() == b"round"
    listener.close()
    await listener.wait_closed()


@pytest.mark.parametrize(("host", "port"), [("0.0.0.0", 0), ("192.0.2.1", 0), ("localhost", 80)])
async def test_listeners_elsewhere_are_refused(link: Any, host: str, port: int) -> None:
    with pytest.raises(asyncssh.ChannelListenError):
        await link.forward_remote_port(host, port, "127.0.0.1", 1)
