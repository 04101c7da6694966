"""customizations.vscode of the merged configuration: extensions and settings for the editor (C113, C114, C439-C444)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Editor:
    """What VS Code gets."""

    extensions: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


def editor_of(merged: Mapping[str, Any]) -> Editor:
    """Extensions united without duplicates (`-id` removes one), settings per key with the last winning."""
    extensions: dict[str, str] = {}
    settings: dict[str, Any] = {}
    for part in _parts(merged, "vscode"):
        for extension in _list(part.get("extensions")):
            if not isinstance(extension, str) or not extension.strip("-"):
                continue
            if extension.startswith("-"):
                extensions.pop(extension[1:].lower(), None)
            else:
                extensions.setdefault(extension.lower(), extension)
        if isinstance(part.get("settings"), Mapping):
            settings |= {key: value for key, value in part["settings"].items() if not is_about_trust(key)}
    return Editor(tuple(extensions.values()), settings)


def is_about_trust(setting: str) -> bool:
    """Settings that a repository must not make: the editor asks whether its folder is trusted, and goes on asking."""
    return setting.startswith("security.workspace.trust.") or setting == "task.allowAutomaticTasks"


def own_settings(merged: Mapping[str, Any]) -> dict[str, Any]:
    """`customizations.carrel`: settings of this product, the last per key (C444)."""
    result: dict[str, Any] = {}
    for part in _parts(merged, "carrel"):
        result |= part
    return result


def _parts(merged: Mapping[str, Any], tool: str) -> list[Mapping[str, Any]]:
    customizations = merged.get("customizations")
    parts = customizations.get(tool) if isinstance(customizations, Mapping) else None
    return [part for part in _list(parts) if isinstance(part, Mapping)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
