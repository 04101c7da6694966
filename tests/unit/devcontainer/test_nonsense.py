"""Values of any kind at any place: a plan, or a problem; never another error (bad input of the environment engine)."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from tests.unit.devcontainer.compose import compose_repository
from tests.unit.devcontainer.repository import REQUEST, Published, labelled, planned

from carrel.core.problems import Problem
from carrel.core.records import dump
from carrel.devcontainer import EnvironmentPlan
from carrel.devcontainer.compose.keys import KEYS
from carrel.devcontainer.properties import BUILD, PROPERTIES

LEAVES = (
    None, True, False, 0, 1, -1, 3.5, 10**30, "", "x", "/x", "a:b", "a=b", "²", "\u0000", "\n", "${localEnv:X}", "${localEnv}", "${devcontainerId}",
    "${containerEnv:A:b}", "source=a,target=/b", "type=tmpfs,target=/t", "..", "../..", "80:80", "3000", "x:localhost:80", "9" * 5000, "--privileged",
    "-", "--", "ä", "\ud800", "x" * 300, 'a"b', "a'b", "1gb", "all", "host", "service:app", "-1", "1.5",
)  # fmt: skip
DOCKERFILE = {".devcontainer/Dockerfile": "FROM base\n"}
FEATURE = "ghcr.io/c/x:1"


def nonsense(dice: random.Random, depth: int = 0) -> Any:
    kind = dice.random()
    if depth > 3 or kind < 0.5:
        return dice.choice(LEAVES)
    if kind < 0.75:
        return [nonsense(dice, depth + 1) for _ in range(dice.randrange(4))]
    return {str(dice.choice(LEAVES)): nonsense(dice, depth + 1) for _ in range(dice.randrange(4))}


def wish(dice: random.Random) -> dict[str, Any]:
    return {dice.choice([*PROPERTIES, "entrypoint"]): nonsense(dice) for _ in range(dice.randrange(1, 4))}


async def of_configuration(dice: random.Random) -> EnvironmentPlan:
    build = (
        {"build": {"dockerfile": "Dockerfile", dice.choice(list(BUILD)): nonsense(dice)}} if dice.random() < 0.3 else {}
    )
    return await planned({**wish(dice), **build}, REQUEST, None, DOCKERFILE)


async def of_image(dice: random.Random) -> EnvironmentPlan:
    return await planned({}, REQUEST, labelled(wish(dice)))


async def of_feature(dice: random.Random) -> EnvironmentPlan:
    published = Published({FEATURE: {"id": "x", "version": "1", **wish(dice)}})
    return await planned({"features": {FEATURE: nonsense(dice)}}, REQUEST, None, {}, published)


async def of_compose(dice: random.Random) -> EnvironmentPlan:
    service = {"image": "base", dice.choice(list(KEYS)): nonsense(dice), dice.choice(list(KEYS)): nonsense(dice)}
    document: dict[str, Any] = {"services": {"app": service, "db": {"image": "b"}}}
    if dice.random() < 0.4:
        document[dice.choice(["volumes", "networks", "secrets", "configs", "include", "name", "services"])] = nonsense(
            dice
        )
    text = yaml.safe_dump(document, allow_unicode=True).encode(errors="replace").decode()
    return await compose_repository.planned({compose_repository.FILE: text, **DOCKERFILE})


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("place", [of_configuration, of_image, of_feature, of_compose])
async def test_nonsense_is_a_plan_or_a_problem(place: Callable[..., Any], seed: int) -> None:
    dice = random.Random(seed)
    plans, problems = 0, []
    for _ in range(120):
        try:
            made = await place(dice)
        except Problem as problem:
            problems.append(problem.detail)
        else:
            plans += 1
            json.dumps(dump(made))
            assert made.primary_container().grants.privileged is False
    assert all(problems)
    assert 0 < plans < 120 or place is of_image
