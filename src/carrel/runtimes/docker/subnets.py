"""Which small subnet a workspace's network gets. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Network, ip_network
from typing import Any

SMALLEST = 28
_RESERVED = 3
"""Addresses of a subnet that no container gets: network, gateway, broadcast."""


def prefix_for(containers: int) -> int:
    """The prefix length with room for so many containers, and one to spare for a helper."""
    prefix = SMALLEST
    while 2 ** (32 - prefix) - _RESERVED < containers + 1:
        prefix -= 1
    return prefix


def free_subnets(pool: str, prefix: int, used: Iterable[IPv4Network], workspace: str) -> Iterator[IPv4Network]:
    """Subnets of the pool that overlap nothing in `used`.

    It begins at a place of the workspace's own, so that allotments at the same time rarely meet.
    """
    whole = IPv4Network(pool)
    base, size = int(whole.network_address), 2 ** (32 - prefix)
    count = 2 ** max(0, prefix - whole.prefixlen)
    taken: set[int] = set()
    for network in used:
        if network.overlaps(whole):
            first, last = int(network.network_address), int(network.broadcast_address)
            taken.update(range(max(0, (first - base) // size), min(count - 1, (last - base) // size) + 1))
    begin = int.from_bytes(hashlib.sha256(workspace.encode()).digest()[:4], "big") % count
    for step in range(count):
        place = (begin + step) % count
        if place not in taken:
            yield IPv4Network((base + place * size, prefix))


def used_by_networks(networks: Iterable[Mapping[str, Any]]) -> list[IPv4Network]:
    """The IPv4 subnets in an answer of GET /networks."""
    used = []
    for network in networks:
        for config in (network.get("IPAM") or {}).get("Config") or ():
            subnet = ip_network(config["Subnet"], strict=False) if config.get("Subnet") else None
            if isinstance(subnet, IPv4Network):
                used.append(subnet)
    return used


def used_by_routes(table: str) -> list[IPv4Network]:
    """The networks in the text of /proc/net/route, without the default route."""
    used = []
    for line in table.splitlines()[1:]:
        words = line.split()
        destination, mask = (int.from_bytes(bytes.fromhex(words[at])[::-1], "big") for at in (1, 7))
        if mask:
            used.append(IPv4Network((destination & mask, mask.bit_count())))
    return used
