"""Names and labels of what we make in the engine: deterministic, so that everything is found again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from carrel.core.spec import WorkspaceRef

PREFIX = "dev.carrel."
INSTALLATION = PREFIX + "installation"
WORKSPACE = PREFIX + "workspace"
LABEL = PREFIX + "label"
PROJECT = PREFIX + "project"
CONTAINER = PREFIX + "container"
SPEC = PREFIX + "spec"
PRIMARY = PREFIX + "primary"
HELPER = PREFIX + "helper"
"""On throw-away containers: what they do (source, files, seed)."""
JOB = PREFIX + "job"
"""On throw-away containers that are found again: hash of what they were asked."""
VOLUME = PREFIX + "volume"
SHARED = PREFIX + "shared"
KIND = PREFIX + "kind"
"""On things of the installation as a whole: `toolbox`, `scratch`, `build`."""

_UNUSABLE = re.compile(r"[^a-zA-Z0-9_.-]")


class Names:
    """The names that follow from an installation id."""

    def __init__(self, installation: str) -> None:
        """Names of `installation`."""
        self.installation = installation
        self.start = f"carrel-{installation[:8]}-"

    def labels(self, ref: WorkspaceRef, **more: str) -> dict[str, str]:
        """Labels of something of a workspace; `more` has label names without prefix."""
        ours = {INSTALLATION: self.installation, WORKSPACE: ref.id, LABEL: ref.label, PROJECT: ref.project}
        return ours | {PREFIX + name: value for name, value in more.items()}

    def installation_labels(self, kind: str) -> dict[str, str]:
        """Labels of something that belongs to no single workspace."""
        return {INSTALLATION: self.installation, KIND: kind}

    def network(self, ref: WorkspaceRef) -> str:
        """The workspace's network."""
        return f"{self.start}{ref.id}"

    def container(self, ref: WorkspaceRef, name: str) -> str:
        """A container of the spec."""
        return f"{self.start}{ref.id}-{_usable(name)}"

    def helper(self, ref: WorkspaceRef, helper: str) -> str:
        """A throw-away container; the tilde's place is taken by two hyphens, which no container of a spec begins with."""
        return f"{self.start}{ref.id}--{helper}"

    def volume(self, ref: WorkspaceRef, name: str, *, shared: bool = False) -> str:
        """A volume by its logical name."""
        if not shared:
            return f"{self.start}{ref.id}-{_usable(name)}"
        key = hashlib.sha256(f"{ref.project}\0{name}".encode()).hexdigest()[:12]
        return f"{self.start}shared-{key}-{_usable(name)}"

    def workspace_of(self, name: str) -> str | None:
        """The workspace id in a name of ours, or None."""
        match = re.match(re.escape(self.start) + r"([a-z0-9]{12})(-|$)", name)
        return match[1] if match else None


def _usable(name: str) -> str:
    """`name` as the engine takes it; what had to be changed gets a hash, so that different names stay different."""
    clean = _UNUSABLE.sub("_", name)
    if clean == name and len(name) <= 100 and not name.startswith("-"):
        return name
    return f"{clean[:80].lstrip('-')}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def label_filter(labels: Mapping[str, str]) -> dict[str, list[str]]:
    """The engine's filter for things that have all of `labels`."""
    return {"label": [f"{name}={value}" for name, value in labels.items()]}
