"""How many connections each listening socket lets wait, asked of the kernel (sock_diag(7)); /proc does not tell."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator

_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_REQUEST_DUMP = 0x301
_LISTEN_ONLY = 1 << 10
_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBBI48s")
_ANSWER = struct.Struct("=BBBB48sIIIII")
"""inet_diag_msg: of a listening socket `wqueue` is the backlog."""
_RECEIVE_BYTES = 1 << 16
PATIENCE_SECONDS = 1.0


def backlogs() -> dict[int, int]:
    """Backlog by inode of all listening TCP sockets of this network namespace; empty where the kernel does not tell."""
    found: dict[int, int] = {}
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as channel:
            channel.settimeout(PATIENCE_SECONDS)
            for family in (socket.AF_INET, socket.AF_INET6):
                channel.send(request(family))
                while not parse(channel.recv(_RECEIVE_BYTES), found):
                    pass
    except (OSError, AttributeError, struct.error):
        return found
    return found


def request(family: int) -> bytes:
    """Ask for the listening sockets of an address family."""
    body = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, 0, _LISTEN_ONLY, bytes(48))
    return _HEADER.pack(_HEADER.size + len(body), _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, 1, 0) + body


def parse(data: bytes, found: dict[int, int]) -> bool:
    """Take what one datagram says into `found`; whether it is the last. Raises OSError where the kernel refuses."""
    for kind, body in _messages(data):
        if kind == _NLMSG_DONE:
            return True
        if kind == _NLMSG_ERROR:
            raise OSError(-struct.unpack_from("=i", body)[0], os.strerror(-struct.unpack_from("=i", body)[0]))
        *_, backlog, _uid, inode = _ANSWER.unpack_from(body)
        found[inode] = backlog
    return False


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + _HEADER.size <= len(data):
        length, kind, *_ = _HEADER.unpack_from(data, position)
        if length < _HEADER.size:
            return
        yield kind, data[position + _HEADER.size : position + length]
        position += (length + 3) & ~3
