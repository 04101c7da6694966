"""From mount requests to mounts of the workspace: the project, the home, named volumes, tmpfs, folders of the repository."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from carrel.core.spec import (
    HOME_VOLUME,
    PROJECT_VOLUME,
    FolderSource,
    Mount,
    MountKind,
    Source,
    VolumeSpec,
)
from carrel.devcontainer.mounts import MountRequest
from carrel.devcontainer.notices import Notice, warning
from carrel.devcontainer.policy import Policy, refusal
from carrel.devcontainer.runargs import size_bytes
from carrel.devcontainer.targets import is_reserved
from carrel.devcontainer.workspace_folder import Place

_NOT_IN_NAMES = re.compile(r"[^a-z0-9_.-]+")
_SHARED_MEMORY = "/dev/shm"  # noqa: S108  a mount target
_SOCKETS = ("docker.sock", "podman.sock", "containerd.sock", "crio.sock", "buildkitd.sock")


@dataclass
class MountTable:
    """The mounts of one container, filled request by request."""

    source: Source
    place: Place
    policy: Policy
    absent: frozenset[str] = frozenset()
    """Folders of the repository that are not there."""
    mounts: list[Mount] = field(default_factory=list)
    volumes: dict[str, VolumeSpec] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def add(self, mount: Mount) -> None:
        """Add a mount; an earlier one at the same target goes."""
        self.mounts = [one for one in self.mounts if one.target != mount.target]
        self.mounts.append(mount)

    def project(self, target: str, subpath: str = "", *, read_only: bool = False) -> Mount:
        """The repository, or a folder of it, at a target."""
        if isinstance(self.source, FolderSource):
            return Mount(MountKind.FOLDER, target, self.source.path, read_only, subpath)
        return Mount(MountKind.VOLUME, target, PROJECT_VOLUME, read_only, subpath)

    def home(self, target: str) -> None:
        """The home volume, unless something else is mounted there."""
        self.volumes[HOME_VOLUME] = VolumeSpec(HOME_VOLUME)
        if not any(one.target == target for one in self.mounts):
            self.add(Mount(MountKind.VOLUME, target, HOME_VOLUME))

    def request(self, request: MountRequest, key: str, origin: str, raw_source: str = "") -> None:
        """Judge one request; `raw_source` is its source before `${devcontainerId}` was replaced."""
        target = posixpath.normpath(request.target)
        if is_reserved(target) and not (target == _SHARED_MEMORY and request.kind == "tmpfs"):
            self.notices.append(refusal("target", key, f"the target {target} is reserved", origin))
        elif not target.isprintable():
            self.notices.append(warning(key, f"{target[:80]!r} is no folder", origin))
        elif request.kind == "volume":
            self._volume(request, target, raw_source or request.source, (key, origin))
        elif request.kind == "tmpfs":
            self._tmpfs(request, target, key, origin)
        elif request.kind == "bind":
            self._bind(request, target, key, origin)
        else:
            self.notices.append(refusal("bind", key, f"mounts of type {request.kind!r} are not known", origin))

    def _volume(self, request: MountRequest, target: str, raw_source: str, whence: tuple[str, str]) -> None:
        subpath = request.options.get("volume-subpath", "")
        if driver := sorted(name for name in request.options if name.startswith(("volume-opt", "volume-driver"))):
            text = f"{driver[0]}: a driver's options can name any folder of the host; it is a plain volume"
            self.notices.append(refusal("volume", whence[0], text, whence[1]))
        if subpath and (subpath.startswith("/") or ".." in subpath.split("/") or not subpath.isprintable()):
            text = f"{subpath!r} is no folder inside the volume; it is not mounted"
            self.notices.append(refusal("volume", whence[0], text, whence[1]))
            return
        own = "${devcontainerId}" in raw_source or not request.source
        name = volume_name(raw_source, target)
        self.volumes[name] = VolumeSpec(name, shared=not own and self.policy.allows("shared-volumes"))
        self.add(Mount(MountKind.VOLUME, target, name, request.read_only, subpath))

    def _tmpfs(self, request: MountRequest, target: str, key: str, origin: str) -> None:
        asked = size_bytes(request.options.get("tmpfs-size", ""))
        size = min(asked, self.policy.max_tmpfs_bytes) if asked else None
        if asked and asked > self.policy.max_tmpfs_bytes:
            self.notices.append(warning(key, f"tmpfs at {target} is capped at {size} bytes", origin))
        self.add(Mount(MountKind.TMPFS, target, read_only=request.read_only, size_bytes=size))

    def _bind(self, request: MountRequest, target: str, key: str, origin: str) -> None:
        inner = self.inner_path(request.source)
        if inner is None:
            self.notices.append(refusal("bind", key, _why_not(request.source), origin))
        elif inner in self.absent:
            self.notices.append(warning(key, f"the repository has no {inner!r}; it is not mounted", origin))
        else:
            self.add(self.project(target, inner, read_only=request.read_only))

    def inner_path(self, source: str) -> str | None:
        """A source as a path inside the repository ("" is its root), or None when it is outside."""
        return inner_path(source, self.place)


def inner_path(source: str, place: Place) -> str | None:
    """A bind source as a path inside the repository ("" is its root); None when it is outside."""
    if not source or "\x00" in source:
        return None
    path = posixpath.normpath(source if source.startswith("/") else posixpath.join(place.local_folder, source))
    root = posixpath.normpath(place.root)
    if path == root:
        return ""
    return path.removeprefix(root + "/") if path.startswith(root + "/") else None


def _why_not(source: str) -> str:
    if source.endswith(_SOCKETS):
        return f"{source} is an engine's socket and is not mounted; the feature docker-in-docker gives an engine of its own (it needs the grant 'privileged')"
    return f"{source or 'a bind without source'} is not a folder of the repository and is not mounted; use a named volume, or a secret for credentials"


def volume_name(raw_source: str, target: str) -> str:
    """Logical name of a named volume: readable, unique for its source, never one of Carrel's own.

    A volume without a source is named by its target, so that it survives a rebuild (C165).
    """
    plain = raw_source.replace("${devcontainerId}", "")
    readable = _NOT_IN_NAMES.sub("-", (plain or target).lower()).strip("-.")[:32]
    if raw_source and readable == plain and readable:
        return f"mount-{readable}"
    return f"mount-{readable}-{hashlib.sha256((raw_source or target).encode()).hexdigest()[:8]}"


def bind_sources(requests: Sequence[MountRequest], place: Place) -> tuple[str, ...]:
    """Folders of the repository that requests want to mount, without its root."""
    inner = (inner_path(request.source, place) for request in requests if request.kind == "bind")
    return tuple(dict.fromkeys(path for path in inner if path))
