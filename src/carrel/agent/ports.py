"""Listening ports: what four observers saw, merged by one pure function (C406-C410)."""

from __future__ import annotations

import ipaddress
import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, cast

from carrel.core.agent import PortStatus

OTHERS = "*"
"""Key of otherPortsAttributes."""
_LISTEN = "0A"
_NAME_SERVER = "0B00007F"
"""127.0.0.11: container engines put their own name server there, in the workspace's network but outside of it."""
_RANGE = re.compile(r"(\d{1,5})-(\d{1,5})")
_DEFAULTS: Mapping[str, Any] = {"onAutoForward": "notify"}


@dataclass(frozen=True)
class Socket:
    """A listening socket, seen in /proc/net/tcp or tcp6."""

    port: int
    address: str
    inode: int

    @property
    def loopback_only(self) -> bool:
        """Whether only the workspace itself reaches it."""
        return ipaddress.ip_address(self.address).is_loopback

    @property
    def reached_at(self) -> tuple[str, ...]:
        """The addresses at which a client in the workspace looks for it; `::` mostly means IPv4, too."""
        own = {"0.0.0.0": ("127.0.0.1",), "::": ("127.0.0.1", "::1")}  # noqa: S104  seen, not bound
        return own.get(self.address, (self.address,))


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
        found.append(Socket(int(port, 16), parse_address(address), int(fields[9])))
    return found


def parse_address(text: str) -> str:
    """An address as the kernel prints it: words of 32 bits in the machine's order. An IPv4 address in IPv6 is that one."""
    words = [int(text[start : start + 8], 16) for start in range(0, len(text), 8)]
    address = ipaddress.ip_address(struct.pack(f"={len(words)}I", *words))
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def merge(
    sockets: Iterable[Socket],
    processes: Mapping[int, Process],
    attributes: Mapping[str, Mapping[str, Any]],
    own: frozenset[int],
    protocols: Mapping[int, str | None] = MappingProxyType({}),
) -> tuple[PortStatus, ...]:
    """The workspace's listening ports, by number.

    Args:
        sockets: what listens.
        processes: who holds a socket, by inode; unknown ones are missing.
        attributes: portsAttributes by key, otherPortsAttributes under "*".
        own: ports of the platform itself, which are left out.
        protocols: what was found out, by inode, None while it is asked; attributes win.
    """
    by_port: dict[int, list[Socket]] = {}
    for socket in sockets:
        if socket.port not in own:
            by_port.setdefault(socket.port, []).append(socket)
    return tuple(_status(port, group, processes, attributes, protocols) for port, group in sorted(by_port.items()))


def _status(
    port: int,
    group: list[Socket],
    processes: Mapping[int, Process],
    attributes: Mapping[str, Mapping[str, Any]],
    protocols: Mapping[int, str | None],
) -> PortStatus:
    process = next((processes[s.inode] for s in group if s.inode in processes), Process(0, ""))
    chosen = attributes_of(port, process.command_line, attributes)
    found = next((protocols[s.inode] for s in group if protocols.get(s.inode)), "")
    protocol = chosen["protocol"] if chosen.get("protocol") in {"http", "https"} else found
    is_asked = not protocol and any(protocols.get(socket.inode, "") is None for socket in group)
    return PortStatus(
        port=port,
        process=process.name,
        pid=process.pid,
        loopback_only=all(socket.loopback_only for socket in group),
        address=_addresses(group),
        protocol=cast("Literal['', 'http', 'https', 'h2c', 'tcp']", protocol),
        label=str(chosen.get("label", "")),
        on_auto_forward=str(chosen.get("onAutoForward", "notify")),
        require_local_port=chosen.get("requireLocalPort") is True,
        elevate_if_needed=chosen.get("elevateIfNeeded") is True,
        is_asked=is_asked,
    )


def _addresses(group: list[Socket]) -> str:
    addresses = {socket.address for socket in group}
    return "*" if addresses & {"0.0.0.0", "::"} else " ".join(sorted(addresses))  # noqa: S104  seen, not bound


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
