"""A listening socket on this machine for a forwarded port, or why there is none."""

from __future__ import annotations

import errno
import ipaddress
import socket

from carrel.core.problems import Problem

NEIGHBOURS = 20
"""So many ports after a busy one are tried before any free one is taken."""


def bind(address: str, port: int, *, any_port: bool = False) -> socket.socket:
    """Bind a port, or with `any_port` the next free one where it is busy or needs a privilege.

    Raises:
        Problem: `port_busy`, `bad_value` for an address that this machine does not have.
    """
    wanted = [port, *(range(port + 1, min(port + NEIGHBOURS, 65535) + 1) if any_port and port else ())]
    failure: OSError | None = None
    for number in [*wanted, 0] if any_port and port else wanted:
        try:
            return _bind(address, number)
        except OSError as error:
            failure = failure or error
            if error.errno not in {errno.EADDRINUSE, errno.EACCES, errno.EPERM}:
                break
            if error.errno != errno.EADDRINUSE and any_port:  # its neighbours need the same privilege
                return _bind(address, 0)
    assert failure is not None  # noqa: S101  else a socket was returned
    raise _problem(address, port, failure) from failure


def _bind(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # With the protocol named: else asyncio leaves small pieces waiting for an acknowledgement, 40 ms each.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((address, port))
        made.listen(128)
    except BaseException:
        made.close()
        raise
    made.setblocking(False)
    return made


def _problem(address: str, port: int, error: OSError) -> Problem:
    if error.errno == errno.EADDRINUSE:
        hint = (
            "Put another number before the colon (`LOCAL:PORT`, 0: any free one); --any-port takes the next free one."
        )
        return Problem("port_busy", f"Another program listens on {address} port {port}.", hint)
    if error.errno in {errno.EACCES, errno.EPERM}:
        hint = f"Put one from 1024 on before the colon, such as {8000 + port}; --any-port takes a free one."
        return Problem("port_busy", f"Port {port} of this machine needs a privilege that you do not have.", hint)
    hint = "--address takes an address of this machine, such as 127.0.0.1."
    return Problem("bad_value", f"Cannot listen on {address}: {error.strerror or error}.", hint)


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach the address. Raises Problem `bad_value` for what is none."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError as error:
        raise Problem("bad_value", f"{address!r} is no IP address.", "Give one, such as 127.0.0.1 or ::1.") from error
