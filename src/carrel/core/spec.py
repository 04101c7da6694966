"""What a workspace looks like to a runtime: plain, serialisable data, without any engine's words.

The environment engine produces these (devcontainer/plan.py), the store keeps them as JSON, runtimes turn them
into their own manifests. Nothing here names Docker or Kubernetes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from carrel.core.records import dump

PROJECT_VOLUME = "project"
HOME_VOLUME = "home"
TOOLBOX_PATH = "/opt/carrel"
BOOT_FOLDER = "/.carrel"
"""Where the runtime puts the boot files of a start, readable by root only."""
AGENT_PORT = 7022


class MountKind(StrEnum):
    """What is mounted."""

    VOLUME = "volume"
    """`source` is a logical volume name of this workspace (VolumeSpec.name)."""
    FOLDER = "folder"
    """`source` is an absolute path on the engine's machine; only ever the local folder of a local-mode workspace."""
    TMPFS = "tmpfs"


@dataclass(frozen=True)
class Mount:
    """One mount of a container."""

    kind: MountKind
    target: str
    source: str = ""
    read_only: bool = False
    subpath: str = ""
    """Path inside the volume; empty is its root."""
    size_bytes: int | None = None
    """tmpfs only."""


@dataclass(frozen=True)
class VolumeSpec:
    """A volume of the workspace, named within it; survives stop, start, rebuild and is trashed on delete."""

    name: str
    shared: bool = False
    """A named volume that the configuration shares between workspaces of one project (no `${devcontainerId}` in its name)."""


@dataclass(frozen=True)
class Limits:
    """Ceilings of one container; None means the runtime's default."""

    cpus: float | None = None
    memory_bytes: int | None = None
    pids: int | None = 4096
    shm_bytes: int | None = None
    gpus: int = 0


@dataclass(frozen=True)
class Devices:
    """Accelerators of the primary container by name: Kubernetes has a resource and a node selector of them, Docker a number."""

    accelerator: str
    """As workspace.yaml has it; empty: any GPU."""
    resource: str
    """As Kubernetes names it."""
    count: int
    node_labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Grants:
    """Privileges beyond the hardened default; each was allowed by a policy and audited."""

    privileged: bool = False
    capabilities: tuple[str, ...] = ()
    """Without the CAP_ prefix, in addition to the default set."""
    security_options: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()


@dataclass(frozen=True)
class HealthCheck:
    """When a dependent service counts as healthy (Compose)."""

    test: tuple[str, ...]
    """argv inside the container; a one-element tuple after "CMD-SHELL" is a shell line."""
    interval_seconds: float = 30.0
    timeout_seconds: float = 30.0
    start_period_seconds: float = 0.0
    retries: int = 3


@dataclass(frozen=True)
class Dependency:
    """This container starts after another one has reached a condition (Compose `depends_on`)."""

    container: str
    condition: Literal["started", "healthy", "completed"] = "started"


@dataclass(frozen=True)
class ContainerSpec:
    """One container of a workspace.

    The primary one runs the toolbox's init, which starts the agent; `command` is then what init runs beside it
    (overrideCommand: false), as `user`. Other containers run `entrypoint`/`command` themselves (None: the image's own).
    """

    name: str
    image: str
    user: str = ""
    """containerUser: runs entrypoints and command. Init and agent of the primary container are always root."""
    working_dir: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    limits: Limits = Limits()
    grants: Grants = Grants()
    hostname: str = ""
    extra_hosts: tuple[str, ...] = ()
    """"name:address" lines."""
    ulimits: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    sysctls: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    """The configuration's own labels (devcontainer.metadata ...); the runtime adds Carrel's."""
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None
    override_command: bool = True
    """Primary only. True: the image's entrypoint and command are not run."""
    feature_entrypoints: tuple[str, ...] = ()
    """Shell lines that init runs in order before the command, as `user`."""
    dependencies: tuple[Dependency, ...] = ()
    health: HealthCheck | None = None
    shares_network_with: str = ""
    """Name of another container (Compose `network_mode: service:x`)."""
    aliases: tuple[str, ...] = ()
    """Further names in the workspace's network."""
    restart: Literal["no", "failure", "always"] = "no"
    """When the runtime starts it again after it ended by itself; never the primary one, nor what was stopped on purpose."""
    restart_attempts: int = 0
    """How often after a failure; 0: without end."""


class Egress(StrEnum):
    """What the workspace's network may reach outside."""

    OPEN = "open"
    NONE = "none"


@dataclass(frozen=True)
class WorkspaceRef:
    """Which workspace, as a runtime knows it: enough to find everything by deterministic names and labels."""

    id: str
    """The workspace's id: 12 lower-case base-32 characters, never reused."""
    label: str = ""
    """`<workspace>--<owner>`, for people who look at the engine; not used to find anything."""
    project: str = "default"


@dataclass(frozen=True)
class WorkspaceSpec:
    """Everything a runtime needs to make the containers of one workspace."""

    ref: WorkspaceRef
    containers: tuple[ContainerSpec, ...]
    volumes: tuple[VolumeSpec, ...]
    primary: str = "main"
    egress: Egress = Egress.OPEN
    toolbox: str = ""
    """Toolbox version that is mounted, as the runtime's `ensure_toolbox` named it."""
    revision: int = 0
    """Wanted environment, counted: a rebuild makes the containers anew although nothing else differs."""
    devices: Devices | None = None

    def digest(self) -> str:
        """Content hash (16 hex digits): containers that carry another one are outdated."""
        nameless = replace(self, ref=replace(self.ref, label=""))  # another name is no reason for other containers
        members = dump(nameless)
        if self.devices is None:
            del members["devices"]  # containers from before there were any are as they should be
        text = json.dumps(members, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def primary_container(self) -> ContainerSpec:
        """The container with the agent."""
        return next(c for c in self.containers if c.name == self.primary)


# --- source ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GitSource:
    """A git repository at a ref; `url` holds no credential."""

    url: str
    ref: str = ""
    """Branch, tag, commit, `pull/N` (or a forge's own ref path); empty is the default branch."""
    kind: Literal["git"] = "git"


@dataclass(frozen=True)
class FolderSource:
    """A folder on the owner's machine, bind-mounted; delete never touches it."""

    path: str
    kind: Literal["folder"] = "folder"


@dataclass(frozen=True)
class EmptySource:
    """No source: an empty project volume."""

    kind: Literal["empty"] = "empty"


Source = GitSource | FolderSource | EmptySource


# --- image builds ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BuildStep:
    """One image build; its result is `tag`, a content hash of all that goes in."""

    tag: str
    dockerfile: str
    """The text of the build file."""
    context: str | None = None
    """Folder of the project that is the build context, relative to its root ("." is the root); None: only `files`."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Extra files of the context (features ...), path to content; mode 0755. They must not collide with the project's."""
    target: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    cache_from: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    """What the progress display calls it."""
    file: str = ""
    """Path of the build file in the project; empty: it was made, not read."""
    parts: Mapping[str, str] = field(default_factory=dict)
    """Number of a line of the build file, from 1, to what it does in people's words: for a failure there."""
    no_cache: bool = False
    platform: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    """Allowed extra options: `network` (none|default), `add-host` (comma separated), `shm-size` (bytes)."""


@dataclass(frozen=True)
class BuildPlan:
    """How the workspace's images come to be: steps in order, the pulled images first."""

    steps: tuple[BuildStep, ...] = ()
    pulls: tuple[str, ...] = ()
    """Images that must be present and are not built by a step."""

    def images(self) -> tuple[str, ...]:
        """All images that must be there when the plan is done."""
        return self.pulls + tuple(step.tag for step in self.steps)


# --- endpoint ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Endpoint:
    """Where and how a workspace's agent is reached: plain data, dialled by links, reported by a runtime as a fact."""

    kind: Literal["tcp", "command"]
    host: str = ""
    port: int = 0
    argv: tuple[str, ...] = ()
    """kind=command: a program whose stdin and stdout are the byte stream."""
