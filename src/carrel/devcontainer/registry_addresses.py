"""Which network addresses a registry may be at: never link-local ones, private ones only where that is trusted."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""Host name (without port) to its addresses; empty: not known here."""
Place = Literal["forbidden", "private", "public"]
_NAMES = frozenset({"metadata.google.internal", "metadata", "instance-data"})


def name_of(host: str) -> str:
    """Host without user information, port and brackets."""
    host = host.rpartition("@")[2].lower()
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def is_forbidden_address(host: str) -> bool:
    """Link-local addresses (cloud metadata), however they are written, are never asked."""
    name = name_of(host).rstrip(".")
    return name in _NAMES or _place_of(name) == "forbidden"


def place_of(host: str, addresses: Sequence[str]) -> Place:
    """Where a host is; of several addresses the worst counts."""
    places = {_place_of(name_of(host)), *(_place_of(address) for address in addresses)}
    if is_forbidden_address(host) or "forbidden" in places:
        return "forbidden"
    is_local = name_of(host) == "localhost" or name_of(host).endswith(".localhost")
    return "private" if "private" in places or is_local else "public"


def _place_of(text: str) -> Place:
    """Of one address; a name is public until it is resolved."""
    address = _address(text)
    if address is None:
        return "public"
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return _place_of(str(inner))
    if address.is_link_local or address.is_multicast or address.is_unspecified or str(address) == "fd00:ec2::254":
        return "forbidden"
    return "public" if address.is_global else "private"


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        pass
    try:  # 2852039166, 0xa9fea9fe, 169.254.43518: forms that resolvers take for addresses
        return ipaddress.ip_address(socket.inet_aton(text))
    except (OSError, ValueError, UnicodeError):
        return None


async def resolve(name: str) -> Sequence[str]:
    """Ask the machine's resolver; a name that it does not know has no addresses."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(str(address[0]) for *_, address in found)
