"""Limits: what is refused names the limit, what counts against it, and how to free it."""

from __future__ import annotations

import pytest

from carrel.core.problems import Problem
from carrel.core.quota import Ceilings, Usage, check_create, check_limits, check_run
from carrel.core.spec import Limits


def test_without_ceilings_everything_but_gpus_is_allowed() -> None:
    check_limits(Limits(cpus=512, memory_bytes=2**45), Ceilings())
    check_create(Usage(10_000, 10_000), Ceilings())
    check_run(Usage(10_000, 10_000), Ceilings())
    with pytest.raises(Problem, match="'gpus': 1 asked for, at most 0"):
        check_limits(Limits(gpus=1), Ceilings())


@pytest.mark.parametrize(
    ("asked", "limit"),
    [(Limits(cpus=4.5), "cpus"), (Limits(memory_bytes=2**33 + 1), "memory"), (Limits(gpus=2), "gpus")],
)
def test_a_size_over_its_ceiling_is_refused(asked: Limits, limit: str) -> None:
    ceilings = Ceilings(cpus=4, memory_bytes=2**33, gpus=1)
    check_limits(Limits(cpus=4, memory_bytes=2**33, gpus=1), ceilings)
    with pytest.raises(Problem) as caught:
        check_limits(asked, ceilings)
    assert (caught.value.kind, caught.value.extra["limit"]) == ("over_quota", limit)


@pytest.mark.parametrize(("used", "refused"), [(9, False), (10, True), (11, True)])
def test_the_last_place_can_be_taken(*, used: int, refused: bool) -> None:
    ceilings = Ceilings(workspaces=10, running=10)
    for check, usage in ((check_create, Usage(workspaces=used)), (check_run, Usage(running=used))):
        if refused:
            with pytest.raises(Problem, match=f"{used} of 10") as caught:
                check(usage, ceilings)
            assert caught.value.hint
        else:
            check(usage, ceilings)
