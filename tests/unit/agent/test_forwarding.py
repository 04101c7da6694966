"""The policy of what a link may reach."""

from __future__ import annotations

import ipaddress

import pytest

from carrel.agent.forwarding import Surroundings, may_listen, parse_surroundings, permitted

ROUTE = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
"""
ROUTE6 = """fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000001 00000000 00000003     eth0
00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000003 00000000 80200001       lo
"""


@pytest.fixture
def here() -> Surroundings:
    return parse_surroundings(ROUTE, ROUTE6)


def test_the_kernels_tables_are_understood(here: Surroundings) -> None:
    assert set(here.networks) == {
        ipaddress.ip_network("172.17.0.0/16"),
        ipaddress.ip_network("fd00::/64"),
        ipaddress.ip_network("fe80::/64"),
    }
    assert here.routers == {ipaddress.ip_address("172.17.0.1"), ipaddress.ip_address("fd00::1")}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("172.17.0.5", True),
        ("fd00::5", True),
        ("::ffff:172.17.0.5", True),
        ("172.17.0.1", False),
        ("fd00::1", False),
        ("::ffff:172.17.0.1", False),
        ("172.18.0.5", False),
        ("8.8.8.8", False),
        ("169.254.169.254", False),
        ("fe80::5", False),
        ("224.0.0.251", False),
        ("0.0.0.0", False),
        ("::", False),
    ],
)
def test_neighbours_are_reached_and_nothing_beyond(here: Surroundings, address: str, expected: bool) -> None:
    assert list(permitted([address], here)) == ([address] if expected else [])


def test_without_networks_only_loopback_is_reached() -> None:
    assert list(permitted(["127.0.0.1", "10.0.0.1"], parse_surroundings("", ""))) == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("", 0, True),
        ("localhost", 3000, True),
        ("::1", 1024, True),
        ("127.0.0.1", 80, False),
        ("0.0.0.0", 0, False),
        ("*", 0, False),
    ],
)
def test_listeners_are_on_loopback_and_unprivileged(host: str, port: int, expected: bool) -> None:
    assert may_listen(host, port) is expected
