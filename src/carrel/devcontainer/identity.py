"""The devcontainerId: one stable name for one environment of one workspace (C056-C062)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_LENGTH = 52


def devcontainer_id(labels: Mapping[str, str]) -> str:
    """52 characters of base 32 from the SHA-256 of the identifying labels.

    Carrel's labels are the workspace's id and the configuration's path, not folders of a machine, so that the id
    survives a rebuild and a move between hosts.
    """
    text = json.dumps(dict(sorted(labels.items())), ensure_ascii=False, separators=(",", ":"))
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    digits = ""
    while number:
        number, digit = divmod(number, 32)
        digits = _DIGITS[digit] + digits
    return digits.rjust(_LENGTH, "0")


def labels_of(workspace_id: str, config_path: str) -> dict[str, str]:
    """The labels that identify an environment in Carrel."""
    return {"dev.carrel.configuration": config_path, "dev.carrel.workspace": workspace_id}
