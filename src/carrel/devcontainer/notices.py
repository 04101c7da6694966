"""What a person is told about an environment beside the plan itself: refusals by policy, warnings, remarks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Notice:
    """One thing that was refused, changed or ignored, and why."""

    level: Literal["refused", "warning", "info"]
    key: str
    """The property it is about, as the author wrote it: `runArgs --pid`, `mounts[1]`, `features.ghcr.io/a/b/c`."""
    message: str
    """What was done instead, and why; one or two sentences."""
    who: str = ""
    """Who can allow it; empty where nobody can, or nothing was refused."""
    origin: str = "devcontainer.json"
    """Where the setting came from: `devcontainer.json`, `feature <reference>`, `image`, `service <name>`."""
    place: str = ""
    """Where it is written: `file:line`, the feature, or the image's name; set when the plan is made."""

    def __str__(self) -> str:
        """One line for a log, without the place."""
        allow = f" ({self.who} can allow it)" if self.who else ""
        return f"{self.level}: {self.key}: {self.message}{allow}"

    def line(self) -> str:
        """One line for a log, with the place."""
        return f"{self} [{self.place}]" if self.place else str(self)


def warning(key: str, message: str, origin: str = "devcontainer.json") -> Notice:
    """A warning about `key`."""
    return Notice("warning", key, message, origin=origin)


def info(key: str, message: str, origin: str = "devcontainer.json") -> Notice:
    """A remark about `key` that asks for no action."""
    return Notice("info", key, message, origin=origin)
