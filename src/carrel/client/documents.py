"""What the API answers. Members that this version does not know are kept, so that neighbours understand each other."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from carrel.core.preferences import Dotfiles
from carrel.core.spec import EmptySource, FolderSource, GitSource, Limits
from carrel.core.workspace import Retention


class Document(BaseModel):
    """A JSON object of the API."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)


class App(Document):
    """An app of a workspace."""

    name: str
    title: str
    icon: str
    url: str


class AppState(App):
    """An app and how it is."""

    state: str
    """`pending` (it starts when it is opened), `running`, `done` (it answers), `failed`."""
    detail: str
    restarts: int


class Port(Document):
    """A port that something listens on, or that the configuration forwards."""

    port: int
    process: str
    protocol: str
    label: str
    on_auto_forward: str = "notify"
    require_local_port: bool = False
    elevate_if_needed: bool = False
    listening: bool = True
    address: str = ""
    url: str
    visibility: str = "private"


class Hook(Document):
    """One command of a life-cycle hook."""

    stage: str
    name: str
    origin: str
    state: str
    """`pending`, `running`, `done`, `failed`, `skipped`."""
    exit_code: int | None
    began: datetime | None
    ended: datetime | None
    detail: str
    log: str
    """Its log stream."""


class WorkspaceProblem(Document):
    """Why the last step failed."""

    kind: str
    title: str
    detail: str = ""
    hint: str = ""
    step: str = ""
    retry_at: datetime | None = None
    """When it is tried again; None: only when somebody asks."""


class PolicyNotice(Document):
    """Something that is about to happen to a workspace."""

    kind: str
    at: datetime | None
    text: str


class TemplateOfWorkspace(Document):
    """Which template a workspace was made from."""

    name: str
    project: str
    """Empty: everybody's."""
    version: int
    newest: int
    update_available: bool
    update: str
    """When it takes a newer version: `on_demand`, `at_start`."""
    withdrawn: bool


class Workspace(Document):
    """A workspace."""

    id: str
    name: str
    owner: str
    project: str
    domain: str
    source: Annotated[GitSource | FolderSource | EmptySource, Field(discriminator="kind")]
    devcontainer: str
    phase: str
    """A `core.workspace.Phase`, or one of a newer server."""
    goal: str
    degraded: str
    rebuild_offered: tuple[str, ...] = ()
    """Files of the configuration that differ from those in use."""
    problem: WorkspaceProblem | None
    archived: bool
    commit: str
    branch: str
    revision: int
    start: int
    generation: int
    limits: Limits
    egress: str
    allow: tuple[str, ...]
    retention: Retention
    """In force now."""
    next_step: str = ""
    """`archive`, `trash`, `purge`: what becomes of it if nobody starts it; empty: nothing."""
    next_step_at: datetime | None = None
    notices: list[PolicyNotice] = []
    archived_at: datetime | None = None
    stopped_at: datetime | None = None
    apps: list[App]
    labels: dict[str, str]
    dotfiles: Dotfiles | None = None
    definition: dict[str, Any] | None = None
    """What was said of it besides: description, image, accelerator ...; None: nothing."""
    template: TemplateOfWorkspace | None = None
    created_at: datetime | None
    goal_at: datetime | None
    running_since: datetime | None
    last_activity_at: datetime | None
    stops_at: datetime | None
    deadline: datetime | None
    stop_reason: str
    disk_bytes: int | None = None
    disk_measured_at: datetime | None = None
    purge_after: datetime | None
    may: list[str] = []
    """What one may do with it: `read`, `watch`, `use`, `start` ..."""
    shared: str | None = None
    """What its owner gave: `view` or `edit`; None: it is not by a share."""


class WorkspacePage(Document):
    """A piece of the list."""

    items: list[Workspace]
    next_cursor: str | None = None


class Event(Document):
    """Something that happened to a workspace."""

    workspace: str
    """Its id."""
    number: int
    kind: str
    at: datetime | None
    data: dict[str, Any]


class EventPage(Document):
    """Events in order."""

    items: list[Event]
    last: int


class LogStream(Document):
    """A log stream of a workspace."""

    name: str
    characters: int
    dropped: int
    began_at: datetime
    updated_at: datetime


class LogChunk(Document):
    """A piece of a log stream: whole lines."""

    stream: str
    seq: int
    at: datetime
    text: str


class LogPage(Document):
    """The streams, and a piece of the one that was named."""

    streams: list[LogStream]
    items: list[LogChunk]
    last: int


class Span(Document):
    """A timed piece of a start."""

    name: str
    began: datetime
    ended: datetime
    start: int
    detail: str


class Timeline(Document):
    """The spans of one start."""

    start: int
    spans: list[Span]


class Signal(Document):
    """The latest evidence of one kind of activity."""

    kind: str
    at: datetime
    detail: str


class Prebuild(Document):
    """A prebuild."""

    workspace: str
    """Id of the workspace that it is until somebody takes it."""
    name: str
    ready: bool
    image: str
    commit: str
    stop_reason: str


class PolicyRule(Document):
    """A rule of the policy that applies to a workspace."""

    name: str
    value: str
    set_by: str
    """`workspace`, `template`, `project` or `installation`."""
    next_at: datetime | None = None


class Why(Document):
    """Why a workspace is alive and when it will stop, or why it was stopped."""

    alive: bool
    reason: str
    degraded: str = ""
    stops_at: datetime | None
    deadline: datetime | None
    idle_since: datetime | None
    retention: Retention
    stops_by: str = ""
    """The rule that stops it: `idle`, `deadline`, `schedule`."""
    waits: str = ""
    """Why a scheduled stop that is due has not happened."""
    rules: list[PolicyRule] = []
    notices: list[PolicyNotice] = []
    signals: list[Signal] | None
    """None: the agent could not be asked."""


class RuntimeSummary(Document):
    """What runs containers."""

    name: str
    version: str = ""
    architecture: str = ""
    builder: str = ""
    cpus: int = 0
    memory_bytes: int = 0
    problem: str = ""
    """Why it cannot be used now; empty: it can."""
    notices: list[str] = []


class Server(Document):
    """The server, and the settings that people may see."""

    version: str
    database: str
    runtime: RuntimeSummary
    settings: dict[str, Any]


class Session(Document):
    """Who the token belongs to."""

    user: str
    user_id: str
    role: str


class LoginLink(Document):
    """A link that signs a browser in, once."""

    url: str
    expires_in_seconds: int


class GitCredential(Document):
    """A stored credential, without its token."""

    host: str
    username: str
    kind: str = "token"
    created_at: datetime
    updated_at: datetime


class GitLogin(Document):
    """A login at a git host that waits for a person."""

    host: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_at: datetime
    interval_seconds: int


class GitLoginState(Document):
    """How far it is."""

    state: str
    interval_seconds: int


class StoredSecret(Document):
    """A stored secret, without its value."""

    name: str
    sources: list[str]
    created_at: datetime
    updated_at: datetime


class WorkspaceSecret(Document):
    """A secret that a workspace gets, or that its repository would like to have."""

    name: str
    description: str
    documentation_url: str
    declared: bool
    given_by: str
    """`workspace`, `user`, `domain`, `project`; empty: it is not set."""
    wanted: bool = False
    """The workspace's definition wants it: it does not start without."""


class Preferences(Document):
    """What a person wants in every workspace of his."""

    dotfiles: Dotfiles
    start_on_connect: bool = False
    project: str = ""
    domain: str = ""
    sign_commits: bool = False


class Inspection(Document):
    """What a repository asks for, before there is a workspace of it."""

    configurations: list[str]
    config_path: str
    name: str
    secrets: list[WorkspaceSecret]
    unmet: list[str]
    """What the server cannot give it, as sentences."""
