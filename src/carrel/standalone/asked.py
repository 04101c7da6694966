"""What a person asked of `carrel devcontainer`: plain data that the command hands over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Asked:
    """One command with its options."""

    folder: str
    """Absolute path of the repository's root, on this machine."""
    config: str = ""
    """Path of the devcontainer.json relative to `folder`, or the name of a folder in .devcontainer; empty: by the rules."""
    output: Literal["table", "json"] = "table"
    merged: bool = True
    """read: with the merged configuration, for which the image is looked at."""
    image_names: tuple[str, ...] = ()
    """build: further names of the image."""
    push: bool = False
    no_cache: bool = False
    cache_from: tuple[str, ...] = ()
    platform: str = ""
    lockfile: Literal["use", "frozen", "ignore"] = "use"
    additional_features: Mapping[str, Any] = field(default_factory=dict)
    allow: tuple[str, ...] = ()
    """Grants, as `carrel up --allow`."""
    feature: str = ""
    """upgrade: a feature whose version is changed in the devcontainer.json, with `target_version`."""
    target_version: str = ""
    dry_run: bool = False
    reference: str = ""
    """templates: a collection, or a template."""
    options: Mapping[str, str] = field(default_factory=dict)
    omit_paths: tuple[str, ...] = ()
    overwrite: bool = False
