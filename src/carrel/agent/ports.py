"""Listening ports: what four observers saw, merged by one pure function (C406-C410)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from carrel.core.agent import PortStatus

OTHERS = "*"
"""Key of otherPortsAttributes."""
_LISTEN = "0A"
_LOOPBACK4 = "7F"
"""End of an IPv4 address in 127.0.0.0/8: the kernel prints it in the machine's order."""
_LOOPBACK6 = frozenset({"00000000000000000000000001000000", "0000000000000000FFFF00000100007F"})
_NAME_SERVER = "0B00007F"
"""127.0.0.11: container engines put their own name server there, in the workspace's network but outside of it."""
_RANGE = re.compile(r"(\d{1,5})-(\d{1,5})")
_DEFAULTS: Mapping[str, Any] = {"onAutoForward": "notify"}


@dataclass(frozen=True)
class Socket:
    """A listening socket, seen in /proc/net/tcp or tcp6."""

    port: int
    loopback_only: bool
    inode: int


@dataclass(frozen=True)
class Process:
    """A process that holds a socket, seen in /proc/PID."""

    pid: int
    name: str
    command_line: str = ""


def parse_sockets(table: str) -> list[Socket]:
    """The listening sockets in the text of /proc/net/tcp or tcp6."""
    found = []
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) < 10 or fields[3] != _LISTEN:
            continue
        address, _, port = fields[1].partition(":")
        if address == _NAME_SERVER:
            continue
        is_loopback = address in _LOOPBACK6 or (len(address) == 8 and address.endswith(_LOOPBACK4))
        found.append(Socket(int(port, 16), is_loopback, int(fields[9])))
    return found


def merge(
    sockets: Iterable[Socket],
    processes: Mapping[int, Process],
    attributes: Mapping[str, Mapping[str, Any]],
    own: frozenset[int],
) -> tuple[PortStatus, ...]:
    """The workspace's listening ports, by number.

    Args:
        sockets: what listens.
        processes: who holds a socket, by inode; unknown ones are missing.
        attributes: portsAttributes by key, otherPortsAttributes under "*".
        own: ports of the platform itself, which are left out.
    """
    by_port: dict[int, list[Socket]] = {}
    for socket in sockets:
        if socket.port not in own:
            by_port.setdefault(socket.port, []).append(socket)
    return tuple(_status(port, group, processes, attributes) for port, group in sorted(by_port.items()))


def _status(
    port: int, group: list[Socket], processes: Mapping[int, Process], attributes: Mapping[str, Mapping[str, Any]]
) -> PortStatus:
    process = next((processes[s.inode] for s in group if s.inode in processes), Process(0, ""))
    chosen = attributes_of(port, process.command_line, attributes)
    protocol = chosen.get("protocol")
    return PortStatus(
        port=port,
        process=process.name,
        pid=process.pid,
        loopback_only=all(socket.loopback_only for socket in group),
        protocol=cast("Literal['', 'http', 'https']", protocol) if protocol in {"http", "https"} else "",
        label=str(chosen.get("label", "")),
        on_auto_forward=str(chosen.get("onAutoForward", "notify")),
        require_local_port=chosen.get("requireLocalPort") is True,
        elevate_if_needed=chosen.get("elevateIfNeeded") is True,
    )


def attributes_of(port: int, command_line: str, attributes: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The attributes of a port: exact port, then range, then expression on the command line, then others, then defaults (C407)."""
    keys = [key for key in attributes if key != OTHERS]
    for key in keys:
        if key == str(port) or key == f"localhost:{port}":
            return {**_DEFAULTS, **attributes[key]}
    for key in keys:
        bounds = _RANGE.fullmatch(key)
        if bounds and int(bounds[1]) <= port <= int(bounds[2]):
            return {**_DEFAULTS, **attributes[key]}
    for key in keys:
        if not key.isdecimal() and not _RANGE.fullmatch(key) and _matches(key, command_line):
            return {**_DEFAULTS, **attributes[key]}
    return {**_DEFAULTS, **attributes.get(OTHERS, {})}


def _matches(expression: str, command_line: str) -> bool:
    try:
        return bool(command_line) and re.search(expression, command_line) is not None
    except re.error:
        return False
