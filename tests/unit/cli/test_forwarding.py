"""The words of `carrel port-forward`, and the ports of this machine."""

from __future__ import annotations

import asyncio
import socket

import pytest

from carrel.cli.forwarding.listening import bind, is_loopback
from carrel.cli.forwarding.wish import Wish, parse_wish
from carrel.core.problems import Problem


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("3000", Wish(3000, 3000)),
        ("8080:80", Wish(8080, 80)),
        ("0:80", Wish(0, 80)),
        ("db:5432", Wish(5432, 5432, "db")),
        ("15432:db:5432", Wish(15432, 5432, "db")),
        ("8080:localhost:80", Wish(8080, 80)),
    ],
)
def test_a_wish_is_read(text: str, wish: Wish) -> None:
    assert parse_wish(text) == wish


@pytest.mark.parametrize(
    "text", ["", "0", "65536", "99999", "x", "80:", ":80", "-1", "1:2:3:4", "a b:80", "٣", "80:0", "1e3", " 80"]
)
def test_what_is_no_wish_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no|not of the form"):
        parse_wish(text)


def test_a_busy_port_is_a_problem_or_the_next_free_one() -> None:
    with bind("127.0.0.1", 0) as busy:
        port = busy.getsockname()[1]
        with pytest.raises(Problem) as caught:
            bind("127.0.0.1", port)
        assert caught.value.kind == "port_busy"
        assert "before the colon" in caught.value.hint
        with bind("127.0.0.1", port, any_port=True) as other:
            assert other.getsockname()[1] != port
    with pytest.raises(Problem, match="Cannot listen on"):
        bind("192.0.2.1", 0)


async def test_a_client_s_connection_does_not_hold_back_small_pieces() -> None:
    delays: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def come(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        delays.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listening = bind("127.0.0.1", 0)
    port = listening.getsockname()[1]
    async with await asyncio.start_server(come, sock=listening):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await delays == 1
        writer.close()
        await writer.wait_closed()


def test_addresses_are_known_as_loopback_or_not() -> None:
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert not is_loopback("0.0.0.0")
    with pytest.raises(Problem):
        is_loopback("localhost")
