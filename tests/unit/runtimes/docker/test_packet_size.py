from __future__ import annotations

from pathlib import Path

import pytest

from carrel.runtimes.docker.packet_size import packet_size

HEAD = "Iface\tDestination\tGateway\n"


def bridge(mtu: str) -> list[dict[str, object]]:
    return [
        {"Name": "other", "Options": {"com.docker.network.driver.mtu": "600"}},
        {"Name": "bridge", "Options": {"com.docker.network.driver.mtu": mtu}},
    ]


@pytest.mark.parametrize(
    ("engine", "out", "expected"),
    [("1500", "1500", 1500), ("1450", "1500", 1450), ("1500", "1400", 1400), ("9000", "9001", 1500), ("0", "5", 1500)],
)
def test_the_smallest_on_the_way_out_counts(tmp_path: Path, engine: str, out: str, expected: int) -> None:
    (tmp_path / "eth0").mkdir()
    (tmp_path / "eth0/mtu").write_text(f"{out}\n")
    routes = HEAD + "eth0\t00000000\t010200C0\nbr-x\t2014D50A\t00000000\n"
    assert packet_size(bridge(engine), routes, tmp_path) == expected


def test_what_cannot_be_known_is_as_usual(tmp_path: Path) -> None:
    assert packet_size([{"Name": "bridge", "Options": None}], HEAD + "gone0\t00000000\t0\n", tmp_path) == 1500
    assert packet_size([], "", tmp_path) == 1500
