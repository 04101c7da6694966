"""What an engine says of its GPUs."""

from __future__ import annotations

from typing import Any

import pytest

from carrel.runtimes.docker.probing import gpus_of


def named(kind: str, *values: str) -> list[dict[str, Any]]:
    return [{"NamedResourceSpec": {"Kind": kind, "Value": value}} for value in values]


CDI = [{"Source": "cdi", "ID": f"nvidia.com/gpu={name}"} for name in ("0", "1", "all", "GPU-5a1")]


@pytest.mark.parametrize(
    ("info", "said"),
    [
        ({}, (0, False, "")),
        ({"GenericResources": None, "Runtimes": {"runc": {}}, "DiscoveredDevices": None}, (0, False, "")),
        ({"Runtimes": {"runc": {}, "nvidia": {}}}, (1, False, "")),
        ({"DiscoveredDevices": CDI, "Runtimes": {"nvidia": {}}}, (2, True, "")),
        (
            {"GenericResources": named("nvidia-tesla-t4", "a", "b"), "DiscoveredDevices": CDI},
            (2, True, "nvidia-tesla-t4"),
        ),
        ({"GenericResources": named("NVIDIA-GPU", "a")}, (1, True, "")),
        ({"GenericResources": [{"DiscreteResourceSpec": {"Kind": "nvidia-l4", "Value": 4}}]}, (4, True, "nvidia-l4")),
        ({"GenericResources": [*named("nvidia-l4", "a"), *named("nvidia-h100", "b")]}, (2, True, "")),
        ({"GenericResources": [{"DiscreteResourceSpec": {"Kind": "SSD", "Value": 3}}]}, (0, False, "")),
    ],
    ids=["nothing", "nulls", "runtime", "cdi", "named", "nvidia", "counted", "two-kinds", "other"],
)
def test_gpus_are_what_the_engine_says(info: dict[str, Any], said: tuple[int, bool, str]) -> None:
    assert gpus_of(info) == said
