"""What a runtime does: the whole contract between the control plane and what runs containers.

Every call is idempotent: find-or-create by deterministic names and our labels (installation id + workspace id).
A call either brings about what it says, or raises `Problem`; it never half-succeeds in a way that a repeated call
does not mend. Nothing without our labels is ever touched. tests/contract is the suite that every runtime passes;
docs/adr/0004-runtime-contract-on-kubernetes.md maps each function to Kubernetes objects.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from carrel.core.secret import Secret
from carrel.core.spec import BuildStep, Endpoint, Source, VolumeSpec, WorkspaceRef, WorkspaceSpec

Log = Callable[[str], None]
"""Receives lines of progress as they come, without line ends, control characters escaped; each call counts as progress."""


class ContainerState(StrEnum):
    """What a runtime sees of one container."""

    CREATED = "created"
    RUNNING = "running"
    EXITED = "exited"


@dataclass(frozen=True)
class ContainerFact:
    """One container that exists."""

    name: str
    """ContainerSpec.name."""
    state: ContainerState
    spec_digest: str
    """WorkspaceSpec.digest() it was made from."""
    creation: str
    """Changes when it is created anew."""
    started_at: datetime | None = None
    exit_code: int | None = None
    out_of_memory: bool = False
    restarts: int = 0
    """How often the runtime started it again by itself since it was last started on purpose."""
    throw_away: bool = False
    """A helper (source, files, seed) and not one of the spec's; `spec_digest` is empty. `stop` and `remove` end it too."""


@dataclass(frozen=True)
class RuntimeFacts:
    """All that the runtime knows of one workspace; what is not there is absent, never guessed."""

    volumes: frozenset[str] = frozenset()
    """Logical names of the volumes that exist."""
    shared: frozenset[str] = frozenset()
    """Those of them that the project shares; `remove_volumes` leaves them."""
    network: bool = False
    containers: tuple[ContainerFact, ...] = ()
    endpoint: Endpoint | None = None
    """Only while the primary container runs."""


@dataclass(frozen=True)
class Capacity:
    """What a machine has."""

    cpus: int
    memory_bytes: int
    gpus: int = 0
    disk_bytes: int = 0
    """Size of the disk that volumes are on; 0 is not known."""
    gpus_counted: bool = False
    """Whether `gpus` is their number, not only whether there are any."""
    accelerator: str = ""
    """Which they are, by a name of core/accelerators.py; empty: it does not say."""


@dataclass(frozen=True)
class RuntimeInfo:
    """Answer of `probe`."""

    name: str
    version: str
    architecture: str
    """As OCI names it: amd64, arm64."""
    capacity: Capacity
    builder: str = ""
    """`buildkit` or `classic`."""
    shares_files_with: str = ""
    """Why local folders can be mounted ("probe file seen"), or empty when they cannot."""
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImageFact:
    """An image that is present, or was inspected in its registry."""

    id: str
    """Content id or digest."""
    user: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    architecture: str = ""
    working_dir: str = ""
    on_build: tuple[str, ...] = ()
    """ONBUILD instructions, which run in every build from it."""


class ProjectFiles(Protocol):
    """Reads the workspace's source as it lies in its volume or folder. Paths are relative to its root, with `/`."""

    async def read(self, path: str) -> bytes | None:
        """Content of a regular file (at most 8 MiB), or None. A link that leaves the source is refused (`refused_by_policy`)."""

    async def list(self, path: str) -> Sequence[str]:
        """Names in a folder, folders with a trailing `/`; empty when there is no such folder."""

    async def tree(self, path: str) -> Sequence[str]:
        """The paths of all regular files below a folder, sorted, relative to it; links are not followed, `.git` is left out."""

    async def digest(self, path: str, ignore: str = "") -> str:
        """Content hash of a folder as a build context; `ignore` is the text of its .dockerignore."""


@dataclass(frozen=True)
class SourceFile:
    """A file that is written into a source."""

    path: str
    """Relative to the source's root."""
    content: bytes
    like: str
    """A file of the source that has the owner which this one gets."""


@dataclass(frozen=True)
class FilePlacement:
    """A file that is put into a source only where nobody else's is."""

    path: str
    """Relative to the source's root."""
    content: bytes | None
    """None: it is to go."""
    replaces: str = ""
    """sha256 of what it may take the place of; empty: it is put only where nothing is."""
    executable: bool = False

    def __post_init__(self) -> None:
        """Only what is known can be removed."""
        if self.content is None and not self.replaces:
            message = f"nothing is said of what is removed: {self.path}"
            raise ValueError(message)

    def described(self) -> dict[str, str | bool | None]:
        """As `placing` takes it."""
        content = None if self.content is None else base64.b64encode(self.content).decode()
        return {"path": self.path, "content": content, "replaces": self.replaces, "executable": self.executable}


@dataclass(frozen=True)
class SourceResult:
    """What fetching a source found."""

    commit: str = ""
    branch: str = ""


@dataclass(frozen=True)
class SourceJob:
    """How to fetch a source: credentials go by stdin or tmpfs, never by argv, environment or disk."""

    ref: WorkspaceRef
    source: Source
    toolbox: str
    username: str = ""
    token: Secret | None = None


@dataclass(frozen=True)
class BuildJob:
    """One image build for a workspace."""

    ref: WorkspaceRef
    step: BuildStep
    source: Source
    registry_credentials: Mapping[str, tuple[str, Secret]] = field(default_factory=dict)
    """Registry host to (user name, password)."""
    force: bool = False
    """Build although the tag is present: a rebuild without cache."""


class Runtime(Protocol):
    """Runs workspaces. One object serves one engine or cluster and one installation."""

    name: str
    fills_new_volumes: bool
    """A new volume gets what the image has at its target when first mounted, so that the first seed is not needed."""

    async def probe(self) -> RuntimeInfo:
        """Connect, negotiate, measure. Raises `no_engine`, `engine_too_old`."""

    async def ensure_toolbox(self, log: Log) -> str:
        """Make the toolbox of this version available, once; returns its name. Raises `toolbox_failed`."""

    async def has_toolbox(self) -> str | None:
        """The name of this version's toolbox if it is complete, without building it."""

    async def observe(self, ref: WorkspaceRef) -> RuntimeFacts:
        """The facts of one workspace, now."""

    async def observe_all(self) -> Mapping[str, RuntimeFacts]:
        """The facts of every workspace of this installation, by workspace id; also of those that the caller does not know."""

    async def disk_usage(self) -> Mapping[str, int]:
        """Bytes that each workspace's own volumes take, by workspace id, as of now or shortly before; may take minutes."""

    def watch(self) -> AsyncIterator[str]:
        """Workspace ids whose facts may have changed; only a wake-up, may repeat or miss. Ends when the connection is lost."""

    async def create_volumes(self, ref: WorkspaceRef, volumes: Sequence[VolumeSpec]) -> None:
        """Find or create the volumes."""

    async def fetch_source(self, job: SourceJob, log: Log) -> SourceResult:
        """Fill the project volume from the source in a throw-away container; a volume that is already filled is left alone.

        A call after a crash finds the running one and waits for it.
        Raises `bad_source`, `source_unreachable`, `source_denied`, `ref_not_found`, `folder_not_shared`, `no_space`.
        """

    def open_source(self, ref: WorkspaceRef, source: Source) -> AbstractAsyncContextManager[ProjectFiles]:
        """Read access to the source, without a running workspace."""

    async def write_source_file(self, ref: WorkspaceRef, source: Source, file: SourceFile) -> None:
        """Put one file into the source, in the place of what is there; its folder exists.

        Raises `volume_missing`, `bad_source`, `no_space`; `refused_by_policy`: its folder is a link out of the source.
        """

    async def place_source_files(self, job: SourceJob, files: Sequence[FilePlacement]) -> Sequence[str]:
        """Put files into a fetched source, also while containers run; `job` is the one that it was fetched by.

        They get the owner of their folder. No link is followed; a repetition does what was left to do.

        Returns:
            The paths that were left as they are, because something else is there, or a link leads there.

        Raises `volume_missing`, `bad_source`, `no_space`, `toolbox_failed`.
        """

    async def inspect_image(self, image: str) -> ImageFact | None:
        """A local image's facts, or None when it is not present."""

    async def image_users(self, ref: WorkspaceRef, image: str) -> str:
        """The text of a local image's `/etc/passwd`, at most 1 MiB; empty where it has none. Raises `image_missing`."""

    async def base_image(self, log: Log) -> str:
        """Name of a small Debian 12 image that is present, for images that Carrel itself makes. Raises `image_missing`."""

    async def pull_image(
        self, image: str, credentials: Mapping[str, tuple[str, Secret]], log: Log, *, newest: bool = False
    ) -> ImageFact:
        """Make an image present, with `newest` as its registry has it now, also where an older one is present.

        Raises `image_missing`, `registry_unreachable`, `registry_denied`, `no_space`; what was present still is, then.
        """

    async def name_image(self, image: str, name: str) -> None:
        """Give a local image one more name. Raises `image_missing`."""

    async def push_image(self, image: str, name: str, credentials: Mapping[str, tuple[str, Secret]], log: Log) -> str:
        """Push a local image to a registry under `name`; returns its digest there. No local name is left by it.

        Raises `image_missing`, `registry_unreachable`, `registry_denied`.
        """

    async def adopt_image(
        self, name: str, tag: str, credentials: Mapping[str, tuple[str, Secret]], log: Log
    ) -> ImageFact:
        """Pull `name` and have it here as `tag`, as if this installation had built it. Raises as `pull_image`."""

    async def build_image(self, job: BuildJob, log: Log) -> ImageFact:
        """Build `job.step` unless its tag is present, or anyway with `job.force`. Raises `build_failed` (detail: step and line), `no_space`."""

    async def seed_home(self, ref: WorkspaceRef, image: str, home: str, toolbox: str, log: Log) -> None:
        """Add what `image` has under `home` to the home volume: absent files, and those unmodified since the last seed."""

    async def create(self, spec: WorkspaceSpec, log: Log) -> None:
        """Find or create network and containers; does not start them. Containers of another digest must be removed first.

        Raises `volume_missing` (never makes an empty one in its place), `image_missing`, `no_subnet`, `engine_error`.
        """

    async def start(self, spec: WorkspaceSpec, boot: Mapping[str, bytes], log: Log) -> None:
        """Put the boot files (name in BOOT_FOLDER -> content, root only) and start, dependencies first.

        Running ones are left alone. The network is made again where a stop released it. Raises `no_subnet`,
        `volume_missing`, `container_failed` (a dependency of another), `engine_error`.
        """

    async def stop(self, ref: WorkspaceRef, grace_seconds: float = 10.0) -> None:
        """Stop all containers (TERM, then KILL after the grace) and release the network; containers and volumes stay."""

    async def remove(self, ref: WorkspaceRef) -> None:
        """Stop and remove all containers and networks; volumes stay."""

    async def remove_volumes(self, ref: WorkspaceRef) -> None:
        """Remove the workspace's own volumes for ever (purge). Local folders are never touched."""

    async def container_log(self, ref: WorkspaceRef, container: str, tail_lines: int = 200) -> str:
        """The last lines that a container wrote to stdout and stderr."""

    async def collect(self, images_in_use: frozenset[str], toolboxes_in_use: frozenset[str]) -> Sequence[str]:
        """Remove our images and toolboxes that nothing refers to; returns their names."""

    async def close(self) -> None:
        """Release connections."""
