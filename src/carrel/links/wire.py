"""The byte stream below a link: a TCP connection, or the stdin and stdout of a program."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from typing import Final

from carrel.core.spec import Endpoint

_STDERR_KEPT_BYTES: Final = 2000
_END_SECONDS: Final = 2.0


class Pipe:
    """The program below a link whose endpoint is of kind `command`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._said = bytearray()
        self._listening = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        reader = self._process.stderr
        while reader is not None and (chunk := await reader.read(4096)):
            self._said.extend(chunk)
            del self._said[:-_STDERR_KEPT_BYTES]

    async def end(self) -> str:
        """Make sure that the program is gone; returns the last that it said on stderr."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), _END_SECONDS)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
        await self._process.wait()
        # A grandchild may hold stderr open: what was heard until now has to do.
        self._listening.cancel()
        return self._said.decode(errors="replace").strip()


async def open_wire(endpoint: Endpoint) -> tuple[socket.socket, Pipe | None]:
    """Connect to an endpoint; returns a connected, non-blocking socket.

    Raises:
        OSError: nothing listens there, or there is no such program.
    """
    if endpoint.kind == "tcp":
        return await _open_tcp(endpoint.host, endpoint.port), None
    return await _open_command(endpoint.argv)


async def _open_tcp(host: str, port: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    failure: OSError | None = None
    for family, kind, protocol, _, address in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        try:
            await loop.sock_connect(sock, address)
        except OSError as error:
            sock.close()
            failure = error
        except BaseException:
            sock.close()
            raise
        else:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
    raise failure or OSError(f"no address for {host}")


async def _open_command(argv: tuple[str, ...]) -> tuple[socket.socket, Pipe]:
    """Start the program with one end of a socket pair as its stdin and stdout: back-pressure is the kernel's."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    try:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=asyncio.subprocess.PIPE, start_new_session=True
        )
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    return ours, Pipe(process)
