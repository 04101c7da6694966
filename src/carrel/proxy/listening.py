"""The sockets that the proxy listens on, and how it notices that a client has vanished."""

from __future__ import annotations

import errno
import resource
import socket
from typing import Final

from carrel.core.problems import Problem
from carrel.proxy.routes import LOOPBACK_NAMES

PROBES: Final = 4
MOST_OPEN_FILES: Final = 1 << 16


def allow_many_sockets() -> None:
    """Raise this process's limit of open files: each client is one, and systems begin with 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def listening(host: str, port: int, silence_seconds: float) -> list[socket.socket]:
    """Sockets for the address; a loopback address listens on both families, because browsers try ::1 for *.localhost.

    Args:
        host: name or address.
        port: 0: any free one, the same for all.
        silence_seconds: clients that have been silent for so long are probed; see `_probe`.

    Raises:
        Problem: `port_busy`.
    """
    hosts = ["127.0.0.1", "::1"] if host in LOOPBACK_NAMES or host == "::1" else [host]
    sockets: list[socket.socket] = []
    for name in hosts:
        family = socket.AF_INET6 if ":" in name else socket.AF_INET
        sock = None
        try:
            sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            _probe(sock, silence_seconds)
            sock.bind((name, port))
        except OSError as error:
            if sock is not None:
                sock.close()
            if sockets and error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                continue  # this machine has no IPv6
            for other in sockets:
                other.close()
            raise Problem("port_busy", f"Cannot listen on {name} port {port}: {error.strerror}.") from error
        sock.setblocking(False)
        sockets.append(sock)
        port = sock.getsockname()[1]
    return sockets


def _probe(sock: socket.socket, silence_seconds: float) -> None:
    """Have the kernel ask silent clients whether they are there; connections inherit this from the listening socket.

    A socket that is idle and healthy answers by itself and lives for ever. One whose client vanished without a word
    (a laptop that sleeps, a network that is gone) ends after twice the silence, also where data waits to be taken.
    """
    idle = max(1, round(silence_seconds))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    options = {
        "TCP_KEEPIDLE": idle,
        "TCP_KEEPINTVL": max(1, idle // PROBES),
        "TCP_KEEPCNT": PROBES,
        "TCP_USER_TIMEOUT": 2 * idle * 1000,
    }
    for name, value in options.items():
        if hasattr(socket, name):  # Linux has all of them
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
