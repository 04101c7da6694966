"""Which addresses a link may reach through the agent: the workspace's own, and nothing beyond its network."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import asyncssh
from asyncssh.constants import OPEN_ADMINISTRATIVELY_PROHIBITED, OPEN_CONNECT_FAILED
from asyncssh.forward import SSHForwarder

from carrel.agent.proc import listening
from carrel.ssh.lean_packets import write

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK_NAMES = frozenset({"", "localhost", "ip6-localhost", "127.0.0.1", "::1"})
RESOLVE_SECONDS = 5.0
CONNECT_SECONDS = 10.0


@dataclass(frozen=True)
class Surroundings:
    """The networks that this workspace is attached to, and the routers on them."""

    networks: tuple[Network, ...] = ()
    routers: frozenset[Address] = frozenset()

    def permits(self, address: Address) -> bool:
        """Whether a link may connect here: loopback, or a neighbour that is no router, link-local or group address."""
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        if address.is_loopback:
            return True
        if address.is_link_local or address.is_multicast or address.is_unspecified or address in self.routers:
            return False
        return any(address in network for network in self.networks if network.version == address.version)


def parse_surroundings(route: str, ipv6_route: str) -> Surroundings:
    """Attached networks and routers from /proc/net/route and /proc/net/ipv6_route."""
    networks: list[Network] = []
    routers: set[Address] = set()
    for line in route.splitlines()[1:]:
        fields = line.split()
        if len(fields) < 8 or fields[0] == "lo":
            continue
        destination, router, mask = (_ipv4(fields[i]) for i in (1, 2, 7))
        if int(router):
            routers.add(router)
        elif int(mask):
            networks.append(ipaddress.IPv4Network(f"{destination}/{mask}", strict=False))
    for line in ipv6_route.splitlines():
        fields = line.split()
        if len(fields) < 10 or fields[9] == "lo":
            continue
        prefix, router6 = int(fields[1], 16), ipaddress.IPv6Address(bytes.fromhex(fields[4]))
        if int(router6):
            routers.add(router6)
        elif 0 < prefix < 128:
            networks.append(ipaddress.IPv6Network((bytes.fromhex(fields[0]), prefix), strict=False))
    return Surroundings(tuple(networks), frozenset(routers))


def _ipv4(text: str) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(struct.pack("<I", int(text, 16)))


def read_surroundings() -> Surroundings:
    """The surroundings of this machine now."""
    return parse_surroundings(_text("/proc/net/route"), _text("/proc/net/ipv6_route"))


def _text(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


class _AppsEnd(SSHForwarder):
    """The app's end. What a server says before the channel is open is held: nobody is there yet to take it."""

    def __init__(self) -> None:
        """Hold until `release`."""
        super().__init__()
        self._is_held = True
        self._first = b""
        self._has_ended = False
        self._is_lost = False

    def release(self) -> None:
        """The channel is open: pass on what came, and what comes."""
        self._is_held = False
        if self._first:
            super().data_received(self._first)
        if self._has_ended and not super().eof_received():
            self.close()
        if self._is_lost:
            super().connection_lost(None)
        elif self._transport is not None:
            self.resume_reading()

    def data_received(self, data: bytes, datatype: int | None = None) -> None:
        """Pass on, or hold: no more than the kernel had when reading was paused."""
        if not self._is_held:
            super().data_received(data, datatype)
            return
        self._first += data
        self.pause_reading()

    def eof_received(self) -> bool:
        """Pass on, or hold."""
        if not self._is_held:
            return super().eof_received()
        self._has_ended = True
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass on, or hold."""
        if self._is_held:
            self._is_lost = True
        else:
            super().connection_lost(exc)


class Forwarder(SSHForwarder):
    """The link's end of a forwarded connection; tells its end once."""

    def __init__(self, peer: _AppsEnd, ended: Callable[[], None]) -> None:
        """Exchange data with `peer`."""
        super().__init__(peer)
        self._apps_end = peer
        self._ended: Callable[[], None] | None = ended

    def session_started(self) -> None:
        """The channel is open."""
        self._apps_end.release()

    def write(self, data: bytes) -> None:
        """Pass on to the link."""
        if self._transport is not None:
            write(self._transport, data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Close the other end, too."""
        ended, self._ended = self._ended, None
        if ended is not None:
            ended()
        super().connection_lost(exc)


async def forward(host: str, port: int, ended: Callable[[], None] = lambda: None) -> SSHForwarder:
    """Connect a direct-tcpip channel to `host`:`port` in the workspace's own network; `ended` is called at its end.

    Raises:
        asyncssh.ChannelOpenError: not permitted, or nothing listens there.
    """
    if not 0 < port < 65536:
        raise asyncssh.ChannelOpenError(OPEN_CONNECT_FAILED, f"no such port: {port}")
    if host.lower() in LOOPBACK_NAMES:
        # A server that listens on "localhost" may have chosen either family.
        addresses: Iterable[str] = _own_addresses(["::1"] if host == "::1" else ["127.0.0.1", "::1"], port)
    else:
        addresses = await _permitted_addresses(host, port)
    loop = asyncio.get_running_loop()
    failure: OSError | None = None
    for address in addresses:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, peer = await loop.create_connection(_AppsEnd, address, port)
        except OSError as error:
            if failure is None or failure.errno == errno.EADDRNOTAVAIL:
                failure = error
        else:
            return Forwarder(peer, ended)
    raise asyncssh.ChannelOpenError(OPEN_CONNECT_FAILED, str(failure or "no address"))


def _own_addresses(first: Iterable[str], port: int) -> Iterable[str]:
    """Loopback first; then where a server listens that chose another address of the workspace, looked up only then."""
    yield from first
    for one in listening():
        if one.port == port and one.address not in {"0.0.0.0", "::", "127.0.0.1", "::1"}:  # noqa: S104  seen, not bound
            yield one.address


async def _permitted_addresses(host: str, port: int) -> list[str]:
    """Addresses of `host`, resolved once and connected to as such, so that the answer cannot change in between."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise asyncssh.ChannelOpenError(OPEN_CONNECT_FAILED, f"{host}: {error}") from error
    surroundings = read_surroundings()
    addresses = list(permitted((str(sockaddr[0]) for *_, sockaddr in found), surroundings))
    if not addresses:
        raise asyncssh.ChannelOpenError(
            OPEN_ADMINISTRATIVELY_PROHIBITED, f"{host} is not in the workspace's own network"
        )
    return addresses


def permitted(addresses: Iterable[str], surroundings: Surroundings) -> Iterable[str]:
    """Those of `addresses` that the policy lets through, in their order."""
    for address in addresses:
        if surroundings.permits(ipaddress.ip_address(address.partition("%")[0])):
            yield address


def may_listen(host: str, port: int) -> bool:
    """Whether a link may ask for a listener in the workspace (tcpip-forward): loopback only, no privileged port."""
    return host.lower() in LOOPBACK_NAMES and (port == 0 or 1024 <= port < 65536)
