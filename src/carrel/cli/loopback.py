"""A port of this machine on which the browser comes back, once; what anybody else says there is not heard."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import parse_qs, urlsplit

READ_SECONDS: Final = 10.0
_LONGEST_HEAD_BYTES: Final = 16 * 1024
_DONE = "You are signed in", "Go back to your terminal; this page can be closed."
_REFUSED = "Nobody was signed in", "The command line was not allowed in; this page can be closed."
_STRANGE = "Nothing is here", "This address is for one sign-in of the command line."


class WayBack:
    """Listens for the browser that comes back with our state."""

    def __init__(self, state: str) -> None:
        """Nobody came yet."""
        self._state = state
        self._code: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.port = 0

    async def code(self) -> str:
        """The code that came; empty: it was refused."""
        return await self._code

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                code = self._read(head.decode("latin-1"))
                writer.write(_answer(code))
                await writer.drain()
            if code is not None and not self._code.done():
                self._code.set_result(code)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # a browser opens connections that it does not use
        finally:
            writer.close()

    def _read(self, head: str) -> str | None:
        """The code of a request, empty where it says that it was refused; None: it is not ours."""
        first, *lines = head.split("\r\n")
        method, _, rest = first.partition(" ")
        target = urlsplit(rest.partition(" ")[0])
        hosts = [line.partition(":")[2].strip() for line in lines if line.lower().startswith("host:")]
        if method != "GET" or target.path != "/" or hosts != [f"127.0.0.1:{self.port}"]:
            return None
        said = {name: values[0] for name, values in parse_qs(target.query).items()}
        if not hmac.compare_digest(said.get("state", "").encode(), self._state.encode()):
            return None
        return said.get("code", "")


@asynccontextmanager
async def way_back(state: str) -> AsyncIterator[WayBack]:
    """Listen on a free port of 127.0.0.1. Raises OSError."""
    way = WayBack(state)
    server = await asyncio.start_server(way.serve, "127.0.0.1", 0, limit=_LONGEST_HEAD_BYTES)
    way.port = server.sockets[0].getsockname()[1]
    async with server:
        yield way


def _answer(code: str | None) -> bytes:
    title, text = _STRANGE if code is None else _DONE if code else _REFUSED
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:12vh auto 0;color-scheme:light dark}}</style>"
        f"<h1>{title}</h1><p>{text}</p></html>"
    ).encode()
    head = (
        f"HTTP/1.1 {'404 Not Found' if code is None else '200 OK'}\r\n"
        "Content-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(html)}\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n"
        "Referrer-Policy: no-referrer\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + html
