"""One bridge network for each workspace, with a small subnet that is held only while it is needed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from carrel.core.problems import Problem
from carrel.core.spec import WorkspaceRef, WorkspaceSpec
from carrel.runtimes.docker import names
from carrel.runtimes.docker.connection import Engine
from carrel.runtimes.docker.manifest import Maker
from carrel.runtimes.docker.packet_size import OPTION, packet_size
from carrel.runtimes.docker.refusals import EngineRefused
from carrel.runtimes.docker.subnets import free_subnets, prefix_for, used_by_networks, used_by_routes

_ROUTES = Path("/proc/net/route")
_INTERFACES = Path("/sys/class/net")
_TRIES = 20


class Networks:
    """The networks of all workspaces of one installation."""

    def __init__(self, engine: Engine, maker: Maker) -> None:
        """Networks of `engine`."""
        self._engine = engine
        self._maker = maker
        self._names = maker.names
        self._allotting = asyncio.Lock()

    async def find(self, ref: WorkspaceRef) -> list[Mapping[str, Any]]:
        """Our networks of a workspace: one or none, or two after a race."""
        labels = {names.INSTALLATION: self._names.installation, names.WORKSPACE: ref.id}
        found: list[Mapping[str, Any]] = await self._engine.get("networks", filters=names.label_filter(labels))
        return sorted(found, key=lambda network: str(network["Id"]))

    async def ensure(self, spec: WorkspaceSpec) -> str:
        """The id of the workspace's network, made unless it is there.

        Raises:
            Problem: `no_subnet`: the pool is used up.
        """
        if found := await self.find(spec.ref):
            return str(found[0]["Id"])
        # Allotting one after the other: of two in parallel, one would be refused and have to look again.
        async with self._allotting:
            made = await self._make(spec)
        found = await self.find(spec.ref)
        keep = str(found[0]["Id"]) if found else made
        if made != keep:  # another server was faster: both look again, and both keep the same one
            await self._engine.delete(f"networks/{made}")
        return keep

    async def _make(self, spec: WorkspaceSpec) -> str:
        networks, routes = await self._engine.get("networks"), await asyncio.to_thread(self._routes)
        used = used_by_networks(networks) + used_by_routes(routes)
        options = {OPTION: str(await asyncio.to_thread(packet_size, networks, routes, _INTERFACES))}
        prefix = prefix_for(len(spec.containers))
        pool = self._maker.settings.network_pool
        for tries, subnet in enumerate(free_subnets(pool, prefix, used, spec.ref.id)):
            try:
                body = self._maker.network(spec.ref, str(subnet), spec.egress)
                made = await self._engine.post("networks/create", {**body, "Options": options})
            except EngineRefused as refused:
                if refused.code == 409 and (found := await self.find(spec.ref)):
                    return str(found[0]["Id"])
                if refused.kind != "no_subnet" or tries >= _TRIES:
                    raise
            else:
                return str(made["Id"])
        raise Problem("no_subnet", f"All /{prefix} subnets of {pool} are in use.")

    def _routes(self) -> str:
        return _ROUTES.read_text() if self._engine.is_local and _ROUTES.exists() else ""

    async def connect(self, network: str, container: str, aliases: list[str]) -> None:
        """Attach a stopped container; what it remembers of an earlier network of this name is replaced."""
        body = {"Container": container, "EndpointConfig": {"Aliases": list(dict.fromkeys(aliases))}}
        await self._engine.post(f"networks/{network}/connect", body)

    async def release(self, ref: WorkspaceRef, containers: list[str]) -> None:
        """Detach our containers and remove the network, so that its subnet is free."""
        for network in await self.find(ref):
            for container in containers:
                await self._disconnect(network["Id"], container)
            await self._engine.delete(f"networks/{network['Id']}")

    async def _disconnect(self, network: str, container: str) -> None:
        try:
            await self._engine.post(f"networks/{network}/disconnect", {"Container": container, "Force": True})
        except EngineRefused as refused:
            if refused.code != 404 and "is not connected" not in refused.message:
                raise
