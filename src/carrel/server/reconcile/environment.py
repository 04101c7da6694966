"""The environment of a workspace: what the environment engine made of its configuration, made concrete here."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from carrel.core.accelerators import ACCELERATORS, NVIDIA, Accelerator
from carrel.core.agent import AgentPlan, App, Hook
from carrel.core.apps import OWN
from carrel.core.names import name_from_source
from carrel.core.secret import Secret
from carrel.core.spec import (
    HOME_VOLUME,
    PROJECT_VOLUME,
    Devices,
    FolderSource,
    GitSource,
    Limits,
    VolumeSpec,
    WorkspaceSpec,
)
from carrel.core.workspace import Workspace
from carrel.devcontainer import EnvironmentPlan
from carrel.devcontainer.apps import adjust
from carrel.devcontainer.declared_secrets import DeclaredSecret
from carrel.server.reconcile.extension_folder import name_in_workspace, wanted_files

CODE_APP = App(name="code", port=0, title="VS Code", icon="code", start="boot")
JUPYTER_APP = App(name="jupyter", port=0, title="JupyterLab", icon="jupyter", health="/api", open_path="/lab")
"""Every workspace has these two; the agent knows how they are started."""
TERMINAL_APP = App(name="terminal", port=0, title="Terminal", icon="terminal")
"""Is a page of the dashboard, not a process of the workspace's."""


@dataclass(frozen=True)
class Session:
    """What belongs to the owner and the installation, and not to the environment."""

    secrets: Mapping[str, Secret] = field(default_factory=dict)
    secret_files: Mapping[str, Secret] = field(default_factory=dict)
    secrets_version: str = ""
    git_name: str = ""
    git_email: str = ""
    git_signing_key: str = ""
    dotfiles: Hook | None = None
    hook_timeout_seconds: float = AgentPlan.hook_timeout_seconds
    editor_gallery: str = ""
    extensions: Mapping[str, Path] = field(default_factory=dict)
    """The .vsix files that the server has (extension_folder.py)."""


@dataclass(frozen=True)
class Environment:
    """The environment of one revision of a workspace."""

    plan: EnvironmentPlan
    digest: str
    """Of the plan: it changes when a recovery environment takes the place of the wanted one."""
    accelerators: Mapping[str, Accelerator] = field(default_factory=lambda: ACCELERATORS)
    """What their names mean here."""

    @property
    def image(self) -> str:
        """The primary container's image."""
        return self.plan.image

    def spec(self, workspace: Workspace) -> WorkspaceSpec:
        """What the runtime makes containers from, for the workspace's size, network and toolbox."""
        containers = tuple(
            replace(container, limits=merge_limits(container.limits, workspace.limits))
            if container.name == self.plan.primary
            else container
            for container in self.plan.containers
        )
        own = () if isinstance(workspace.source, FolderSource) else (VolumeSpec(PROJECT_VOLUME),)
        named = {volume.name: volume for volume in (*own, VolumeSpec(HOME_VOLUME), *self.plan.volumes)}
        return WorkspaceSpec(
            ref=workspace.ref(),
            containers=containers,
            volumes=tuple(named.values()),
            primary=self.plan.primary,
            devices=devices_of(workspace, self.accelerators),
            egress=workspace.egress,
            toolbox=workspace.remembered.toolbox,
            revision=workspace.revision,
        )

    def agent_plan(self, session: Session) -> AgentPlan:
        """What the agent has to do, with what belongs to the owner."""
        agent = self.plan.agent
        return replace(
            agent,
            hooks=(*agent.hooks, session.dotfiles) if session.dotfiles is not None else agent.hooks,
            hook_timeout_seconds=session.hook_timeout_seconds,
            editor_gallery=session.editor_gallery,
            editor_prefetched={name: name_in_workspace(path) for name, path in self.extensions(session).items()},
            apps=self._started_apps(),
            secrets={**agent.secrets, **session.secrets},
            secret_files=session.secret_files,
            secrets_version=session.secrets_version,
            git_name=session.git_name,
            git_email=session.git_email,
            git_signing_key=session.git_signing_key,
        )

    def extensions(self, session: Session) -> dict[str, Path]:
        """Files of the extensions that it asks for and the server has."""
        return wanted_files(self.plan.agent.editor_extensions, session.extensions)

    def missing_secrets(self, session: Session) -> tuple[DeclaredSecret, ...]:
        """What the repository would like to have and does not get."""
        return tuple(one for one in self.plan.secrets if one.name not in session.secrets)

    def apps(self) -> tuple[App, ...]:
        """The apps of this environment, as people see them."""
        return (*self._started_apps(), TERMINAL_APP)

    def _started_apps(self) -> tuple[App, ...]:
        """Those that the agent starts."""
        own = tuple(adjust(app, self.plan.own_apps) for app in (CODE_APP, JUPYTER_APP))
        return (*own, *(app for app in self.plan.agent.apps if app.name not in OWN))


def devices_of(workspace: Workspace, known: Mapping[str, Accelerator]) -> Devices | None:
    """The accelerators that a workspace asks for, as plain data for a runtime."""
    count = workspace.limits.gpus
    if not count:
        return None
    name = workspace.definition.accelerator if workspace.definition else ""
    meant = known.get(name)
    return Devices(name, meant.resource if meant else NVIDIA, count, meant.node_labels if meant else {})


def merge_limits(of_environment: Limits, of_workspace: Limits) -> Limits:
    """The workspace's size where it says one, else what the environment asks for."""
    return Limits(
        cpus=of_workspace.cpus or of_environment.cpus,
        memory_bytes=of_workspace.memory_bytes or of_environment.memory_bytes,
        pids=of_workspace.pids or of_environment.pids,
        shm_bytes=of_environment.shm_bytes or of_workspace.shm_bytes,
        gpus=of_workspace.gpus or of_environment.gpus,
    )


def repository_name(workspace: Workspace) -> str:
    """Base name of the folder below /workspaces."""
    match workspace.source:
        case GitSource(url=url):
            last = url.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1].removesuffix(".git")
            return last if last and last not in {".", ".."} else name_from_source(url)
        case FolderSource(path=path):
            return os.path.basename(path.rstrip("/")) or "project"  # noqa: PTH119  the engine's path, not ours
        case _:
            return workspace.name
