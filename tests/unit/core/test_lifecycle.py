"""The ladder, over every combination of facts, against an oracle that does not know the table."""

from __future__ import annotations

import itertools
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

import pytest

from carrel.core.lifecycle import (
    DELETE_LADDER,
    LOOK_AGAIN,
    RUN_LADDER,
    STOP_LADDER,
    Agent,
    Containers,
    Facts,
    Step,
    Volumes,
    decide,
)
from carrel.core.workspace import Failure, Goal, Phase

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def every_combination() -> list[Facts]:
    ranges = []
    for field in fields(Facts):
        default = field.default
        ranges.append(list(type(default)) if isinstance(default, StrEnum) else [False, True])
    names = [field.name for field in fields(Facts)]
    combinations: list[dict[str, Any]] = [
        dict(zip(names, values, strict=True)) for values in itertools.product(*ranges)
    ]
    return [Facts(**combination) for combination in combinations]


def expected_run(f: Facts) -> tuple[Phase, Step | None]:  # noqa: PLR0912  the oracle is a plain story on purpose
    if f.volumes == "lost":
        return Phase.FAILED, None
    if not f.toolbox:
        return Phase.PENDING, Step.ENSURE_TOOLBOX
    if f.volumes == "absent":
        return Phase.PENDING, Step.CREATE_VOLUMES
    if not f.source:
        return Phase.CLONING, Step.FETCH_SOURCE
    if not (f.environment and f.image):
        return Phase.BUILDING, Step.PREPARE_IMAGE if f.environment else Step.RESOLVE_ENVIRONMENT
    if not f.extra_volumes:
        return Phase.STARTING, Step.CREATE_VOLUMES
    step: Step | None
    if f.containers == "outdated":
        step = Step.REMOVE_CONTAINERS
    elif f.containers == "stale":
        step = Step.STOP_CONTAINERS
    elif not f.home_seeded:
        step = Step.SEED_HOME
    elif f.containers == "absent":
        step = Step.CREATE_CONTAINERS
    elif f.containers == "stopped":
        step = Step.START_CONTAINERS
    elif f.agent != "ready":
        step = Step.AWAIT_AGENT
    else:
        return Phase.RUNNING, None
    return Phase.STARTING, step


def expected(goal: Goal, f: Facts) -> tuple[Phase, Step | None]:
    if goal is Goal.RUN:
        return expected_run(f)
    if goal is Goal.STOP:
        return (Phase.STOPPING, Step.STOP_CONTAINERS) if f.any_running or f.network else (Phase.STOPPED, None)
    if f.any_container or f.network:
        return Phase.DELETING, Step.REMOVE_CONTAINERS
    if not f.purge_due:
        return Phase.DELETED, None
    return (Phase.DELETING, Step.REMOVE_VOLUMES) if f.any_volume else (Phase.DELETED, Step.FORGET)


@pytest.mark.parametrize("goal", Goal)
def test_every_combination_of_facts_gives_what_the_oracle_says(goal: Goal) -> None:
    for facts in every_combination():
        decision = decide(goal, facts, None, NOW)
        assert (decision.phase, decision.step) == expected(goal, facts), facts


@pytest.mark.parametrize("goal", Goal)
def test_a_workspace_without_a_step_is_looked_at_again_within_a_minute(goal: Goal) -> None:
    for facts in every_combination():
        decision = decide(goal, facts, None, NOW)
        assert (decision.step is None) == (decision.look_again_at == NOW + LOOK_AGAIN)


def test_a_lost_volume_is_a_problem_and_never_a_step() -> None:
    decision = decide(Goal.RUN, Facts(toolbox=True, volumes=Volumes.LOST), None, NOW)
    assert (decision.phase, decision.step, decision.problem) == (Phase.FAILED, None, "volume_missing")


@pytest.mark.parametrize("goal", [Goal.STOP, Goal.DELETE])
def test_stop_and_delete_are_legal_whatever_the_facts_are(goal: Goal) -> None:
    for facts in every_combination():
        assert decide(goal, facts, None, NOW).phase is not Phase.FAILED


def test_a_failed_step_is_not_taken_again_until_its_time() -> None:
    facts = Facts(toolbox=True, volumes=Volumes.PRESENT)
    failure = Failure(step=Step.FETCH_SOURCE, kind="source_unreachable", detail="", retry_at=NOW + timedelta(seconds=9))
    held = decide(Goal.RUN, facts, failure, NOW)
    assert (held.phase, held.step, held.look_again_at) == (Phase.CLONING, None, failure.retry_at)
    assert decide(Goal.RUN, facts, failure, NOW + timedelta(seconds=9)).step is Step.FETCH_SOURCE


def test_a_failure_for_good_is_shown_with_its_kind() -> None:
    facts = Facts(toolbox=True, volumes=Volumes.PRESENT)
    failure = Failure(step=Step.FETCH_SOURCE, kind="ref_not_found", detail="")
    decision = decide(Goal.RUN, facts, failure, NOW)
    assert (decision.phase, decision.step, decision.problem) == (Phase.FAILED, None, "ref_not_found")


def test_the_failure_of_one_step_holds_back_no_other() -> None:
    failure = Failure(step=Step.FETCH_SOURCE, kind="ref_not_found", detail="")
    assert decide(Goal.DELETE, Facts(any_container=True), failure, NOW).step is Step.REMOVE_CONTAINERS
    assert decide(Goal.RUN, Facts(), failure, NOW).step is Step.ENSURE_TOOLBOX


def perform(step: Step, f: Facts) -> Facts:
    """A little world in which every step does what it says."""
    gone = {"any_running": False, "network": False, "agent": Agent.UNREACHABLE}
    effects: dict[Step, dict[str, object]] = {
        Step.ENSURE_TOOLBOX: {"toolbox": True},
        Step.CREATE_VOLUMES: {"volumes": Volumes.PRESENT, "extra_volumes": f.environment, "any_volume": True},
        Step.FETCH_SOURCE: {"source": True},
        Step.RESOLVE_ENVIRONMENT: {"environment": True},
        Step.PREPARE_IMAGE: {"image": True},
        Step.REMOVE_CONTAINERS: gone | {"containers": Containers.ABSENT, "any_container": False, "home_seeded": False},
        Step.STOP_CONTAINERS: gone | {"containers": stopped(f.containers)},
        Step.SEED_HOME: {"home_seeded": True},
        Step.CREATE_CONTAINERS: {
            "containers": Containers.STOPPED if f.containers is Containers.ABSENT else f.containers,
            "network": True,
            "any_container": True,
        },
        Step.START_CONTAINERS: {"containers": Containers.RUNNING, "any_running": True},
        Step.AWAIT_AGENT: {"agent": Agent.READY},
        Step.REMOVE_VOLUMES: {"any_volume": False},
        Step.FORGET: {"purge_due": False},
    }
    return replace(f, **effects[step])  # type: ignore[arg-type]


def stopped(containers: Containers) -> Containers:
    return Containers.STOPPED if containers in {Containers.STALE, Containers.RUNNING} else containers


@pytest.mark.parametrize("goal", Goal)
def test_from_every_combination_the_goal_is_reached_without_going_in_circles(goal: Goal) -> None:
    for start in every_combination():
        facts = start
        if facts.volumes is Volumes.LOST and goal is Goal.RUN:
            continue
        for _ in range(len(Step) + 2):
            decision = decide(goal, facts, None, NOW)
            if decision.step is None:
                break
            facts = perform(decision.step, facts)
        else:
            pytest.fail(f"{goal} does not converge from {start}")


def test_every_step_stands_on_some_rung() -> None:
    assert {rung.step for rung in (*RUN_LADDER, *STOP_LADDER, *DELETE_LADDER)} >= set(Step)
