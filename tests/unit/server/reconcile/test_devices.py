"""Accelerators as plain data for a runtime, and who gets GPUs that his size does not name."""

from __future__ import annotations

import pytest

from carrel.core.accelerators import GPU_LABEL, NVIDIA, read_accelerators
from carrel.core.definition import Definition
from carrel.core.spec import Devices, Limits, WorkspaceRef, WorkspaceSpec
from carrel.core.workspace import Workspace
from carrel.server.reconcile.environment import devices_of
from carrel.server.reconcile.machine import unasked_gpus
from carrel.server.settings import Settings

KNOWN = read_accelerators(["amd-mi300=amd.com/gpu;vendor=amd"])


@pytest.mark.parametrize(
    ("accelerator", "gpus", "devices"),
    [
        ("", 0, None),
        ("", 2, Devices("", NVIDIA, 2)),
        ("nvidia-l4", 1, Devices("nvidia-l4", NVIDIA, 1, {GPU_LABEL: "nvidia-l4"})),
        ("amd-mi300", 1, Devices("amd-mi300", "amd.com/gpu", 1, {"vendor": "amd"})),
        ("gone-by-now", 1, Devices("gone-by-now", NVIDIA, 1)),
    ],
    ids=["none", "any", "known", "added", "taken-away"],
)
def test_what_a_name_means_travels_as_data(accelerator: str, gpus: int, devices: Devices | None) -> None:
    definition = Definition(accelerator=accelerator) if accelerator else None
    one = Workspace("a", "b", "ana", "x", limits=Limits(gpus=gpus), definition=definition)
    assert devices_of(one, KNOWN) == devices


def test_containers_from_before_there_were_devices_are_as_they_should_be() -> None:
    plain = WorkspaceSpec(WorkspaceRef("a"), (), ())
    assert plain.digest() == "9df6bf88c39e0b7e"
    assert WorkspaceSpec(WorkspaceRef("a"), (), (), devices=Devices("", NVIDIA, 1)).digest() != plain.digest()


@pytest.mark.parametrize(
    ("settings", "given"),
    [
        (Settings(max_gpus=2), 2),
        (Settings(max_gpus=2, user_gpus=1), 0),
        (Settings(max_gpus=2, installation_gpus=1), 0),
        (Settings(max_gpus=2, mode="team"), 0),
    ],
    ids=["alone", "user", "installation", "team"],
)
def test_where_gpus_are_counted_a_configuration_gets_those_of_the_size(settings: Settings, given: int) -> None:
    assert unasked_gpus(settings) == given
