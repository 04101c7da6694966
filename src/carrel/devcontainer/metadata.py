"""The `devcontainer.metadata` label: reading it, writing it, and the entries that feature and configuration add.

Source: containers.dev "Image metadata"; C084-C102.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LABEL = "devcontainer.metadata"
HOOKS = ("onCreateCommand", "updateContentCommand", "postCreateCommand", "postStartCommand", "postAttachCommand")
FEATURE_KEYS = (*HOOKS, "init", "privileged", "capAdd", "securityOpt", "entrypoint", "mounts", "customizations")
CONFIGURATION_KEYS = (
    *HOOKS,
    "waitFor",
    "customizations",
    "mounts",
    "containerEnv",
    "containerUser",
    "init",
    "privileged",
    "capAdd",
    "securityOpt",
    "remoteUser",
    "userEnvProbe",
    "remoteEnv",
    "overrideCommand",
    "portsAttributes",
    "otherPortsAttributes",
    "forwardPorts",
    "shutdownAction",
    "updateRemoteUserUID",
    "hostRequirements",
)


@dataclass(frozen=True)
class Entry:
    """One metadata entry, raw as it is recorded (before substitution), with where it came from."""

    origin: str
    """`devcontainer.json`, `feature <reference>` or `image`."""
    values: Mapping[str, Any]


def read_label(labels: Mapping[str, str]) -> tuple[Entry, ...]:
    """The entries an image carries: an array, or one object; anything else counts as none (C084, C085)."""
    try:
        value = json.loads(labels.get(LABEL) or "[]")
        json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except ValueError:
        return ()
    items = value if isinstance(value, list) else [value]
    return tuple(Entry(_origin(item), item) for item in items if isinstance(item, dict))


def _origin(item: Mapping[str, Any]) -> str:
    identifier = item.get("id")
    return f"feature {identifier}" if isinstance(identifier, str) and identifier else "image"


def feature_entry(reference: str, metadata: Mapping[str, Any]) -> Entry:
    """The entry of a feature, under its reference as the user wrote it (C088, C089)."""
    picked = {key: metadata[key] for key in FEATURE_KEYS if key in metadata}
    return Entry(f"feature {reference}", {"id": reference, **picked})


def configuration_entry(configuration: Mapping[str, Any]) -> Entry | None:
    """The entry of devcontainer.json; None when it would be empty (C090, C091)."""
    picked = {key: configuration[key] for key in CONFIGURATION_KEYS if key in configuration}
    return Entry("devcontainer.json", picked) if picked else None


def write_label(entries: Sequence[Entry]) -> str:
    """The label's value: always an array (C086)."""
    return json.dumps([entry.values for entry in entries if entry.values], ensure_ascii=False, separators=(",", ":"))


def label_instruction(entries: Sequence[Entry]) -> str:
    r"""A LABEL instruction, one entry a line; `"`, `\` and `$` are escaped (C096, C097)."""
    parts = [json.dumps(entry.values, ensure_ascii=False, separators=(",", ":")) for entry in entries if entry.values]
    if not parts:
        return f'LABEL {LABEL}="[]"\n'
    lines = " \\\n".join(f"{_escape(part)}{',' if index < len(parts) - 1 else ''}" for index, part in enumerate(parts))
    return f'LABEL {LABEL}="[ \\\n{lines} \\\n]"\n'


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
