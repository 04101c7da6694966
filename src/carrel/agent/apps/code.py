"""VS Code in the browser: code-server from the toolbox, with data, extensions and settings in the home."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carrel.agent.apps.app import Recipe
from carrel.agent.state_folder import write_atomically
from carrel.agent.user_env import Environment
from carrel.core.agent import AgentPlan

NAME = "code"
DATA = ".local/share/carrel/code"
"""Under the home."""
WRITTEN = "carrel-settings.json"
"""Beside the machine settings: what we wrote there last, to tell it from what a person wrote."""


@dataclass(frozen=True)
class Places:
    """Where code-server keeps things for one user."""

    data: Path

    @property
    def machine_settings(self) -> Path:
        """Settings of this workspace, which the configuration's go to."""
        return self.data / "Machine" / "settings.json"

    @property
    def user_settings(self) -> Path:
        """The person's own settings."""
        return self.data / "User" / "settings.json"

    @property
    def extensions(self) -> Path:
        """Installed extensions."""
        return self.data / "extensions"

    @property
    def prefetched(self) -> Path:
        """Where the server puts .vsix files."""
        return self.data / "vsix"

    @property
    def installed_once(self) -> Path:
        """Names of the extensions that we installed: one of them that is absent was removed by the person."""
        return self.data / "carrel-extensions.json"


def places(environment: Environment) -> Places:
    """The places of the remote user."""
    return Places(Path(environment.user.home) / DATA)


def recipe(environment: Environment, toolbox: Path, gallery: str = "") -> Recipe:
    """How code-server is started: no password (the proxy has tickets), loopback only, nothing sent home."""
    found = places(environment)
    command = (
        str(toolbox / "bin" / "code-server"),
        *("--auth", "none", "--bind-addr", "127.0.0.1:{port}"),
        *("--user-data-dir", str(found.data), "--extensions-dir", str(found.extensions)),
        *("--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"),
        *("--app-name", "Carrel", "--ignore-last-opened", "--config", str(found.data / "config.yaml")),
        environment.folder,
    )
    return Recipe(command, {"SHELL": environment.shell(), **gallery_variables(gallery)})


def gallery_variables(gallery: str) -> dict[str, str]:
    """Where code-server looks for extensions; its own default where nothing is said."""
    return {"EXTENSIONS_GALLERY": gallery} if gallery else {}


def write_settings(environment: Environment, plan: AgentPlan) -> None:
    """Put the configuration's editor settings where a person's own win. Runs as the remote user. Raises OSError."""
    found = places(environment)
    path, memory = found.machine_settings, found.machine_settings.parent / WRITTEN
    current, written = _read(path), _read(memory)
    if current is None:
        return  # a person's own file, with comments: not ours to rewrite
    own = _keys(found.user_settings)
    wanted = {key: value for key, value in plan.editor_settings.items() if key not in own}
    merged = merge_settings(current, written or {}, wanted)
    if merged != current or written != wanted:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, json.dumps(merged, indent=2).encode() + b"\n")
        write_atomically(memory, json.dumps(wanted, indent=2).encode() + b"\n")


def merge_settings(current: Mapping[str, Any], written: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The settings file anew: ours follow the configuration, what a person changed or removed stays so.

    Args:
        current: what is in the file.
        written: what we wrote last.
        wanted: what the configuration wants now.
    """
    merged = dict(current)
    for key in written:
        is_ours = key in current and current[key] == written[key]
        if is_ours and key not in wanted:
            del merged[key]
    for key, value in wanted.items():
        was_ours = key in written and key in current and current[key] == written[key]
        if was_ours or (key not in written and key not in current):
            merged[key] = value
    return merged


def _read(path: Path) -> dict[str, Any] | None:
    """The object in a file; empty when there is none, None when it is not plain JSON."""
    try:
        found = json.loads(path.read_text() or "{}")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _keys(path: Path) -> frozenset[str]:
    """The keys that a person has set; a file with comments is searched by line."""
    found = _read(path)
    if found is not None:
        return frozenset(found)
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return frozenset()
    return frozenset(
        line.strip().split('"')[1] for line in lines if line.strip().startswith('"') and line.count('"') > 1
    )
