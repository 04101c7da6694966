from __future__ import annotations

import pytest

from carrel.core.problems import Problem
from carrel.core.spec import ContainerSpec
from carrel.runtimes.contract import ImageFact
from carrel.runtimes.docker.fence import Fence, behind, health_behind
from carrel.runtimes.docker.init_record import init_record

FENCE = Fence(("169.254.0.0/16",), drops=True)


def test_what_a_service_says_is_no_entry_of_its_record() -> None:
    for entry in (("user", "dev\ndrop-net-admin=0"), ("env", "HOME=/\ndrop-net-admin=0")):
        with pytest.raises(Problem) as refused:
            behind([*FENCE.record(), entry], ["sleep"])
        assert refused.value.kind == "refused_by_policy"
    with pytest.raises(Problem):
        health_behind({"Test": ["CMD", "true"]}, "dev\ndrop-net-admin=0")


@pytest.mark.parametrize(
    "container",
    [
        ContainerSpec("main", "i", user="dev\0drop-net-admin=0"),
        ContainerSpec("main", "i", working_dir="/\0drop-net-admin=0"),
        ContainerSpec("main", "i", feature_entrypoints=("/start\0drop-net-admin=0",)),
        ContainerSpec("main", "i", override_command=False, command=("x\0drop-net-admin=0",)),
    ],
)
def test_what_a_configuration_says_is_no_entry_of_the_primary_s_record(container: ContainerSpec) -> None:
    with pytest.raises(Problem) as refused:
        init_record(container, ImageFact("sha256:x"), FENCE)
    assert refused.value.kind == "refused_by_policy"
