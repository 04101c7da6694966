"""What a plan is made from: the request, and everything that had to be read or asked, as one frozen record.

The Protocols are what `gather` needs from its caller. A runtime's ProjectFiles and ImageFact have this shape.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from carrel.core.spec import EmptySource, FolderSource, Limits, Source
from carrel.devcontainer.compose.project import Project, Service
from carrel.devcontainer.configuration import BuildSettings, Configuration
from carrel.devcontainer.dockerfile import Dockerfile
from carrel.devcontainer.features.advisories import ControlList
from carrel.devcontainer.features.record import Feature
from carrel.devcontainer.notices import Notice
from carrel.devcontainer.policy import Policy
from carrel.devcontainer.workspace_folder import Place

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def machine_architecture() -> str:
    """This machine's architecture as OCI names it."""
    name = platform.machine().lower()
    return _ARCHITECTURES.get(name, name)


class ProjectFiles(Protocol):
    """Reads the repository as it lies in the workspace's volume or folder. Paths are relative to its root."""

    async def read(self, path: str) -> bytes | None:
        """Content of a regular file, or None. Raises `refused_by_policy` for a link that leaves the repository."""

    async def list(self, path: str) -> Sequence[str]:
        """Names in a folder, folders with a trailing `/`; empty when there is no such folder."""

    async def digest(self, path: str, ignore: str = "") -> str:
        """Content hash of a folder as a build context; `ignore` is the text of its .dockerignore."""


class ImageFacts(Protocol):
    """What is known of an image."""

    @property
    def id(self) -> str:
        """Content id or digest."""

    @property
    def user(self) -> str:
        """Its USER; empty is root."""

    @property
    def env(self) -> Mapping[str, str]:
        """Its ENV."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""

    @property
    def entrypoint(self) -> tuple[str, ...]:
        """Its ENTRYPOINT."""

    @property
    def command(self) -> tuple[str, ...]:
        """Its CMD."""

    @property
    def architecture(self) -> str:
        """As OCI names it; empty when not known."""

    @property
    def on_build(self) -> tuple[str, ...]:
        """Its ONBUILD instructions, which run in every build from it."""


class ImageInspector(Protocol):
    """Finds out about an image, pulling it where that is needed."""

    async def __call__(self, image: str) -> ImageFacts:
        """Facts of `image`. Raises `image_missing`, `registry_unreachable`, `registry_denied`."""


@dataclass(frozen=True)
class BaseImage:
    """The image that the environment starts from, as it was inspected."""

    reference: str
    id: str = ""
    user: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    architecture: str = ""
    on_build: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """Which environment is asked for, by whom, under which policy."""

    workspace_id: str
    project: str = "default"
    """Image tags are shared within it, and with nobody else."""
    source: Source = EmptySource()
    repository: str = "project"
    """Base name of the repository: the folder below /workspaces."""
    folder: str = ""
    """The opened folder relative to the repository's root."""
    configuration: str = ""
    """The chosen devcontainer.json (path, or name of a folder in .devcontainer); empty: by the rules of discovery."""
    default_image: str = "debian:12"
    """Used where the repository says nothing (D40)."""
    image: str = ""
    """Used in the place of all that the repository says."""
    local_env: Mapping[str, str] = field(default_factory=dict)
    """What `${localEnv:X}` may read; the workspace's own map, empty by default."""
    policy: Policy = Policy()
    limits: Limits = Limits()
    """The workspace's size: ceilings of the primary container."""
    machine_cpus: float = 0.0
    """Of the machine that runs it; 0: not known."""
    machine_memory_bytes: int = 0
    machine_disk_bytes: int = 0
    """Of the machine that runs it; 0: not known."""
    folder_owner: tuple[int, int] | None = None
    """uid and gid of a mounted local folder; None where there is none."""
    additional_features: Mapping[str, Any] = field(default_factory=dict)
    control: ControlList = field(default_factory=ControlList)
    """What an administrator says of features: those that must not be used, and known faults (C225)."""
    builder: Literal["buildkit", "classic"] = "classic"
    no_cache: bool = False
    cache_from: tuple[str, ...] = ()
    """Images whose layers may be used, beside those that the configuration names."""
    platform: str = ""
    """`os/architecture` to build for; empty: the engine's own."""
    architecture: str = field(default_factory=machine_architecture)
    """Of the machine that builds, as OCI names it; Dockerfiles choose stages by it (C143)."""
    lockfile: Literal["use", "frozen", "ignore"] = "use"
    omit_from_label: frozenset[Literal["feature-customizations", "remoteEnv"]] = frozenset()
    """What a built image does not pass on to who starts from it (C098)."""
    registry_mirrors: Mapping[str, str] = field(default_factory=dict)
    certificates: str = ""
    """The organisation's CA certificates (PEM); trusted while features are installed."""

    @property
    def place(self) -> Place:
        """Where the source's folders are."""
        root = self.source.path if isinstance(self.source, FolderSource) else f"/workspaces/{self.repository}"
        return Place(root, self.folder)


@dataclass(frozen=True)
class DockerfileInput:
    """A Dockerfile source."""

    dockerfile: Dockerfile
    settings: BuildSettings
    context_digest: str
    """Empty: nothing of the context is read."""
    base_ids: Mapping[str, str] = field(default_factory=dict)
    """Image that a stage is built from -> its id, as far as known."""
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class ComposeInput:
    """A Compose source."""

    project: Project
    services: tuple[Service, ...]
    """Those that run, the primary one first."""
    builds: Mapping[str, DockerfileInput] = field(default_factory=dict)
    """Service -> its build; the primary's is in `Inputs.build`."""

    @property
    def primary(self) -> Service:
        """The service that people work in."""
        return self.services[0]


@dataclass(frozen=True)
class Inputs:
    """Everything `plan` needs; frozen, so that the same inputs always give the same plan."""

    request: Request
    configuration: Configuration
    """Of the file that was found, or of the default image."""
    image: BaseImage
    """The image itself, or the base of the Dockerfile's target stage."""
    found: bool = True
    """False: the repository has no configuration."""
    build: DockerfileInput | None = None
    compose: ComposeInput | None = None
    features: tuple[Feature, ...] = ()
    """In install order."""
    lockfile: str | None = None
    """Text to be written beside the configuration; None: nothing to write."""
    passwd: str = ""
    """The image's /etc/passwd where the caller knows it."""
    absent_binds: frozenset[str] = frozenset()
    """Folders of the repository that are to be mounted and are not there."""
    notices: tuple[Notice, ...] = ()
