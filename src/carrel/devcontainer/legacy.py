"""Old top-level keys of devcontainer.json and devcontainer-feature.json, folded into today's places (C023-C027)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def fold_legacy(configuration: Mapping[str, Any], *, dev_port: bool = True) -> dict[str, Any]:
    """`extensions`, `settings` and (for devcontainer.json) `devPort` moved into `customizations.vscode`.

    The nested settings win per key, extensions are appended, a nested devPort stays. Without legacy keys nothing changes.
    """
    folded = dict(configuration)
    has_port = dev_port and folded.get("devPort") is not None
    if not (isinstance(folded.get("extensions"), list) or isinstance(folded.get("settings"), Mapping) or has_port):
        return folded
    customizations = dict(folded.get("customizations") or {})
    vscode = dict(customizations.get("vscode") or {})
    if isinstance(folded.get("extensions"), list):
        vscode["extensions"] = [*(vscode.get("extensions") or []), *folded.pop("extensions")]
    if isinstance(folded.get("settings"), Mapping):
        vscode["settings"] = {**folded.pop("settings"), **(vscode.get("settings") or {})}
    if has_port and vscode.get("devPort") is None:
        vscode["devPort"] = folded.pop("devPort")
    customizations["vscode"] = vscode
    folded["customizations"] = customizations
    return folded
