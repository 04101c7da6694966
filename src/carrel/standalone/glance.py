"""A glance at an image through the engine's socket, with the standard library alone.

Where nothing has to be built, that is all that a command asks of the engine: the client for everything else takes longer to
import than the rest of the command to run.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from urllib.parse import quote

from carrel.runtimes.contract import ImageFact
from carrel.runtimes.docker.facts import image_fact

_USUAL_SOCKET = "unix:///var/run/docker.sock"
_SECONDS = 10.0


async def glance(image: str, host: str) -> ImageFact | None:
    """Facts of a local image. None: it is not there, or the engine has to be asked in another way.

    Args:
        image: its name.
        host: the engine's address; empty: the usual socket.
    """
    address = host or _USUAL_SOCKET
    if not address.startswith("unix://"):
        return None
    with suppress(OSError, ValueError, TimeoutError):
        async with asyncio.timeout(_SECONDS):
            status, body = await _get(address.removeprefix("unix://"), f"/images/{quote(image, safe='/:@')}/json")
        if status == b"200":
            return image_fact(json.loads(body))
    return None


async def _get(socket: str, path: str) -> tuple[bytes, bytes]:
    """Status and body; HTTP/1.0, so that the end of the stream is the end of the answer."""
    reader, writer = await asyncio.open_unix_connection(socket)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: docker\r\n\r\n".encode())
        head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
    finally:
        writer.close()
    return [*head.split(None, 2), b"", b""][1], body
