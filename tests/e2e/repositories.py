"""Repositories for tests, on a git server."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from examples.git_server import make_repository
from tests.contract.images import busybox_image

Files = Mapping[str, str | Mapping[str, Any]]
"""Content by path; a mapping is written as JSON."""


@dataclass(frozen=True)
class Repositories:
    """The folder that a git server serves, and its address."""

    root: Path
    address: str

    def make(self, name: str, files: Files) -> str:
        """Make a repository with these files in one commit; returns its URL."""
        with tempfile.TemporaryDirectory() as folder:
            for path, content in files.items():
                target = Path(folder) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
            make_repository(Path(folder), self.root / f"{name}.git")
        return f"{self.address}/{name}.git"

    def tiny(self, name: str, configuration: Mapping[str, Any] | None = None, **files: str) -> str:
        """Make a repository whose image has only busybox, and whose devcontainer.json says also `configuration`."""
        return self.make(name, {".devcontainer.json": {"image": busybox_image(), **(configuration or {})}, **files})

    def built(self, name: str, dockerfile: str) -> str:
        """Make a repository whose image is built from a Dockerfile."""
        return self.make(
            name, {".devcontainer.json": {"build": {"dockerfile": "Dockerfile"}}, "Dockerfile": dockerfile}
        )
