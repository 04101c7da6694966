"""What the contract suite needs beside the contract: the things that people, repositories and accidents do to a runtime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from carrel.core.secret import Secret
from carrel.core.spec import (
    HOME_VOLUME,
    PROJECT_VOLUME,
    ContainerSpec,
    Egress,
    GitSource,
    Mount,
    MountKind,
    VolumeSpec,
    WorkspaceRef,
    WorkspaceSpec,
)
from carrel.core.workspace import new_id
from carrel.runtimes.contract import Runtime, SourceJob

HOME = "/home/dev"
PROJECT = "/workspaces/blog"
BOOT = {"boot.json": b'{"workspace": "x"}'}


def quiet(_: str) -> None:
    """A log that nobody reads."""


@dataclass(frozen=True)
class Repository:
    """A repository that the runtime can clone."""

    url: str
    commits: Mapping[str, str]
    """Branch to commit."""


class Workbench(Protocol):
    """One engine with one installation, and the hands of people around it."""

    runtime: Runtime
    toolbox: str
    image: str
    """Has busybox, and a user dev (1000)."""

    def again(self) -> Runtime:
        """Another runtime object for the same engine and installation: a restarted server."""

    def stranger(self) -> Runtime:
        """A runtime of another installation on the same engine."""

    async def repository(
        self,
        branches: Mapping[str, Mapping[str, bytes]],
        links: Mapping[str, str] | None = None,
        token: str = "",
        refs: Mapping[str, str] | None = None,
    ) -> Repository:
        """A repository with these branches; `refs` has further ref names to branches."""

    def held(self) -> AbstractContextManager[None]:
        """Inside, the git server answers nothing: a fetch stays where it is."""

    async def make_image(self, name: str, files: Mapping[str, bytes], changes: Sequence[str] = ()) -> str:
        """An image with busybox and files (path without leading slash)."""

    async def read_volume(self, ref: WorkspaceRef, volume: str) -> dict[str, bytes]:
        """All files of a volume, without Carrel's own notes."""

    async def write_volume(
        self, ref: WorkspaceRef, volume: str, files: Mapping[str, bytes | None], links: Mapping[str, str] | None = None
    ) -> None:
        """Write files (None deletes) and links, as the user of a workspace does."""

    async def lose_volume(self, ref: WorkspaceRef, volume: str) -> None:
        """Remove a volume by hand, and the containers that hold it."""

    async def lose_container(self, ref: WorkspaceRef, container: str) -> None:
        """Remove a container by hand."""

    async def end_container(self, ref: WorkspaceRef, container: str) -> None:
        """Kill a container by hand."""

    async def lose_image(self, image: str) -> None:
        """Remove an image by hand."""

    async def boot_files(self, ref: WorkspaceRef) -> dict[str, bytes]:
        """The boot files in the primary container."""

    async def reaches_outside(self, ref: WorkspaceRef) -> bool:
        """Whether the primary container, running, has a way out of its network."""

    async def foreign_things(self) -> Sequence[str]:
        """Make containers, volumes, networks and images that look like ours but lack our labels; returns their names."""

    async def missing(self, names: Sequence[str]) -> list[str]:
        """Which of the foreign things are gone."""

    async def leftovers(self) -> list[str]:
        """All that carries this installation's label, without toolboxes."""


def new_ref(project: str = "default") -> WorkspaceRef:
    """A workspace that nobody has seen."""
    return WorkspaceRef(new_id(), "blog--ana", project)


VOLUMES = (VolumeSpec(PROJECT_VOLUME), VolumeSpec(HOME_VOLUME))


def main_container(bench: Workbench, **changes: Any) -> ContainerSpec:
    """The primary container with project and home."""
    mounts = (Mount(MountKind.VOLUME, PROJECT, PROJECT_VOLUME), Mount(MountKind.VOLUME, HOME, HOME_VOLUME))
    return replace(ContainerSpec("main", bench.image, mounts=mounts), **changes)


@dataclass(frozen=True)
class Wanted:
    """What a test says of a workspace; the rest is usual."""

    others: tuple[ContainerSpec, ...] = ()
    volumes: tuple[VolumeSpec, ...] = VOLUMES
    egress: Egress = Egress.OPEN
    main: Mapping[str, Any] = field(default_factory=dict)


def workspace(bench: Workbench, ref: WorkspaceRef, wanted: Wanted | None = None) -> WorkspaceSpec:
    """The spec of a workspace."""
    want = wanted or Wanted()
    containers = (main_container(bench, **want.main), *want.others)
    return WorkspaceSpec(ref, containers, want.volumes, egress=want.egress, toolbox=bench.toolbox)


async def up(bench: Workbench, spec: WorkspaceSpec) -> None:
    """Volumes, containers, start."""
    await bench.runtime.create_volumes(spec.ref, spec.volumes)
    await bench.runtime.create(spec, quiet)
    await bench.runtime.start(spec, BOOT, quiet)


async def down(bench: Workbench, ref: WorkspaceRef) -> None:
    """Purge."""
    await bench.runtime.remove(ref)
    await bench.runtime.remove_volumes(ref)


def source_job(bench: Workbench, ref: WorkspaceRef, source: GitSource, token: str = "") -> SourceJob:
    """A job for a repository."""
    return SourceJob(ref, source, bench.toolbox, "ana" if token else "", Secret(token) if token else None)
