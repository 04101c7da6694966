"""Workspaces as JSON: what is accepted. What is answered is in workspace_documents.py."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from carrel.core.definition import Definition
from carrel.core.preferences import DEFAULT_TARGET, Dotfiles
from carrel.core.secret import Secret
from carrel.core.spec import Egress, EmptySource, FolderSource, GitSource, Limits
from carrel.core.workspace import OnEnd
from carrel.server.actions.workspaces import NewWorkspace, WorkspaceUpdate
from carrel.server.api.definition_documents import DefinitionInput, TemplateChangeDocument, TemplateUseDocument
from carrel.server.api.workspace_documents import REQUEST, SecretValue


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
