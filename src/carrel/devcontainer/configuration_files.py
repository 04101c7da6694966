"""Which files an environment was made from, so that a change of one of them can be noticed while the workspace runs."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace

from carrel.core.agent import ConfigurationFile
from carrel.core.spec import PROJECT_VOLUME, ContainerSpec, Mount, MountKind, Source
from carrel.devcontainer.discovery import FOLDER, NAME
from carrel.devcontainer.inputs import ProjectFiles
from carrel.devcontainer.plan import EnvironmentPlan
from carrel.devcontainer.workspace_folder import Place

ABSENT = ""
"""Stands for the digest of a file that is not there."""
MOST_FILES = 500


class RecordingFiles:
    """ProjectFiles that remembers the digest of every file that was asked for, absent ones too."""

    def __init__(self, files: ProjectFiles) -> None:
        """Read from `files`."""
        self._files = files
        self.digests: dict[str, str] = {}

    async def read(self, path: str) -> bytes | None:
        """Content of a file, or None."""
        content = await self._files.read(path)
        self.digests[posixpath.normpath(path)] = ABSENT if content is None else digest_of(content)
        return content

    async def list(self, path: str) -> Sequence[str]:
        """Names in a folder."""
        return await self._files.list(path)

    async def digest(self, path: str, ignore: str = "") -> str:
        """Content hash of a folder: what a build copies is content, not configuration."""
        return await self._files.digest(path, ignore)


def digest_of(content: bytes) -> str:
    """As the agent makes it."""
    return hashlib.sha256(content).hexdigest()


def with_configuration_files(
    environment: EnvironmentPlan, digests: Mapping[str, str], source: Source, place: Place
) -> EnvironmentPlan:
    """The plan, whose agent watches the files it was made from, as far as the primary container has them.

    Args:
        environment: the plan.
        digests: path in the repository to digest, as RecordingFiles has them.
        source: what is mounted.
        place: where the source's folders are.
    """
    known: dict[str, tuple[str, ...]] = {path: (digest,) for path, digest in digests.items()}
    if not environment.config_path:  # whoever adds one wants it
        folder = place.folder
        for path in (posixpath.join(folder, FOLDER, NAME), posixpath.join(folder, f"{FOLDER}.json")):
            known.setdefault(path, (ABSENT,))
    if environment.lockfile is not None:  # it is written with this content, unless the source cannot be written
        as_found = known.get(environment.lockfile_path, (ABSENT,))
        known[environment.lockfile_path] = (*as_found, digest_of(environment.lockfile.encode()))
    container = environment.primary_container()
    files = [
        ConfigurationFile(path, inner, allowed)
        for path, allowed in sorted(known.items())
        if (inner := _in_container(path, container, source, place)) is not None
    ]
    return replace(environment, agent=replace(environment.agent, configuration=tuple(files[:MOST_FILES])))


def _in_container(path: str, container: ContainerSpec, source: Source, place: Place) -> str | None:
    """Where a file of the repository is in the container; None: nowhere."""
    for mount in container.mounts:
        part = _part_of_source(mount, source, place)
        if part is None:
            continue
        inner = posixpath.relpath(path, part) if part else path
        if inner != ".." and not inner.startswith("../"):
            return posixpath.normpath(posixpath.join(mount.target, inner))
    return None


def _part_of_source(mount: Mount, source: Source, place: Place) -> str | None:
    """The folder of the repository that is mounted, empty: its root; None: something else is mounted."""
    if source.kind != "folder":
        return mount.subpath if mount.kind is MountKind.VOLUME and mount.source == PROJECT_VOLUME else None
    if mount.kind is not MountKind.FOLDER:
        return None
    inner = posixpath.relpath(posixpath.join(mount.source, mount.subpath), place.root)
    return None if inner == ".." or inner.startswith("../") else "" if inner == "." else inner
