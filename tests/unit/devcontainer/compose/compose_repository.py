"""A repository with a Compose configuration, and what is planned for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.unit.devcontainer.repository import REQUEST, Image, Published, gathered

from carrel.core.spec import ContainerSpec
from carrel.devcontainer import EnvironmentPlan, Request, plan

CONFIG = ".devcontainer/devcontainer.json"
FILE = ".devcontainer/docker-compose.yml"


async def planned(
    compose: str | dict[str, str],
    configuration: dict[str, Any] | None = None,
    *,
    request: Request = REQUEST,
    images: dict[str, Image] | None = None,
    published: Published | None = None,
    granted: frozenset[str] = frozenset(),
) -> EnvironmentPlan:
    """The plan for `.devcontainer/docker-compose.yml`, or for files by path, with the service `app`."""
    files: dict[str, Any] = {FILE: compose} if isinstance(compose, str) else dict(compose)
    files[CONFIG] = {"dockerComposeFile": "docker-compose.yml", "service": "app", **(configuration or {})}
    policy = replace(request.policy, granted=granted)
    return plan(await gathered(files, replace(request, policy=policy), images, published))


def container(made: EnvironmentPlan, name: str = "app") -> ContainerSpec:
    """A container by its name."""
    return next(one for one in made.containers if one.name == name)


def refused(made: EnvironmentPlan) -> set[tuple[str, str]]:
    """(key, origin) of what the policy refused."""
    return {(one.key, one.origin) for one in made.notices if one.level == "refused"}
