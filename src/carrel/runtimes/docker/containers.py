"""A workspace's containers: created, started in the order of their dependencies, stopped, removed."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from carrel.core.problems import Problem
from carrel.core.spec import ContainerSpec, WorkspaceRef, WorkspaceSpec
from carrel.runtimes.contract import Log
from carrel.runtimes.docker import names
from carrel.runtimes.docker.connection import SUBPATH_API, Engine, Request
from carrel.runtimes.docker.facts import Described
from carrel.runtimes.docker.images import Images
from carrel.runtimes.docker.manifest import Maker
from carrel.runtimes.docker.multiplex import frames
from carrel.runtimes.docker.networks import Networks
from carrel.runtimes.docker.refusals import EngineRefused
from carrel.runtimes.docker.subpaths import Links, link_archive, links_for
from carrel.runtimes.docker.volumes import Volumes
from carrel.runtimes.docker.way import check_way

Inspected = Mapping[str, Any]
_MAX_LOG_BYTES = 1 << 18
"""Lines may be of any length."""
_HEALTH_POLL_SECONDS = 0.25
"""The engine itself looks no oftener than the check's interval."""


@dataclass(frozen=True)
class Archives:
    """Tars that are extracted at the root of a container before it starts."""

    primary: bytes
    others: bytes = b""


class Containers:
    """The containers of all workspaces of one installation."""

    def __init__(self, engine: Engine, maker: Maker, volumes: Volumes, images: Images) -> None:
        """Containers of `engine`."""
        self._engine = engine
        self._images = images
        self._maker = maker
        self._names = maker.names
        self._volumes = volumes
        self.networks = Networks(engine, maker)

    async def find(self, ref: WorkspaceRef) -> list[Inspected]:
        """Inspections of all our containers of a workspace, helpers among them."""
        labels = {names.INSTALLATION: self._names.installation, names.WORKSPACE: ref.id}
        listed = await self._engine.get("containers/json", all=True, filters=names.label_filter(labels))
        return await self.inspect_all(one["Id"] for one in listed)

    async def inspect_all(self, ids: Iterable[str]) -> list[Inspected]:
        """Inspections of those that (still) exist."""
        found = await asyncio.gather(*(self._engine.find(f"containers/{one}/json") for one in ids))
        return [one for one in found if one is not None]

    async def create(self, spec: WorkspaceSpec) -> None:
        """Find or create network and containers; see Runtime.create."""
        await self._volumes.need(spec.ref, spec.volumes)
        await self._volumes.need_toolbox(spec.toolbox)
        present = self._by_name(await self.find(spec.ref))
        if any(_label(one, names.SPEC) != spec.digest() for one in present.values()):
            raise Problem("engine_error", "Containers of another spec exist.", hint="Remove them first.")
        described = await asyncio.gather(*(self._images.need(container.image) for container in spec.containers))
        images = {container.name: image for container, image in zip(spec.containers, described, strict=True)}
        await self.networks.ensure(spec)
        made = []
        for container in _network_owners_first(spec.containers):
            if container.name in present:
                continue
            if created := await self._create(spec, container, images[container.name]):
                made.append(created)
        if made:
            await self._undo_if_volume_was_lost(spec, made)

    async def _create(self, spec: WorkspaceSpec, container: ContainerSpec, image: Described) -> str | None:
        """The new container's id; None: another server was faster."""
        name = self._names.container(spec.ref, container.name)
        container = self._links(container, image).container
        try:
            made = await self._engine.post(
                "containers/create", self._maker.container(spec, container, image), name=name
            )
        except EngineRefused as refused:
            if refused.code == 409 and await self._is_ours(name, spec):
                return None
            if refused.kind == "image_missing":
                raise Problem("image_missing", f"There is no image {container.image}.") from refused
            raise
        return str(made["Id"])

    def _links(self, container: ContainerSpec, image: Described) -> Links:
        """What stands for mounts of parts of volumes, where the engine cannot mount them."""
        return links_for(container, image.volumes, volumes=self._engine.api < SUBPATH_API)

    async def _undo_if_volume_was_lost(self, spec: WorkspaceSpec, made: Iterable[str]) -> None:
        """The engine makes a volume that vanished since we looked; an empty home in silence is what must never be."""
        try:
            await self._volumes.need(spec.ref, spec.volumes)
        except Problem:
            for container in made:
                await self._engine.delete(f"containers/{container}", force=True)
            await self._volumes.drop_unlabelled(spec.ref, spec.volumes)
            raise

    async def _is_ours(self, name: str, spec: WorkspaceSpec) -> bool:
        found = await self._engine.find(f"containers/{name}/json")
        if found is None:
            return False
        ours = _label(found, names.INSTALLATION) == self._names.installation
        return ours and _label(found, names.SPEC) == spec.digest()

    async def start(self, spec: WorkspaceSpec, archives: Archives, log: Log) -> None:
        """Put the archives into the containers and start them, dependencies first."""
        present = self._by_name(await self.find(spec.ref))
        if missing := [c.name for c in spec.containers if c.name not in present]:
            raise Problem("engine_error", f"There is no container {missing[0]!r}; create it first.")
        await self._volumes.need(spec.ref, spec.volumes)
        asleep = {c.name: c for c in spec.containers if present[c.name]["State"]["Status"] != "running"}
        # Each of the two takes the engine 50 ms, and neither needs the other.
        await asyncio.gather(
            self._connect(spec, [(c, present[c.name]) for c in asleep.values()]),
            *(self._fill(c, present[c.name], archives, log) for c in asleep.values()),
        )
        while asleep:
            ready = [c for c in asleep.values() if not _held_back(c, asleep)]
            if not ready:
                raise Problem("bad_configuration", "The dependencies of the containers are a circle.")
            await asyncio.gather(*(self._start(one, present, log) for one in ready))
            for one in ready:
                del asleep[one.name]

    async def _connect(self, spec: WorkspaceSpec, asleep: Iterable[tuple[ContainerSpec, Inspected]]) -> None:
        """Attach to the workspace's network those that are not: it was released when they were stopped."""
        network = await self.networks.ensure(spec)
        for container, found in asleep:
            attached = (found["NetworkSettings"].get("Networks") or {}).values()
            if not container.shares_network_with and all(one.get("NetworkID") != network for one in attached):
                await self.networks.connect(network, found["Id"], [container.name, *container.aliases])

    async def _fill(self, container: ContainerSpec, found: Inspected, archives: Archives, log: Log) -> None:
        await check_way(self._engine, found["Id"], container)
        content = archives.primary if _label(found, names.PRIMARY) else archives.others
        if content:
            await self.put(found["Id"], content)
        if found["State"]["Status"] == "created":
            await self._put_links(found["Id"], container, log)

    async def _start(self, container: ContainerSpec, present: Mapping[str, Inspected], log: Log) -> None:
        for dependency in container.dependencies:
            await self._await_condition(present[dependency.container]["Id"], dependency.container, dependency.condition)
        log(f"Starting {container.name}")
        await self._engine.post(f"containers/{present[container.name]['Id']}/start")

    async def _put_links(self, found: str, container: ContainerSpec, log: Log) -> None:
        """Before the first start only: later the container's own files are there."""
        if not any(mount.subpath for mount in container.mounts):
            return
        made = self._links(container, await self._images.need(container.image))
        if made.links:
            await self.put(found, link_archive(made.links))
            targets = ", ".join(target for target, _ in made.links)
            log(f"{container.name}: {targets} are links into the volume or folder: this engine mounts no parts of it")
        for target in made.left_out:
            log(
                f"{container.name}: {target} is left out, another mount is in its way; Docker Engine 26 or newer can mount it"
            )

    async def put(self, container: str, archive: bytes) -> None:
        """Extract a tar at a container's root."""
        request = Request("PUT", f"containers/{container}/archive", {"path": "/"}, archive, seconds=120.0)
        await self._engine.ask(request)

    async def _await_condition(self, container: str, name: str, condition: str) -> None:
        if condition == "completed":
            request = Request("POST", f"containers/{container}/wait")
            status = (await self._engine.ask(request))["StatusCode"]
            if status:
                raise Problem("container_failed", f"{name!r} ended with status {status}, and others depend on it.")
        elif condition == "healthy":
            await self._await_health(container, name)

    async def _await_health(self, container: str, name: str) -> None:
        while True:
            state = (await self._engine.get(f"containers/{container}/json"))["State"]
            health = (state.get("Health") or {}).get("Status", "none")
            if health == "healthy":
                return
            if health in {"unhealthy", "none"} or state["Status"] != "running":
                raise Problem("container_failed", f"{name!r} is not healthy ({health}), and others depend on it.")
            await asyncio.sleep(_HEALTH_POLL_SECONDS)

    async def stop(self, ref: WorkspaceRef, grace_seconds: float) -> None:
        """Stop all, remove helpers, release the network."""
        found = await self.find(ref)
        await asyncio.gather(*(self._stop(one, grace_seconds) for one in found))
        await self.networks.release(ref, [one["Id"] for one in found])

    async def _stop(self, found: Inspected, grace_seconds: float) -> None:
        if _label(found, names.HELPER):
            await self._engine.delete(f"containers/{found['Id']}", force=True, v=True)
            return
        if found["State"]["Status"] not in {"running", "paused", "restarting"}:
            return
        seconds = max(0, math.ceil(grace_seconds))
        request = Request("POST", f"containers/{found['Id']}/stop", {"t": seconds}, seconds=seconds + 60.0)
        try:
            await self._engine.ask(request)
        except EngineRefused as refused:
            if refused.code != 404:
                raise

    async def remove(self, ref: WorkspaceRef, grace_seconds: float = 10.0) -> None:
        """Stop and remove all, and the network."""
        await self.stop(ref, grace_seconds)
        for one in await self.find(ref):
            await self._engine.delete(f"containers/{one['Id']}", force=True, v=True)

    async def log(self, ref: WorkspaceRef, container: str, tail_lines: int) -> str:
        """The last lines of stdout and stderr, in the order of writing."""
        name = self._names.container(ref, container)
        if await self._engine.find(f"containers/{name}/json") is None:
            return ""
        request = Request("GET", f"containers/{name}/logs", {"stdout": True, "stderr": True, "tail": tail_lines})
        content = b""
        async with self._engine.stream(request) as answer:
            async for _, written in frames(answer.content.iter_any()):
                content = (content + written)[-_MAX_LOG_BYTES:]
        return content.decode(errors="replace")

    def _by_name(self, found: Iterable[Inspected]) -> dict[str, Inspected]:
        return {_label(one, names.CONTAINER): one for one in found if not _label(one, names.HELPER)}


def _label(inspected: Inspected, name: str) -> str:
    return str((inspected["Config"].get("Labels") or {}).get(name, ""))


def _network_owners_first(containers: Iterable[ContainerSpec]) -> list[ContainerSpec]:
    return sorted(containers, key=lambda container: bool(container.shares_network_with))


def _held_back(container: ContainerSpec, waiting: Mapping[str, ContainerSpec]) -> bool:
    needs = {dependency.container for dependency in container.dependencies} | {container.shares_network_with}
    return any(name in waiting for name in needs)
