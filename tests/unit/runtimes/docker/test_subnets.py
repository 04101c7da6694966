from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from carrel.runtimes.docker.subnets import free_subnets, prefix_for, used_by_networks, used_by_routes

POOL = "10.213.0.0/24"


def test_a_small_network_has_room_for_its_containers() -> None:
    assert [prefix_for(count) for count in (1, 12, 13, 28, 29, 100)] == [28, 28, 27, 27, 26, 25]


@given(st.text(max_size=12), st.lists(st.integers(0, 255), max_size=20))
def test_subnets_overlap_nothing_in_use_and_each_is_offered_once(workspace: str, places: list[int]) -> None:
    used = [IPv4Network(f"10.213.0.{place}/32") for place in places]
    offered = list(free_subnets(POOL, 28, used, workspace))
    assert len(set(offered)) == len(offered) == 16 - len({place // 16 for place in places})
    assert all(subnet.subnet_of(IPv4Network(POOL)) and subnet.prefixlen == 28 for subnet in offered)
    assert not any(subnet.overlaps(other) for subnet in offered for other in used)


def test_workspaces_begin_at_different_places() -> None:
    firsts = {next(free_subnets("10.213.0.0/16", 28, [], f"workspace{n}")) for n in range(50)}
    assert len(firsts) > 40


def test_a_network_larger_than_the_pool_leaves_nothing() -> None:
    assert list(free_subnets(POOL, 28, [IPv4Network("10.0.0.0/8")], "x")) == []
    assert list(free_subnets("10.213.0.0/30", 28, [IPv4Network("10.213.0.0/30")], "x")) == []


def test_what_the_engines_networks_use() -> None:
    networks: list[dict[str, Any]] = [
        {"IPAM": {"Config": [{"Subnet": "172.17.0.0/16"}, {"Subnet": "fd00::/64"}]}},
        {"IPAM": {"Config": None}},
        {"IPAM": None},
        {"IPAM": {"Config": [{"Gateway": "1.2.3.4"}]}},
    ]
    assert used_by_networks(networks) == [IPv4Network("172.17.0.0/16")]


def test_what_this_machines_routes_use() -> None:
    table = (
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        "br-x\t2014D50A\t00000000\t0001\t0\t0\t0\tF0FFFFFF\t0\t0\t0\n"
    )
    assert used_by_routes(table) == [IPv4Network("10.213.20.32/28")]
