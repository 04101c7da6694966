"""How large the packets of a workspace's network may be: no larger than those of the way out.

A network that a tool makes has 1,500 bytes whatever the engine's own has (Docker's documentation, "Bridge network driver").
Behind a VPN, or in a cloud with smaller packets, its containers connect and then wait for ever for the first large answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

OPTION = "com.docker.network.driver.mtu"
USUAL = 1500


def packet_size(networks: Iterable[Mapping[str, Any]], routes: str, interfaces: Path) -> int:
    """Bytes, at most 1,500: the least of the engine's default bridge and of the interface with the default route.

    Args:
        networks: the answer of GET /networks.
        routes: text of /proc/net/route, empty where the engine is on another machine.
        interfaces: /sys/class/net.
    """
    bridges = [network.get("Options") or {} for network in networks if network.get("Name") == "bridge"]
    ways = [line.split()[:2] for line in routes.splitlines()[1:]]
    ways_out = [interface for interface, destination in ways if destination == "00000000"]
    of_bridges = [_number(options.get(OPTION, "")) for options in bridges]
    return min([USUAL, *of_bridges, *(_of_interface(interfaces / name) for name in ways_out)])


def _of_interface(folder: Path) -> int:
    try:
        return _number((folder / "mtu").read_text())
    except OSError:
        return USUAL


def _number(text: str) -> int:
    """What an interface has; nonsense, and less than IPv4 asks for, is not believed."""
    number = int(text) if text.strip().isdecimal() else USUAL
    return number if number >= 576 else USUAL
