"""Old top-level keys of devcontainer.json and devcontainer-feature.json, folded into today's places (C023-C027)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def fold_legacy(configuration: Mapping[str, Any], *, dev_port: bool = True) -> dict[str, Any]:
    """`extensions`, `settings` and (for devcontainer.json) `devPort` moved into `customizations.vscode`.

    The nested settings win per key, extensions are appended, a nested devPort stays. Without legacy keys nothing changes.
    """
    folded = dict(configuration)
    has_port = dev_port and "devPort" in folded
    if not (isinstance(folded.get("extensions"), list) or isinstance(folded.get("settings"), Mapping) or has_port):
        return folded
    customizations = _copied(folded.get("customizations"))
    vscode = _copied(customizations.get("vscode"))
    if isinstance(folded.get("extensions"), list):
        vscode["extensions"] = [*_listed(vscode.get("extensions")), *folded.pop("extensions")]
    if isinstance(folded.get("settings"), Mapping):
        vscode["settings"] = {**folded.pop("settings"), **_copied(vscode.get("settings"))}
    if has_port and "devPort" not in vscode:
        vscode["devPort"] = folded.pop("devPort")
    customizations["vscode"] = vscode
    folded["customizations"] = customizations
    return folded


def _copied(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
