"""What the server and the agent say to each other: boot file, begin, status. Both sides import these records.

The wire is newline-delimited JSON on the SSH subsystem `carrel-control` (docs/reference/agent-protocol.md);
records are written with `core.records.dump` and read with `load`, which ignores unknown members.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from carrel.core.secret import Secret

PROTOCOL = 1
CONTROL_SUBSYSTEM = "carrel-control"
TERMINAL_SUBSYSTEM = "carrel-terminal"
"""Followed by a space and the terminal's name; a PTY request gives the size."""
SSH_SUBSYSTEM = "carrel-ssh"
"""The channel's bytes are an SSH connection of a person, whom the control plane has authorised."""
STREAM_SUBSYSTEM = "carrel-stream"
"""The same, resumable; followed by the person's id and the seconds that it waits for a lost client."""
LINK_USER = "carrel"
"""SSH user name of the control plane's links; may do everything. Sessions run as the remote user of the plan."""
BOOT_FILE = "boot.json"


@dataclass(frozen=True)
class Boot:
    """What the agent needs before anyone can talk to it; a file in BOOT_FOLDER, readable by root only."""

    workspace: str
    principal: str
    """The principal that a link's certificate must name: `<workspace id>:<start number>`."""
    authority: str
    """The installation's SSH user certificate authority, as an OpenSSH public key line."""
    host_key: Secret
    """The agent's OpenSSH private host key."""
    port: int = 7022
    start: int = 0
    """The start number: which accepted start this is."""
    creation: str = ""
    """Id of the container's creation: hooks that run once per creation compare it (C388)."""
    address: str = "0.0.0.0"  # noqa: S104  the workspace's own network; certificates guard it
    """Where the agent listens."""


CommandLine = str | tuple[str, ...]
"""A string runs in `/bin/sh -c`, a tuple is executed directly (C381, C382)."""


RERUNNABLE = ("onCreate", "updateContent", "postCreate", "dotfiles", "postStart", "postAttach", "extensions")
"""What `hook.rerun` takes: the stages in their order, and the editor's extensions, which are installed beside them."""

ONE_STREAM = frozenset({"dotfiles", "extensions"})
"""Stages whose commands are not worth a log stream each."""


@dataclass(frozen=True)
class Hook:
    """One entry of a life-cycle stage, from one origin."""

    stage: Literal["onCreate", "updateContent", "postCreate", "dotfiles", "postStart", "postAttach"]
    origin: str
    """`devcontainer.json`, `feature <id>`, or `image`."""
    commands: Mapping[str, CommandLine]
    """Name to command; the plain forms have one entry with the name "". Several run in parallel (C383)."""
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    """Environment of these commands alone; masked in their log."""


@dataclass(frozen=True)
class App:
    """An HTTP thing in a workspace that the agent starts on demand."""

    name: str
    port: int
    """Loopback port inside the workspace; 0: the agent chooses one and reports it."""
    command: CommandLine | None = None
    """`{port}` in it is replaced. None: nothing to start, only a port."""
    health: str = "/"
    """Path that answers with a status below 500 when the app is ready."""
    title: str = ""
    icon: str = ""
    open_path: str = "/"
    env: Mapping[str, str] = field(default_factory=dict)
    start: Literal["demand", "boot"] = "demand"
    share: Literal["private", "project", "public"] = "private"
    """The widest circle to which it may be opened."""


@dataclass(frozen=True)
class BusyPolicy:
    """Which processes count as busy (design.md, promise 7)."""

    cpu_percent: float = 25.0
    """Of one processor, averaged over `window_seconds`; the platform's own processes never count. 0: none counts."""
    window_seconds: float = 60.0
    ignore: tuple[str, ...] = ()
    """Process names that never count."""


@dataclass(frozen=True)
class ConfigurationFile:
    """A file that the environment was made from."""

    name: str
    """Path in the repository."""
    place: str
    """Absolute path in the container."""
    digests: tuple[str, ...]
    """SHA-256 (hex) of what it may hold without being changed; an empty text: it may be absent."""


@dataclass(frozen=True)
class AgentPlan:
    """What the agent has to do in this start; sent with `begin`, and not before the agent was reached."""

    remote_user: str = ""
    """Name or uid, as the environment engine settled it; empty: root."""
    workspace_folder: str = "/"
    remote_env: Mapping[str, str | None] = field(default_factory=dict)
    """None unsets (D18)."""
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    """Environment of every user process; masked in logs."""
    secret_files: Mapping[str, Secret] = field(default_factory=dict)
    """Files in `secret_names.SECRETS_FOLDER`, by name; masked in logs."""
    secrets_version: str = ""
    """Of `secrets` and `secret_files`, as the server names it; the status tells it."""
    user_env_probe: Literal["none", "loginShell", "interactiveShell", "loginInteractiveShell"] = "loginInteractiveShell"
    probe_timeout_seconds: float = 10.0
    """C360: then the start goes on without what the shell's start-up files would have set."""
    hooks: tuple[Hook, ...] = ()
    wait_for: Literal["initialize", "onCreate", "updateContent", "postCreate", "postStart"] = "updateContent"
    apps: tuple[App, ...] = ()
    owned_paths: tuple[str, ...] = ()
    """Folders (project volume, home) whose owner is set to the remote user once per change of UID."""
    hook_timeout_seconds: float = 3600.0
    editor_extensions: tuple[str, ...] = ()
    editor_settings: Mapping[str, Any] = field(default_factory=dict)
    editor_gallery: str = ""
    """Where the editor finds extensions: JSON as code-server's EXTENSIONS_GALLERY has it; empty is its own."""
    editor_prefetched: Mapping[str, str] = field(default_factory=dict)
    """Extension to the name of a .vsix file that the server puts into the folder `vsix` of the editor's data."""
    git_name: str = ""
    git_email: str = ""
    git_signing_key: str = ""
    """The owner's public key, an OpenSSH line, with which git signs by asking; empty: it does not."""
    ports: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """portsAttributes by key; "*" holds otherPortsAttributes."""
    forward_ports: tuple[str, ...] = ()
    busy: BusyPolicy = BusyPolicy()
    configuration: tuple[ConfigurationFile, ...] = ()
    """Watched, so that a change is offered as a rebuild."""


@dataclass(frozen=True)
class NewSecrets:
    """What takes the place of the plan's secrets while the workspace runs; parameters of the operation `secrets`."""

    version: str
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    files: Mapping[str, Secret] = field(default_factory=dict)


@dataclass(frozen=True)
class SecretsChange:
    """Names of secrets that are other ones; of a file the name is its path below `secret_names.SECRETS_FOLDER`."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.added or self.changed or self.removed)


def difference(before: AgentPlan, now: AgentPlan) -> SecretsChange:
    """How the secrets of two plans differ."""
    old = {**before.secrets, **before.secret_files}
    new = {**now.secrets, **now.secret_files}
    return SecretsChange(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(name for name in new.keys() & old.keys() if new[name] != old[name])),
        removed=tuple(sorted(old.keys() - new.keys())),
    )


class AgentState(StrEnum):
    """How far the agent is in this start."""

    WAITING = "waiting"
    """It runs, but `begin` has not come."""
    PREPARING = "preparing"
    """Hooks up to and including `wait_for` run."""
    READY = "ready"
    """People can work; later hooks may still run."""


class Progress(StrEnum):
    """State of one hook or app."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class HookStatus:
    """What became of one command of a hook."""

    stage: str
    origin: str
    name: str
    state: Progress
    log: str
    """Name for `log.read`."""
    exit_code: int | None = None
    began: datetime | None = None
    ended: datetime | None = None
    detail: str = ""
    """Why it failed, where the exit code does not say it."""

    def run(self) -> str:
        """Names this run of it: the same command run again is another one."""
        return f"{self.log}@{self.began.timestamp():.3f}" if self.began else self.log

    def stream(self) -> str:
        """The log stream: `hook:postCreate`, with a number or a name where the stage has several commands."""
        if self.stage in ONE_STREAM:
            return f"hook:{self.stage}"
        name = self.log.rpartition("/")[2].removeprefix(f"{self.stage}-")
        number, _, rest = name.partition("-")
        parts = (self.stage, "" if number == "0" else number, rest)
        return "hook:" + "-".join(part for part in parts if part)


@dataclass(frozen=True)
class AppStatus:
    """State of one app."""

    name: str
    state: Progress
    """DONE means: it answers."""
    port: int
    log: str = ""
    restarts: int = 0
    detail: str = ""
    began: datetime | None = None
    """When its process was first started; None also where an agent before this one did."""
    answered: datetime | None = None
    """When it first answered."""


@dataclass(frozen=True)
class PortStatus:
    """A listening TCP port in the workspace that is not the platform's own."""

    port: int
    process: str = ""
    pid: int = 0
    loopback_only: bool = False
    address: str = ""
    """What it listens on: `*` for every address, else an address; several are separated by a space."""
    protocol: Literal["", "http", "https", "h2c", "tcp"] = ""
    """h2c: HTTP/2 without TLS, as gRPC has it; tcp: none of the others; empty: unknown."""
    label: str = ""
    on_auto_forward: str = "notify"
    require_local_port: bool = False
    elevate_if_needed: bool = False
    is_asked: bool = False
    """It is being found out what it speaks; that takes a moment."""


class SignalKind(StrEnum):
    """Evidence of activity (design.md, promise 7)."""

    INPUT = "input"
    """Typed into a terminal or an editor."""
    OUTPUT = "output"
    """A terminal printed."""
    EXEC = "exec"
    """A command was run through the API or SSH."""
    EDITOR = "editor"
    """The editor's extension host reported work of a person."""
    BUSY = "busy"
    """A process that the policy counts uses CPU or GPU, or declared itself busy."""
    AI_AGENT = "ai_agent"
    """An AI agent's turn."""
    OPENED = "opened"
    """The workspace was started or an app was opened by a person."""


@dataclass(frozen=True)
class Signal:
    """The latest evidence of one kind."""

    kind: SignalKind
    at: datetime
    detail: str = ""
    """Which terminal, app or process; never what was typed."""


@dataclass(frozen=True)
class Resources:
    """Figures of the whole workspace, from cgroups where readable, else from /proc."""

    cpu_seconds: float = 0.0
    cpu_percent: float = 0.0
    memory_bytes: int = 0
    memory_limit_bytes: int | None = None
    processes: int = 0
    disk_used_bytes: int | None = None
    disk_free_bytes: int | None = None


@dataclass(frozen=True)
class TerminalStatus:
    """A named terminal, which lives in a holder that outlives the agent."""

    name: str
    command: str
    created: datetime
    attached: int
    cols: int
    rows: int
    title: str = ""
    running: str = ""
    """The program in the foreground, unless it is the terminal's own command."""


@dataclass(frozen=True)
class Person:
    """Somebody who is in the workspace now."""

    name: str
    """User name, or that of a guest."""
    ways: tuple[str, ...]
    """`terminal main`, `app code`, `port 8080`, `ssh` ..."""
    since: datetime
    seen: datetime


@dataclass(frozen=True)
class AgentStatus:
    """The agent's ledger, answered on every connection."""

    protocol: int
    version: str
    workspace: str
    start: int
    boot_id: str
    """Changes when the container's init starts anew."""
    now: datetime
    state: AgentState
    degraded: str = ""
    """Why a person should look: a hook that failed; empty when all is well."""
    remote_user: str = ""
    shell: str = ""
    home: str = ""
    hooks: tuple[HookStatus, ...] = ()
    apps: tuple[AppStatus, ...] = ()
    ports: tuple[PortStatus, ...] = ()
    terminals: tuple[TerminalStatus, ...] = ()
    signals: tuple[Signal, ...] = ()
    resources: Resources = Resources()
    configuration_changed: tuple[str, ...] = ()
    """Names of the plan's configuration files that are not what they were."""
    people: tuple[Person, ...] = ()
    """Who is here now, as entrances told it; no activity."""
    secrets_version: str | None = None
    """Of the secrets that new processes get; None: this agent cannot be given others without a restart."""
