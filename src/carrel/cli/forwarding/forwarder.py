"""All that is forwarded now: local ports that listen, and the connections that came to them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

from carrel.cli.forwarding.listening import bind
from carrel.cli.forwarding.tunnel import CHUNK_BYTES, Opener, RefusedError, relay, reset
from carrel.cli.forwarding.wish import Wish

Say = Callable[[str], None]


class Forwarder:
    """Forwards local ports until it is closed. What goes wrong is said once, until it goes well again."""

    def __init__(self, opener: Opener, address: str, say: Say) -> None:
        self._opener = opener
        self._address = address
        self._say = say
        self._servers: dict[Wish, asyncio.Server] = {}
        self._connections: dict[Wish, set[asyncio.Task[None]]] = {}
        self._trouble: dict[Wish, str] = {}

    def bind(self, wish: Wish, *, any_port: bool = False) -> socket.socket:
        """The socket for a wish, before anything is forwarded. Raises as `listening.bind` does."""
        return bind(self._address, wish.local, any_port=any_port)

    async def add(self, wish: Wish, bound: socket.socket) -> str:
        """Forward what comes to a bound socket; returns its address."""
        self._connections[wish] = set()

        async def came(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101  asyncio runs this as a task
            self._connections.setdefault(wish, set()).add(task)
            try:
                await self._serve(wish, reader, writer)
            finally:
                self._connections.get(wish, set()).discard(task)

        self._servers[wish] = await asyncio.start_server(came, sock=bound, limit=2 * CHUNK_BYTES)
        host, port = bound.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    async def remove(self, wish: Wish) -> None:
        """Forward it no more, and end what is open."""
        server = self._servers.pop(wish, None)
        if server is not None:
            server.close()
        tasks = self._connections.pop(wish, set())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        """End everything."""
        for wish in list(self._servers):
            await self.remove(wish)

    async def _serve(self, wish: Wish, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            connection = await self._opener.open(wish)
        except (RefusedError, OSError) as error:
            self._note(wish, str(error))
            reset(writer)
            return
        except asyncio.CancelledError:
            reset(writer)
            raise
        if self._trouble.pop(wish, ""):
            self._say(f"Port {wish}: works again.")
        if ended := await relay(reader, writer, connection):
            self._note(wish, ended)
        with suppress(OSError):
            await writer.wait_closed()

    def _note(self, wish: Wish, trouble: str) -> None:
        if self._trouble.get(wish) != trouble:
            self._trouble[wish] = trouble
            self._say(f"Port {wish}: {trouble}")
