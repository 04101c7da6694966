"""Workspaces as JSON: what is answered. What is accepted is in workspace_requests.py."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from carrel.core.access import Level
from carrel.core.preferences import Dotfiles
from carrel.core.problems import Problem
from carrel.core.spec import Egress, EmptySource, FolderSource, GitSource, Limits
from carrel.core.template import TemplateStanding, Update
from carrel.core.urls import AppAddress, app_host
from carrel.core.workspace import AskedRetention, Failure, Goal, ListedApp, Phase, Retention, Workspace
from carrel.server.api.definition_documents import (
    DefinitionDocument,
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
