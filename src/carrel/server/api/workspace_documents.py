"""Workspaces as JSON: what is answered, and what is accepted."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from carrel.core.access import Level
from carrel.core.definition import Definition
from carrel.core.preferences import DEFAULT_TARGET, Dotfiles
from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.core.spec import Egress, EmptySource, FolderSource, GitSource, Limits
from carrel.core.template import TemplateStanding, Update
from carrel.core.urls import AppAddress, app_host
from carrel.core.workspace import AskedRetention, Failure, Goal, ListedApp, OnEnd, Phase, Retention, Workspace
from carrel.server.actions.workspaces import NewWorkspace, WorkspaceUpdate
from carrel.server.api.definition_documents import (
    DefinitionDocument,
    DefinitionInput,
    TemplateChangeDocument,
    TemplateUseDocument,
    definition_document,
)
from carrel.server.api.problems import ProblemDocument
from carrel.server.api.rights import Rights
from carrel.server.api.standing import PolicyNotice, Standing
from carrel.server.settings import Settings

ANSWER = ConfigDict(use_attribute_docstrings=True, json_schema_serialization_defaults_required=True)
SecretValue = Annotated[str, Field(max_length=50_000, json_schema_extra={"format": "password", "writeOnly": True})]
REQUEST = ConfigDict(use_attribute_docstrings=True, extra="forbid", frozen=True, str_max_length=4000)


class AppDocument(BaseModel):
    """An app of a workspace."""

    model_config = ConfigDict(**ANSWER, title="App")

    name: str
    title: str = ""
    icon: str = ""
    """One of a known set (docs/guides/apps.md), or an emoji."""
    url: str
    """Address on a host of its own; of the terminal: a page of the dashboard."""
    share: str = "private"
    """The widest circle to which it may be opened: private, project, public."""


class WorkspaceProblem(ProblemDocument):
    """Why the last step failed."""

    model_config = ConfigDict(extra="forbid", title="WorkspaceProblem", use_attribute_docstrings=True)

    step: str = ""
    attempts: int = 1
    retry_at: datetime | None = None
    """When it is tried again; null: only when somebody asks."""


class TemplateOfWorkspace(BaseModel):
    """The template that a workspace was made from, as it stands in the catalog now."""

    model_config = ANSWER

    name: str
    project: str
    """Empty: everybody's."""
    version: int
    """That the workspace has."""
    newest: int
    update_available: bool
    update: Update
    """When newer versions are taken, as its version says: on demand, or at the next start."""
    withdrawn: bool
    """It is gone, or no workspace is made from it any more."""


class WorkspaceDocument(BaseModel):
    """A workspace."""

    model_config = ConfigDict(**ANSWER, title="Workspace")

    id: str
    name: str
    owner: str
    project: str
    domain: str
    source: Annotated[GitSource | FolderSource | EmptySource, Field(discriminator="kind")]
    devcontainer: str
    phase: Phase
    goal: Goal
    degraded: str
    """Why a person should look although it runs; empty: all is well."""
    rebuild_offered: tuple[str, ...]
    """Files of the configuration that differ from those that the environment was made from; a rebuild applies them."""
    problem: WorkspaceProblem | None
    """Why the last step failed; null: it did not."""
    archived: bool
    commit: str
    branch: str
    revision: int
    """Grows with every wanted environment."""
    start: int
    """Grows with every wanted start."""
    generation: int
    """Grows with every accepted change."""
    limits: Limits
    egress: Egress
    allow: tuple[str, ...]
    """Grants beyond the policy's defaults."""
    retention: Retention
    """In force now: what was asked, within the bounds of the policy."""
    asked_retention: AskedRetention
    """What was asked; null: as the policy says."""
    next_step: Literal["", "archive", "trash", "purge"]
    """What becomes of it if nobody starts it (in the trash: takes it back); empty: nothing."""
    next_step_at: datetime | None
    notices: list[PolicyNotice]
    """What is about to happen to it."""
    archived_at: datetime | None
    stopped_at: datetime | None
    """Since when it rests."""
    dotfiles: Dotfiles | None
    """In the place of the owner's preference; null: that one."""
    apps: list[AppDocument]
    """Of this start; empty while it does not run."""
    labels: dict[str, str]
    definition: DefinitionDocument | None
    """What was said of it besides; null: nothing, or you may not read it."""
    template: TemplateOfWorkspace | None
    """What it was made from; null: from none, or you may not read it."""
    created_at: datetime | None
    goal_at: datetime | None
    running_since: datetime | None
    last_activity_at: datetime | None
    stops_at: datetime | None
    """When it stops if nothing happens; null: never, or unknown."""
    deadline: datetime | None
    """End of life of this start; null: none."""
    stop_reason: str
    """Why it was last stopped."""
    disk_bytes: int | None
    """Of its volumes, as last measured; null: not yet."""
    disk_measured_at: datetime | None
    purge_after: datetime | None
    """In the trash: when its files go."""
    may: list[str]
    """What you may do with it: `read`, `watch`, `use`, `start`, `operate`, `change`, `delete`, `share` (docs/reference/roles.md)."""
    shared: Level | None
    """What its owner gave you of it; null: you do not have it by a share."""


class WorkspacePage(BaseModel):
    """A piece of a list."""

    model_config = ANSWER

    items: list[WorkspaceDocument]
    next_cursor: str | None = None
    """For the parameter `cursor`; null: this was the last piece."""


TERMINAL = "terminal"
"""The app that is a page of the dashboard."""


class AppUrls:
    """Makes addresses of apps."""

    def __init__(self, settings: Settings) -> None:
        parts = urlsplit(settings.public_url)
        self._scheme = parts.scheme
        self._port = f":{parts.port}" if parts.port else ""
        self._domain = settings.apps_domain
        self._dashboard = settings.public_url.rstrip("/")

    def url(self, workspace: Workspace, app: str) -> str:
        """Address of an app or a port of a workspace."""
        host = app_host(AppAddress(app, workspace.name, workspace.owner), self._domain)
        return f"{self._scheme}://{host}{self._port}/"

    def members(self, workspace: Workspace, app: ListedApp) -> dict[str, str]:
        """Members of an app's document."""
        url = self.url(workspace, app.name).removesuffix("/") + app.open_path
        if app.name == TERMINAL:
            url = f"{self._dashboard}/workspaces/{workspace.id}/terminal"
        return {"name": app.name, "title": app.title, "icon": app.icon, "url": url, "share": app.share}


_SAME = (
    "id",
    "name",
    "owner",
    "project",
    "domain",
    "source",
    "devcontainer",
    "phase",
    "goal",
    "degraded",
    "archived",
    "revision",
    "start",
    "generation",
    "limits",
    "egress",
    "allow",
    "archived_at",
    "stopped_at",
    "labels",
    "dotfiles",
    "created_at",
    "goal_at",
    "running_since",
    "last_activity_at",
    "stops_at",
    "deadline",
    "stop_reason",
    "disk_bytes",
    "disk_measured_at",
    "purge_after",
)
"""Members that are answered as they are."""
_same = attrgetter(*_SAME)


def workspace_document(workspace: Workspace, urls: AppUrls, rights: Rights, standing: Standing) -> WorkspaceDocument:
    """A workspace as it is answered."""
    return WorkspaceDocument.model_validate(workspace_members(workspace, urls, rights, standing))


def workspace_members(workspace: Workspace, urls: AppUrls, rights: Rights, standing: Standing) -> dict[str, Any]:
    """Members of a workspace's document; for long lists, which are written without checking each item again."""
    members = dict(zip(_SAME, _same(workspace), strict=True))
    members["commit"] = workspace.remembered.commit
    members["branch"] = workspace.remembered.branch
    members["rebuild_offered"] = workspace.remembered.configuration_changed
    members |= standing.members(workspace)
    members["problem"] = _problem(workspace.failure)
    members["may"] = may = rights.of(workspace)
    members["definition"] = definition_document(workspace.definition, whole="read" in may)
    members["template"] = _template(workspace) if "read" in may else None
    members["shared"] = rights.shared(workspace)
    members["apps"] = [urls.members(workspace, app) for app in workspace.apps]
    return members


def _template(workspace: Workspace) -> dict[str, Any] | None:
    standing, version = workspace.template, workspace.template_version
    if version is None:
        return None
    if standing is None:
        used = workspace.definition.template if workspace.definition is not None else None
        name = used.name if used is not None else ""
        standing = TemplateStanding(name, "", version, withdrawn=True, update=Update.ON_DEMAND, policy=None)
    return {
        "name": standing.name,
        "project": standing.project,
        "version": version,
        "newest": standing.newest,
        "update_available": standing.newest > version,
        "update": standing.update,
        "withdrawn": standing.withdrawn,
    }


def _problem(failure: Failure | None) -> WorkspaceProblem | None:
    if failure is None:
        return None
    document = Problem(failure.kind, failure.detail, failure.hint).document()
    more = {"step": failure.step, "attempts": failure.attempts, "retry_at": failure.retry_at}
    return WorkspaceProblem(**document, **more)


# --- what is accepted ------------------------------------------------------------------------------------------------


class GitSourceInput(BaseModel):
    """A git repository; the address holds no credential."""

    model_config = REQUEST

    kind: Literal["git"] = "git"
    url: str
    ref: str = ""
    """Branch, tag, commit or `pull/N`; empty: the default branch."""


class FolderSourceInput(BaseModel):
    """A folder of the server's machine; only in local mode, for the owner."""

    model_config = REQUEST

    kind: Literal["folder"]
    path: str


class EmptySourceInput(BaseModel):
    """No source."""

    model_config = REQUEST

    kind: Literal["empty"]


class LimitsInput(BaseModel):
    """Size of a workspace; null: as the settings say."""

    model_config = REQUEST

    cpus: float | None = None
    memory_bytes: int | None = None
    pids: int | None = None
    shm_bytes: int | None = None
    gpus: int = 0

    def limits(self) -> Limits:
        """As the core has it."""
        return Limits(**self.model_dump())


class RetentionInput(BaseModel):
    """When it ends by itself; a time that is null: as the policy says, whatever that is by then; absent in a change: as it is."""

    model_config = REQUEST

    ttl_seconds: int | None = None
    """Idleness after which it stops; 0: never."""
    max_life_seconds: int | None = None
    """Life of one start; 0: no cap."""
    on_idle: OnEnd | None = None
    on_deadline: OnEnd | None = None

    def as_policy(self) -> frozenset[str]:
        """The times that are said to be as the policy says."""
        times = {"ttl_seconds", "max_life_seconds"} & self.model_fields_set
        return frozenset(name for name in times if getattr(self, name) is None)


class DotfilesInput(BaseModel):
    """A repository that is cloned into the home and installed there."""

    model_config = REQUEST

    repository: str = ""
    """Git URL, or `owner/repository` of GitHub; empty: none."""
    target: str = DEFAULT_TARGET
    """Folder in the home."""
    command: str = ""
    """A script of the repository, or a shell line; empty: the first of the usual names, else links."""

    def dotfiles(self) -> Dotfiles:
        """As the core has it."""
        return Dotfiles(**self.model_dump())


SourceInput = Annotated[GitSourceInput | FolderSourceInput | EmptySourceInput, Field(discriminator="kind")]


class WorkspaceCreate(DefinitionInput):
    """A workspace to make."""

    model_config = REQUEST

    source: SourceInput = EmptySourceInput(kind="empty")
    name: str = ""
    """Empty: made from the source's name."""
    devcontainer: str = ""
    """Path of the devcontainer.json to use, where there are several."""
    project: str = ""
    """Empty: as your preferences say, else the settings."""
    domain: str = ""
    """development, staging or production; empty: as your preferences say, else the settings."""
    limits: LimitsInput = LimitsInput()
    egress: Egress = Egress.OPEN
    allow: tuple[str, ...] = ()
    """Grants; only the owner of a local-mode server may give them."""
    retention: RetentionInput = RetentionInput()
    labels: dict[str, str] = Field(default={})
    dotfiles: DotfilesInput | None = None
    """Null: as in your preferences; without a repository: none."""
    secrets: dict[str, SecretValue] = Field(default={})
    """Values of variables of its processes, by name; stored sealed, never answered."""
    start: bool = True
    """False: it is made but not started."""
    template: TemplateUseDocument | None = None
    """What it is made from: the template decides what it names, and the rest is yours to say."""

    def new(self) -> NewWorkspace:
        """As the action takes it."""
        said = self.definition_members()
        return NewWorkspace(
            source=source_of(self.source),
            name=self.name,
            devcontainer=self.devcontainer,
            project=self.project,
            domain=self.domain,
            limits=self.limits.limits(),
            egress=self.egress,
            allow=self.allow,
            ttl_seconds=self.retention.ttl_seconds,
            max_life_seconds=self.retention.max_life_seconds,
            on_idle=self.retention.on_idle or OnEnd.STOP,
            on_deadline=self.retention.on_deadline or OnEnd.STOP,
            labels=self.labels,
            dotfiles=self.dotfiles.dotfiles() if self.dotfiles else None,
            secrets={name: Secret(value) for name, value in self.secrets.items()},
            start=self.start,
            definition=Definition(**said) if said else None,
        )


def source_of(source: GitSourceInput | FolderSourceInput | EmptySourceInput) -> GitSource | FolderSource | EmptySource:
    """As the core has it, unchecked."""
    match source:
        case GitSourceInput(url=url, ref=ref):
            return GitSource(url, ref)
        case FolderSourceInput(path=path):
            return FolderSource(path)
        case _:
            return EmptySource()


class WorkspacePatch(DefinitionInput):
    """What is to be changed; null or absent: this is not.

    A change of limits, egress, devcontainer, allow, image, accelerator, on_startup, env, wanted_secrets or apps makes the
    containers of a running workspace anew at once. The ref can be changed until the repository's files are there (after a failed clone); then git changes it, inside the workspace.
    """

    model_config = ConfigDict(**REQUEST, title="WorkspaceUpdate")

    name: str | None = None
    limits: LimitsInput | None = None
    egress: Egress | None = None
    devcontainer: str | None = None
    ref: str | None = None
    allow: tuple[str, ...] | None = None
    retention: RetentionInput = RetentionInput()
    labels: dict[str, str] | None = None
    dotfiles: DotfilesInput | None = None
    """From the next start on."""
    template: TemplateChangeDocument | None = None
    """Another version of its template, or other values."""

    def update(self) -> WorkspaceUpdate:
        """As the action takes it."""
        return WorkspaceUpdate(
            name=self.name,
            limits=self.limits.limits() if self.limits else None,
            egress=self.egress,
            devcontainer=self.devcontainer,
            ref=self.ref,
            allow=self.allow,
            ttl_seconds=self.retention.ttl_seconds,
            max_life_seconds=self.retention.max_life_seconds,
            as_policy=self.retention.as_policy(),
            on_idle=self.retention.on_idle,
            on_deadline=self.retention.on_deadline,
            labels=self.labels,
            dotfiles=self.dotfiles.dotfiles() if self.dotfiles else None,
            definition=self.definition_members("template"),
            template=self.template.change() if self.template else None,
        )
