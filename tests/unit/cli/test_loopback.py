"""cli.loopback: the port on which a browser comes back."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from carrel.cli.loopback import WayBack, way_back

STATE = "s" * 32


async def say(way: WayBack, request: str) -> str:
    """What is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", way.port)
    try:
        writer.write(request.replace("\n", "\r\n").encode())
        return (await reader.read()).decode()
    finally:
        writer.close()


def request(way: WayBack, target: str, method: str = "GET", host: str = "") -> str:
    return f"{method} {target} HTTP/1.1\nHost: {host or f'127.0.0.1:{way.port}'}\n\n"


async def test_the_browser_brings_the_code() -> None:
    async with way_back(STATE) as way:
        answer = await say(way, request(way, f"/?code=carrel_cli_x&state={STATE}"))
        assert "You are signed in" in answer
        assert await way.code() == "carrel_cli_x"


async def test_a_refusal_is_an_answer_without_a_code() -> None:
    async with way_back(STATE) as way:
        assert "Nobody was signed in" in await say(way, request(way, f"/?error=access_denied&state={STATE}"))
        assert await way.code() == ""


async def test_what_others_say_is_not_heard() -> None:
    async with way_back(STATE) as way:
        good = f"/?code=x&state={STATE}"
        for said in (
            request(way, "/?code=x&state=another"),
            request(way, "/?code=x"),
            request(way, "/favicon.ico"),
            request(way, good, method="POST"),
            request(way, good, host="evil.example"),
            request(way, good, host=f"localhost:{way.port}"),
            f"GET {good} HTTP/1.1\n\n",
            "\n\n",
        ):
            assert (await say(way, said)).startswith("HTTP/1.1 404"), said
        await say(way, request(way, "/?code=mine&state=" + STATE))
        assert await way.code() == "mine"


async def test_a_head_without_an_end_is_not_kept() -> None:
    async with way_back(STATE) as way:
        answer = ""
        with suppress(ConnectionError):  # it is closed with some of it unread
            answer = await say(way, "GET /" + "a" * 20_000)
        assert answer == ""
        await say(way, request(way, f"/?code=mine&state={STATE}"))
        assert await way.code() == "mine"
