"""Volumes: found or created by name, never made by accident, removed only by a purge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from carrel.core.problems import Problem
from carrel.core.spec import VolumeSpec, WorkspaceRef
from carrel.runtimes.docker import names
from carrel.runtimes.docker.connection import Engine, Request
from carrel.runtimes.docker.facts import LogicalVolumes, logical_volumes
from carrel.runtimes.docker.manifest import Maker
from carrel.runtimes.docker.refusals import EngineRefused

_COUNTING_SECONDS = 1800.0


class Volumes:
    """The volumes of all workspaces of one installation."""

    def __init__(self, engine: Engine, maker: Maker) -> None:
        """Volumes of `engine`."""
        self._engine = engine
        self._maker = maker
        self._names = maker.names

    @property
    def installation(self) -> str:
        """Whose volumes are ours."""
        return self._names.installation

    async def create(self, ref: WorkspaceRef, volumes: Sequence[VolumeSpec]) -> None:
        """Find or create. Raises `engine_error` where a foreign volume has the name."""
        for volume in volumes:
            body = self._maker.volume(ref, volume)
            made = await self._engine.post("volumes/create", body)
            labels = made.get("Labels") or {}
            if labels.get(names.INSTALLATION) != self._names.installation:
                raise Problem("engine_error", f"A volume that is not ours has the name {body['Name']}.")

    async def present(self, ref: WorkspaceRef) -> LogicalVolumes:
        """The volumes that exist."""
        ours = {names.INSTALLATION: self._names.installation}
        own = await self._list(ours | {names.WORKSPACE: ref.id})
        shared = await self._list(ours | {names.SHARED: "true", names.PROJECT: ref.project})
        return logical_volumes([*own, *shared], ref.id, ref.project)

    async def sizes(self) -> dict[str, int]:
        """Bytes of each workspace's own volumes, by workspace id. The engine looks at every file: it may take minutes."""
        # An engine that knows no `type` (API before 1.42) counts its images, too.
        answer = await self._engine.ask(Request("GET", "system/df", {"type": "volume"}, seconds=_COUNTING_SECONDS))
        found: dict[str, int] = {}
        for volume in answer["Volumes"] or ():
            labels = volume.get("Labels") or {}
            size = (volume.get("UsageData") or {}).get("Size", -1)
            is_own = labels.get(names.INSTALLATION) == self._names.installation and names.WORKSPACE in labels
            if is_own and labels.get(names.SHARED) != "true" and size >= 0:
                found[labels[names.WORKSPACE]] = found.get(labels[names.WORKSPACE], 0) + size
        return found

    async def need(self, ref: WorkspaceRef, wanted: Iterable[VolumeSpec]) -> None:
        """Raise `volume_missing` unless all are there."""
        present = (await self.present(ref)).all
        for volume in wanted:
            if volume.name not in present:
                name = self._names.volume(ref, volume.name, shared=volume.shared)
                raise Problem("volume_missing", f"The volume {volume.name!r} ({name}) is gone.")

    async def need_toolbox(self, toolbox: str) -> None:
        """Raise `toolbox_failed` unless it is there: the engine would mount an empty one in its place."""
        if toolbox and await self._engine.find(f"volumes/{toolbox}") is None:
            hint = "`carrel toolbox build` makes it again."
            raise Problem("toolbox_failed", f"The toolbox {toolbox} is gone.", hint=hint)

    async def drop_unlabelled(self, ref: WorkspaceRef, wanted: Iterable[VolumeSpec]) -> list[str]:
        """Remove what the engine made in place of a volume that vanished while a container was being created.

        The engine makes a missing volume of a mount in silence, but without labels.

        Returns:
            The logical names of those volumes.
        """
        dropped = []
        for volume in wanted:
            name = self._names.volume(ref, volume.name, shared=volume.shared)
            found = await self._engine.find(f"volumes/{name}")
            if found is not None and not found.get("Labels"):
                await self._engine.delete(f"volumes/{name}")
                dropped.append(volume.name)
        return dropped

    async def remove(self, ref: WorkspaceRef) -> None:
        """Remove the workspace's own volumes for ever."""
        labels = {names.INSTALLATION: self._names.installation, names.WORKSPACE: ref.id}
        for volume in await self._list(labels):
            if (volume.get("Labels") or {}).get(names.SHARED) != "true":
                await self._remove(volume["Name"])

    async def _remove(self, name: str) -> None:
        try:
            await self._engine.delete(f"volumes/{name}")
        except EngineRefused as refused:
            if refused.code != 409:
                raise
            detail = f"The volume {name} is in use by a container that is not Carrel's: {refused.message}"
            raise Problem("engine_error", detail, hint="Remove that container, then delete again.") from refused

    async def _list(self, labels: dict[str, str]) -> list[dict[str, Any]]:
        answer = await self._engine.get("volumes", filters=names.label_filter(labels))
        return list(answer["Volumes"] or ())
