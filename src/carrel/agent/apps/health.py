"""Whether an app answers: one HTTP request on loopback."""

from __future__ import annotations

import asyncio
import errno
import random
import socket
from contextlib import suppress

from carrel.core.access import APP_PORTS

PROBE_SECONDS = 5.0
HEALTHY_BELOW = 500


async def answers(port: int, path: str) -> bool:
    """Whether the app on this port answers `path` with a status below 500; without a path, whether it accepts connections."""
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            if not path:
                return True
            request = (
                f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nUser-Agent: carrel\r\nConnection: close\r\n\r\n"
            )
            writer.write(request.encode())
            return is_healthy(await reader.readline())
    except (OSError, ValueError):
        return False
    finally:
        if writer is not None:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


def is_healthy(status_line: bytes) -> bool:
    """Whether the first line of an HTTP answer says that the app works."""
    words = status_line.split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        return False
    return int(words[1]) < HEALTHY_BELOW


def free_port() -> int:
    """A loopback port for an app that nobody listens on now. Raises OSError where all are taken."""
    for port in random.sample(APP_PORTS, len(APP_PORTS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError(errno.EADDRINUSE, "all ports for apps are in use")
