"""Networks that nothing in a workspace may reach."""

from __future__ import annotations

import pytest
from tests.unit.toolbox.running_init import StartInit, StartPid1

REJECTED = "0201"
NET_ADMIN = 12


def little_endian(address: str) -> str:
    """As /proc/net/route writes it."""
    return "".join(f"{int(part):02X}" for part in reversed(address.split(".")))


@pytest.mark.parametrize(("network", "address"), [("169.254.0.0/16", "169.254.0.0"), ("default", "0.0.0.0")])
async def test_a_network_of_the_record_is_rejected_by_a_route(
    start_init: StartInit, network: str, address: str
) -> None:
    init = await start_init("cat /proc/net/route; echo; sleep 60", f"unreachable={network}", network=True)
    routes = []
    while line := await init.line():
        routes.append(line.split())
    assert [(route[1], route[3]) for route in routes[1:]] == [(little_endian(address), REJECTED)]


async def test_the_right_to_change_routes_is_given_up_for_ever(start_init: StartInit) -> None:
    init = await start_init("grep Cap /proc/self/status; sleep 60", "drop-net-admin=1", network=True)
    sets = [(await init.line()).split() for _ in range(5)]
    assert [name for name, bits in sets if int(bits, 16) >> NET_ADMIN & 1] == []


@pytest.mark.parametrize("network", ["169.254.0.0", "169.254.0.0/33", "169.254.0.0/x", "somewhere/8"])
async def test_what_cannot_be_fenced_in_does_not_run(start_init: StartInit, network: str) -> None:
    init = await start_init("echo it runs", f"unreachable={network}", network=True)
    assert await init.status() == 70
    assert await init.line() == ""
    assert await init.complaint() == f"carrel-init: cannot make {network} unreachable: Invalid argument"


async def test_a_service_is_fenced_in_and_runs_as_its_user(start_pid_1: StartPid1) -> None:
    record = "user=games\ncwd=/usr\nunreachable=169.254.0.0/16\ndrop-net-admin=1"
    script = "echo $$ $(id -u) $(pwd); tail -n 1 /proc/net/route; sleep 60"
    init = await start_pid_1("--service", record, "--", "/bin/sh", "-c", script, network=True)
    assert await init.line() == "1 5 /usr"
    assert little_endian("169.254.0.0") in await init.line()
