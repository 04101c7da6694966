"""Where the repository is mounted, and in which folder processes start (C063-C075)."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from carrel.devcontainer.variables import Scope, local_pass


@dataclass(frozen=True)
class Place:
    """The folder that was opened, on the side of the source."""

    root: str
    """Absolute path of the repository's root; for a git source a virtual one, equal to its default place in the container."""
    folder: str = ""
    """The opened folder relative to the root; empty is the root."""

    @property
    def local_folder(self) -> str:
        """`${localWorkspaceFolder}`."""
        return posixpath.join(self.root, self.folder) if self.folder else self.root

    @property
    def default_target(self) -> str:
        """Where the root is mounted when nothing is said (D14)."""
        return posixpath.join("/workspaces", posixpath.basename(self.root.rstrip("/")))


@dataclass(frozen=True)
class WorkspaceFolder:
    """The answer for one configuration."""

    folder: str
    """Absolute folder in the container where processes start."""
    mount: str | None
    """The mount as a string of `--mount`; empty: no mount at all (C070); None: Compose, which mounts by itself."""

    def as_reference(self) -> dict[str, str]:
        """As the reference's `read-configuration` prints it."""
        answer = {"workspaceFolder": self.folder}
        if self.mount is not None:
            answer["workspaceMount"] = self.mount
        return answer


def raw_workspace_folder(configuration: Mapping[str, Any], place: Place) -> WorkspaceFolder:
    """Folder and mount before substitution."""
    folder = configuration.get("workspaceFolder")
    if "dockerComposeFile" in configuration:
        return WorkspaceFolder(folder or "/", None)
    mount = configuration.get("workspaceMount")
    default = posixpath.join(place.default_target, place.folder) if place.folder else place.default_target
    if mount is None:
        mount = _bind(place.root, place.default_target)
    return WorkspaceFolder(folder or default, mount)


def workspace_folder(configuration: Mapping[str, Any], place: Place, local_env: Mapping[str, str]) -> WorkspaceFolder:
    """Folder and mount with local variables replaced."""
    raw = raw_workspace_folder(configuration, place)
    scope = scope_for(configuration, place, local_env)
    return WorkspaceFolder(local_pass(raw.folder, scope), local_pass(raw.mount, scope))


def scope_for(configuration: Mapping[str, Any], place: Place, local_env: Mapping[str, str]) -> Scope:
    """What the local pass of this configuration knows."""
    return Scope(local_env, place.local_folder, raw_workspace_folder(configuration, place).folder)


def _bind(source: str, target: str) -> str:
    source_quote = '"' if "," in source else ""
    target_quote = '"' if "," in target else ""
    return f"type=bind,{source_quote}source={source}{source_quote},{target_quote}target={target}{target_quote}"
