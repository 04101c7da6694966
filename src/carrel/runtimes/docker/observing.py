"""Asks the engine for the facts of one workspace, or of all."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from carrel.core.spec import WorkspaceRef
from carrel.runtimes.contract import RuntimeFacts
from carrel.runtimes.docker import names
from carrel.runtimes.docker.connection import Engine
from carrel.runtimes.docker.containers import Containers
from carrel.runtimes.docker.endpoints import Endpoints
from carrel.runtimes.docker.facts import (
    LogicalVolumes,
    container_facts,
    logical_volumes,
    network_owner,
    running_primary,
)
from carrel.runtimes.docker.volumes import Volumes

_AT_ONCE = 50
"""Inspections in one go: an installation may have thousands of containers."""


class Observing:
    """Reads facts; changes nothing."""

    def __init__(self, engine: Engine, volumes: Volumes, containers: Containers, endpoints: Endpoints) -> None:
        """Read through these."""
        self._engine = engine
        self._volumes = volumes
        self._containers = containers
        self._endpoints = endpoints

    async def one(self, ref: WorkspaceRef) -> RuntimeFacts:
        """The facts of one workspace."""
        present, found, network = await asyncio.gather(
            self._volumes.present(ref), self._containers.find(ref), self._containers.networks.find(ref)
        )
        return await self._facts(found, present, network=bool(network))

    async def all(self) -> dict[str, RuntimeFacts]:
        """The facts of every workspace, by id."""
        ours = names.label_filter({names.INSTALLATION: self._volumes.installation})
        listed, volumes, networks = await asyncio.gather(
            self._engine.get("containers/json", all=True, filters=ours),
            self._engine.get("volumes", filters=ours),
            self._engine.get("networks", filters=ours),
        )
        found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        ids = [one["Id"] for one in listed]
        for begin in range(0, len(ids), _AT_ONCE):
            for one in await self._containers.inspect_all(ids[begin : begin + _AT_ONCE]):
                found[one["Config"]["Labels"].get(names.WORKSPACE, "")].append(one)
        projects = _projects(volumes["Volumes"] or ())
        connected = {one["Labels"].get(names.WORKSPACE, "") for one in networks}
        facts = {}
        for workspace in sorted(({*found, *projects} | connected) - {""}):
            present = logical_volumes(volumes["Volumes"] or (), workspace, projects.get(workspace, ""))
            facts[workspace] = await self._facts(found[workspace], present, network=workspace in connected)
        return facts

    async def _facts(self, found: list[Mapping[str, Any]], volumes: LogicalVolumes, *, network: bool) -> RuntimeFacts:
        primary = running_primary(found)
        endpoint = await self._endpoints.of(primary, network_owner(primary, found)) if primary else None
        return RuntimeFacts(volumes.all, volumes.shared, network, container_facts(found), endpoint)


def _projects(volumes: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Workspace id to project, from the workspaces' own volumes."""
    labels = [volume.get("Labels") or {} for volume in volumes]
    return {one[names.WORKSPACE]: one.get(names.PROJECT, "") for one in labels if one.get(names.WORKSPACE)}
