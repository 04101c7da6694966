"""Which servers are asked what they speak, and what their answers mean."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.own_certificate import own_certificate

from carrel.agent import port_probe
from carrel.agent.backlogs import backlogs, parse, request
from carrel.agent.port_probe import ask, kind_of, known_protocol, may_be_asked
from carrel.agent.port_watch import PortWatch


@pytest.mark.parametrize(
    ("port", "process", "line", "protocol"),
    [
        (5432, "", "", "tcp"),
        (15432, "postgres", "postgres -D data", "tcp"),
        (5005, "java", "java -agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005 -jar a.jar", "tcp"),
        (8080, "java", "java -agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005 -jar a.jar", ""),
        (3000, "node", "node server.js", ""),
    ],
)
def test_what_is_known_is_not_asked(port: int, process: str, line: str, protocol: str) -> None:
    assert known_protocol(port, process, line) == protocol


@pytest.mark.parametrize(
    "line",
    [
        "nc -l -p 9000",
        "/bin/busybox nc -l",
        "socat TCP-LISTEN:9000 -",
        "gdbserver --once :9000 ./a",
        "/usr/bin/python3 /x/debugpy/adapter --port 5678",
        "dlv debug --listen=:2345",
        "",
    ],
)
def test_who_may_end_with_the_first_connection_is_left_alone(line: str) -> None:
    assert not may_be_asked(line, 128)


def test_who_lets_few_wait_is_left_alone() -> None:
    assert [may_be_asked("python3 app.py", backlog) for backlog in (None, 0, 1, 4, 5, 4096)] == [False] * 4 + [True] * 2


def test_the_kernel_tells_backlogs() -> None:
    with socket.socket() as four, socket.socket(socket.AF_INET6) as six:
        four.bind(("127.0.0.1", 0))
        four.listen(7)
        six.bind(("::1", 0))
        six.listen(9)
        found = backlogs()
        inodes = [int(Path(f"/proc/self/fd/{one.fileno()}").readlink().name.strip("socket:[]")) for one in (four, six)]
        assert [found[inode] for inode in inodes] == [7, 9]


def test_a_kernel_that_refuses_is_an_error_and_nonsense_is_nothing() -> None:
    with pytest.raises(OSError, match="No such file"):
        parse(struct.pack("=IHHIIi", 36, 2, 0, 1, 0, -2), {})
    assert not parse(b"\0" * 40, {})
    assert len(request(socket.AF_INET)) == 72


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", ""),
        (b"HTTP/1.0 501 Unsupported", "http"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "tls"),
        (b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03", "h2c"),
        (b"\x00\x00\x08\x07\x00\x00\x00\x00\x00", "h2c"),
        (b"220 mail ESMTP\r\n", "other"),
        (b"\x00\x00\x12\x00", "other"),
    ],
)
def test_first_bytes_tell(answer: bytes, kind: str) -> None:
    assert kind_of(answer) == kind


Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handle: Handle, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that notes what it is asked first, connection by connection."""
    asked: list[bytes] = []

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(_Noting(reader, asked), writer)  # type: ignore[arg-type]  # a reader in all that is used
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1], asked


class _Noting:
    def __init__(self, reader: asyncio.StreamReader, asked: list[bytes]) -> None:
        self._reader = reader
        self._asked = asked

    async def read(self, size: int) -> bytes:
        data = await self._reader.read(size)
        self._asked.append(data)
        return data


async def http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1000)
    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    await writer.drain()


async def greets(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"J\0\0\0\n8.0.36\0")
    await writer.drain()


async def grpc(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if (await reader.read(1000)).startswith(b"PRI * HTTP/2.0"):
        writer.write(bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))
        await writer.drain()


async def hangs_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(1000)


async def says_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    while await reader.read(1000):
        pass


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port_probe, "GREETING_SECONDS", 0.05)
    monkeypatch.setattr(port_probe, "ANSWER_SECONDS", 0.2)


@pytest.mark.parametrize(
    ("handle", "protocol", "connections"),
    [(http, "http", 1), (greets, "tcp", 0), (grpc, "h2c", 3), (hangs_up, "tcp", 3), (says_nothing, "", 1)],
    ids=["http", "speaks first", "h2c", "hangs up", "silent"],
)
async def test_a_server_is_asked_politely(handle: Handle, protocol: str, connections: int) -> None:
    async with serving(handle) as (port, asked):
        assert await ask("127.0.0.1", port) == protocol
        first = [data for data in asked if data]
        assert len(first) == connections
        assert not first or first[0].startswith(b"OPTIONS * HTTP/1.1\r\n")


async def test_a_server_with_tls_is_known(tmp_path: Path) -> None:
    async with serving(http, own_certificate(tmp_path)) as (port, _):
        assert await ask("127.0.0.1", port) == "https"


async def test_nobody_there_is_no_error() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert await ask("127.0.0.1", bound.getsockname()[1]) == ""


async def test_an_agent_that_shares_its_network_asks_nobody() -> None:
    async with serving(http) as (port, asked):
        watch = PortWatch(lambda: None, asks=False)
        assert await watch.look(None, {}, frozenset())
        assert port in {one.port for one in watch.ports}
        assert not watch._asking
        assert asked == []
