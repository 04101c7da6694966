from dataclasses import replace
from typing import Any

import pytest

from carrel.devcontainer.requirements import (
    Requirements,
    merge_requirements,
    parse_size,
    requirements_of,
    unmet,
)


@pytest.mark.conformance("C124", "C126", "C413")
@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1),
        ("2kb", 2048),
        ("3mb", 3 * 2**20),
        ("8gb", 8 * 2**30),
        ("1tb", 2**40),
        ("8 GB", 0),
        ("x", 0),
        (8, 8),
        (True, 0),
        (None, 0),
    ],
)
def test_sizes_are_powers_of_1024(text: Any, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.conformance("C123", "C124", "C125", "C127", "C128", "C415")
@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ([], None),
        ([{}], None),
        ([{"cpus": 2}, {"cpus": 4}], {"cpus": 4}),
        (
            [{"memory": "1gb"}, {"memory": "512mb", "storage": "1kb"}],
            {"cpus": 0, "memory": str(2**30), "storage": "1024"},
        ),
        ([{"gpu": "optional"}, {"gpu": "optional"}], {"cpus": 0, "gpu": "optional"}),
        ([{"gpu": False}, {"gpu": "optional"}], {"cpus": 0, "gpu": "optional"}),
        ([{"gpu": True}, {}], {"cpus": 0, "gpu": True}),
        ([{"cpus": 1, "gpu": False}], {"cpus": 1, "gpu": False}),
        ([{"cpus": 1, "gpu": False}, {}], {"cpus": 1}),
        ([{"cpus": "4"}, {"cpus": 2.5}, {"cpus": "many"}, {"cpus": True}], {"cpus": 4}),
        ([{"cpus": 2.5}, {"cpus": 2.0}], {"cpus": 2.5}),
        ([{"gpu": True}, {"gpu": "optional"}], {"cpus": 0, "gpu": True}),
        (
            [{"gpu": {"cores": 2, "memory": "1gb"}}, {"gpu": {"cores": 4}}],
            {"cpus": 0, "gpu": {"cores": 4, "memory": str(2**30)}},
        ),
        ([{"gpu": {"cores": 2}}, {"gpu": True}], {"cpus": 0, "gpu": {"cores": 2}}),
    ],
)
def test_the_largest_wish_counts(wishes: list[dict[str, Any]], expected: dict[str, Any] | None) -> None:
    assert merge_requirements([{"hostRequirements": wish} for wish in wishes]) == expected


def test_merged_requirements_become_a_record() -> None:
    merged = {"cpus": 2, "memory": "1024", "gpu": {"cores": 3, "memory": "2048"}}
    assert requirements_of(merged) == Requirements(2, 1024, 0, gpu=True, gpu_cores=3, gpu_memory_bytes=2048)
    assert requirements_of({"gpu": "optional"}) == Requirements(gpu=True, gpu_optional=True)
    assert requirements_of(None) == Requirements()


@pytest.mark.conformance("C414", "C416", "C420")
def test_what_a_machine_cannot_give_is_said_and_what_is_optional_is_not() -> None:
    wanted = Requirements(cpus=4, memory_bytes=8 * 2**30, storage_bytes=2**35, gpu=True)
    assert unmet(wanted, cpus=4, memory_bytes=8 * 2**30, gpus=1) == ()
    assert unmet(replace(wanted, gpu_optional=True), cpus=0, memory_bytes=0, gpus=0) == ()
    sentences = unmet(wanted, cpus=2, memory_bytes=2**30, gpus=0, disk_bytes=2**34)
    assert [sentence.split(";")[0] for sentence in sentences] == [
        "It asks for 4 CPUs",
        "It asks for 8 GiB of memory",
        "It asks for 32 GiB of storage",
        "It asks for a GPU",
    ]


def test_a_part_of_a_processor_is_a_whole_one_and_nothing_is_endless() -> None:
    assert [requirements_of({"cpus": cpus}).cpus for cpus in (2.5, "3", "x", float("inf"))] == [3, 3, 0, 10**9]
