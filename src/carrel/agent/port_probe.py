"""Which protocol a listening port speaks: told by what is known, else asked of it once, and only where that disturbs nobody.

A server is left alone that is known not to speak HTTP, that may end with its first connection (`nc -l`, debuggers), or
that lets so few connections wait that it expects one. Others get a moment to speak first, as databases do, and then one
`OPTIONS *`, which asks for nothing. At most three connections, each for a short time.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import suppress
from typing import Final, Literal

Protocol = Literal["", "http", "https", "h2c", "tcp"]

FEWEST_WAITING: Final = 5
"""A smaller backlog is that of a program for one connection; the smallest of HTTP servers is Python's, 5."""
CONNECT_SECONDS: Final = 1.0
GREETING_SECONDS: Final = 0.3
ANSWER_SECONDS: Final = 2.0
ANSWER_BYTES: Final = 64
OPTIONS: Final = "OPTIONS * HTTP/1.1\r\nHost: localhost:{port}\r\nUser-Agent: Carrel\r\nConnection: close\r\n\r\n"
H2_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))

_OTHER_PROTOCOLS: Final = frozenset(
    {
        *(
            "beam.smp",
            "epmd",
            "dnsmasq",
            "dropbear",
            "exim4",
            "mariadbd",
            "memcached",
            "mongod",
            "mongos",
            "mysqld",
            "named",
        ),
        *(
            "nats-server",
            "pgbouncer",
            "postgres",
            "postmaster",
            "redis-sentinel",
            "redis-server",
            "rsync",
            "slapd",
            "smbd",
        ),
        *("sshd", "valkey-server", "vsftpd", "x11vnc", "Xtigervnc", "Xvnc"),
    }
)
_OTHER_PORTS: Final = frozenset(
    {
        21,
        22,
        23,
        25,
        53,
        110,
        111,
        143,
        389,
        445,
        465,
        514,
        587,
        636,
        873,
        993,
        995,
        1433,
        1521,
        1883,
        2049,
        2181,
        3306,
        3389,
    }
    | {
        4222,
        4369,
        5432,
        5433,
        5671,
        5672,
        6379,
        6380,
        6432,
        8883,
        9042,
        9092,
        9093,
        9160,
        11211,
        26379,
        27017,
        27018,
        33060,
    }
    | set(range(5900, 5910))
)
_ONE_CONNECTION: Final = re.compile(
    r"(?:^|[/\s])(?:nc|ncat|netcat|nc\.\w+|socat|gdbserver|lldb-server|dlv|rr|qemu-\S+|rdbg|byebug|iperf3?|nbdkit)(?:\s|$)"
    r"|debugpy|pydevd|remote-pdb|ruby-debug-ide"
)
_JDWP: Final = re.compile(r"jdwp=\S*?address=(?:[^,\s]*:)?(\d+)")


def known_protocol(port: int, process: str, command_line: str) -> Protocol:
    """What need not be asked; empty where it is not known."""
    jdwp = _JDWP.search(command_line)
    if process in _OTHER_PROTOCOLS or port in _OTHER_PORTS or (jdwp is not None and int(jdwp[1]) == port):
        return "tcp"
    return ""


def may_be_asked(command_line: str, backlog: int | None) -> bool:
    """Whether a connection disturbs nobody. A program that is not known, or a backlog that the kernel does not tell, may mind."""
    has_room = backlog is not None and backlog >= FEWEST_WAITING
    return has_room and bool(command_line) and not _ONE_CONNECTION.search(command_line)


async def ask(host: str, port: int) -> Protocol:
    """What the port speaks; empty where it does not say."""
    try:
        answer = await _exchange(host, port, OPTIONS.format(port=port).encode(), patient=True)
    except (TimeoutError, ConnectionRefusedError):
        return ""
    except OSError:
        answer = b""
    match kind_of(answer):
        case "http" if b" 400" not in answer[:16]:
            return "http"
        case "http":  # so do many that expect TLS
            return "https" if await _speaks_tls(host, port) else "http"
        case "tls":
            return "https"
        case "h2c":
            return "h2c"
        case "other":
            return "tcp"
        case _:
            return await _ask_on(host, port)


async def _ask_on(host: str, port: int) -> Protocol:
    """It hung up on HTTP/1.1."""
    if await _speaks_tls(host, port):
        return "https"
    with suppress(OSError, TimeoutError):
        if kind_of(await _exchange(host, port, H2_PREFACE)) == "h2c":
            return "h2c"
    return "tcp"


def kind_of(answer: bytes) -> Literal["", "http", "tls", "h2c", "other"]:
    """What the first bytes of a server are."""
    if not answer:
        return ""
    if answer.startswith((b"HTTP/1.", b"HTTP/0.")):
        return "http"
    if answer[:2] in {b"\x15\x03", b"\x16\x03"}:
        return "tls"
    # A frame of HTTP/2: SETTINGS or GOAWAY on stream 0, with a length that it may have.
    if len(answer) >= 9 and answer[0] == 0 and answer[3] in {4, 7} and answer[5:9] == bytes(4):
        return "h2c"
    return "other"


async def _speaks_tls(host: str, port: int) -> bool:
    hello = ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    with suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), hello, server_hostname="localhost").do_handshake()
    try:
        return (await _exchange(host, port, hello.read()))[:2] == b"\x16\x03"
    except (OSError, TimeoutError):
        return False


async def _exchange(host: str, port: int, request: bytes, *, patient: bool = False) -> bytes:
    """The first bytes that a server says, at best to this request; `patient` lets it speak first.

    Raises:
        TimeoutError: it says nothing.
        OSError: it cannot be reached, or hangs up on us.
    """
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(host, port, limit=1 << 16)
    except OSError as error:
        raise ConnectionRefusedError(str(error)) from error
    try:
        if patient:
            with suppress(TimeoutError):
                async with asyncio.timeout(GREETING_SECONDS):
                    return await reader.read(ANSWER_BYTES) or b""
        writer.write(request)
        async with asyncio.timeout(ANSWER_SECONDS):
            return await reader.read(ANSWER_BYTES)
    finally:
        writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(CONNECT_SECONDS):
                await writer.wait_closed()
