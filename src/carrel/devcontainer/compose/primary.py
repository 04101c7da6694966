"""What Compose says of the primary container, and of the project as a whole. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from carrel.core.spec import ContainerSpec
from carrel.devcontainer.allowance import Allowance
from carrel.devcontainer.compose.builds import build_notices
from carrel.devcontainer.compose.containers import network_notices, of_service
from carrel.devcontainer.compose.volumes import volume_notices
from carrel.devcontainer.inputs import ComposeInput
from carrel.devcontainer.notices import Notice
from carrel.devcontainer.variable_names import usable


def primary_container(
    compose: ComposeInput, container: ContainerSpec, allowance: Allowance, sysctls: Mapping[str, str]
) -> ContainerSpec:
    """The container as devcontainer.json wants it, with what its service says below it."""
    env, refused = usable(compose.primary.environment, "environment", f"service {compose.primary.name}")
    allowance.notices += refused
    named = replace(container, name=compose.primary.name, env={**env, **container.env})
    return of_service(named, compose.primary, compose.services, allowance, sysctls)


def compose_notices(compose: ComposeInput) -> tuple[Notice, ...]:
    """What people are told of the project beside its services' own wishes."""
    builds = [notice for service in compose.services for notice in build_notices(service)]
    networks = network_notices(compose.project, compose.services)
    return (*compose.project.notices, *builds, *volume_notices(compose.project), *networks)
