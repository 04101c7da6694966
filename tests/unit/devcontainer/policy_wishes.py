"""What is asked of the policy, how it is written, what may come of it, and where one sees that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from carrel.core.spec import ContainerSpec
from carrel.devcontainer import EnvironmentPlan

Files = Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """One wish: a mapping of properties, or for Compose the lines of a service."""

    wish: dict[str, Any] | str
    top: str = ""
    """Compose: top-level lines."""
    files: Files = field(default_factory=dict)


@dataclass(frozen=True)
class Refused(Case):
    """A notice under the row's rule, and the plan as if nothing had been asked; with the row's grant it is there."""


@dataclass(frozen=True)
class Limited(Case):
    """What remains of the wish."""

    got: Callable[[EnvironmentPlan, ContainerSpec], Any] = lambda _plan, _container: None
    value: Any = None


@dataclass(frozen=True)
class Stopped(Case):
    """A problem that names the place and the property; a recovery workspace follows."""

    kind: str = "refused_by_policy"
    words: str = ""


@dataclass(frozen=True)
class Unread(Case):
    """The place has no such setting: it changes nothing."""


DOCKERFILE = {".devcontainer/Dockerfile": "FROM base\n"}


def built(text: str) -> Files:
    return {".devcontainer/Dockerfile": text}


def build(**more: Any) -> dict[str, Any]:
    return {"build": {"dockerfile": "Dockerfile", **more}}


def mounts(*written: Any) -> dict[str, Any]:
    return {"mounts": list(written)}


def runs(*words: str) -> dict[str, Any]:
    return {"runArgs": list(words)}


def grants(_plan: EnvironmentPlan, container: ContainerSpec) -> Any:
    return container.grants


def targets(_plan: EnvironmentPlan, container: ContainerSpec) -> Any:
    return sorted(one.target for one in container.mounts if one.target.startswith("/x"))


def hosts(_plan: EnvironmentPlan, container: ContainerSpec) -> Any:
    return container.extra_hosts


def env(_plan: EnvironmentPlan, container: ContainerSpec) -> Any:
    return dict(container.env)


def labels(_plan: EnvironmentPlan, container: ContainerSpec) -> Any:
    return {name: value for name, value in container.labels.items() if name != "devcontainer.metadata"}


def steps(plan: EnvironmentPlan, _container: ContainerSpec) -> Any:
    return [(dict(step.args), step.cache_from, dict(step.options)) for step in plan.build.steps]


def ports(plan: EnvironmentPlan, _container: ContainerSpec) -> Any:
    return plan.agent.forward_ports


def shared(plan: EnvironmentPlan, _container: ContainerSpec) -> Any:
    return [volume.name for volume in plan.volumes if volume.shared]
