"""What a workspace.yaml says, in normal form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from carrel.core.definition import Definition


@dataclass(frozen=True)
class WorkspaceFile:
    """All of it; None or empty: nothing is said."""

    name: str
    project: str = ""
    domain: str = ""
    cpus: float | None = None
    memory_bytes: int | None = None
    gpus: int = 0
    ttl_seconds: int | None = None
    source: str = ""
    """A git URL, or a folder; one that begins with a dot is beside the file."""
    ref: str = ""
    devcontainer: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    requirements: str = ""
    """Path of the requirements file of the image, beside the file; whoever has the file reads it."""
    definition: Definition = field(default_factory=Definition)
