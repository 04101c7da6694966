"""Accelerators: names, what administrators add, and what a machine has."""

from __future__ import annotations

import pytest

from carrel.core.accelerators import (
    ACCELERATORS,
    GPU_LABEL,
    NVIDIA,
    Accelerator,
    Machine,
    check_accelerator,
    check_machine,
    read_accelerators,
)
from carrel.core.problems import Problem

UNION: tuple[str, ...] = (
    "nvidia-l4",
    "nvidia-tesla-t4",
    "nvidia-tesla-l4",
    "nvidia-tesla-v100",
    "nvidia-tesla-a100",
    "nvidia-h100",
)
UNION += ("nvidia-l4-vws", "nvidia-tesla-m60", "nvidia-h200-141gb")


@pytest.mark.parametrize("name", UNION)
def test_every_name_says_a_resource_and_nodes(name: str) -> None:
    found = check_accelerator(name)
    assert found is not None
    assert (found.resource, dict(found.node_labels)) == (NVIDIA, {GPU_LABEL: name})


def test_none_is_none() -> None:
    assert check_accelerator("") is None


@pytest.mark.parametrize(
    ("typo", "near"),
    [
        ("nvidia-telsa-t4", "nvidia-tesla-t4"),
        ("NVIDIA_Tesla_V100", "nvidia-tesla-v100"),
        ("nvidia l4", "nvidia-l4"),
        ("nvidia-l4\u200b", "nvidia-l4"),
        ("h100", "nvidia-h100"),
    ],
    ids=["letters", "underscores", "space", "invisible", "short"],
)
def test_a_typo_names_the_nearest(typo: str, near: str) -> None:
    with pytest.raises(Problem, match="accelerator: there is no") as caught:
        check_accelerator(typo)
    assert caught.value.kind == "bad_value"
    assert f"Did you mean {near!r}?" in caught.value.hint


def test_administrators_add_and_change() -> None:
    known = read_accelerators(["amd-mi300=amd.com/gpu;gpu.vendor=amd;tier=big", "nvidia-l4 = example.com/l4"])
    assert known["amd-mi300"] == Accelerator("amd-mi300", "amd.com/gpu", {"gpu.vendor": "amd", "tier": "big"})
    assert known["nvidia-l4"] == Accelerator("nvidia-l4", "example.com/l4")
    assert known.keys() == ACCELERATORS.keys() | {"amd-mi300"}


@pytest.mark.parametrize("line", ["", "x", "x=", "=y", "X=a/b", "x=a/b/c", "x=a;b", "x=a;=b", "-x=a", "x=a b"])
def test_a_line_that_is_none_says_how_to_write_one(line: str) -> None:
    with pytest.raises(Problem, match="accelerators") as caught:
        read_accelerators([line])
    assert "NAME=RESOURCE" in caught.value.hint


@pytest.mark.parametrize(
    ("machine", "accelerator", "gpus", "used", "words"),
    [
        (None, "nvidia-l4", 1, 9, ""),
        (Machine(), "", 0, 0, ""),
        (Machine(), "", 1, 0, "It asks for 1 GPU, and this server's machine has no GPU."),
        (Machine(), "nvidia-l4", 2, 0, "It asks for 2 x nvidia-l4, and this server's machine has no GPU."),
        (Machine(1), "", 1, 5, ""),
        (Machine(1), "nvidia-l4", 1, 0, "does not say which GPUs it has"),
        (Machine(4, True, "nvidia-l4"), "nvidia-tesla-l4", 2, 2, ""),
        (Machine(4, True, "nvidia-l4"), "nvidia-l4", 2, 3, "and 1 of 4 is free."),
        (Machine(4, True, "nvidia-l4"), "", 1, 4, "and none of 4 is free."),
        (Machine(4, True, "nvidia-l4"), "nvidia-h100", 1, 0, "and this server has nvidia-l4."),
    ],
    ids=["unknown", "not-asked", "none", "two-of-none", "uncounted", "unnamed", "same", "too-few", "all-used", "other"],
)
def test_what_is_not_there_or_not_free_is_said(
    machine: Machine | None, accelerator: str, gpus: int, used: int, words: str
) -> None:
    if not words:
        check_machine(machine, accelerator, gpus, used)
        return
    with pytest.raises(Problem) as caught:
        check_machine(machine, accelerator, gpus, used)
    assert caught.value.kind == "no_accelerator"
    assert words in caught.value.detail
    assert caught.value.hint
