"""The project's name (C182, C183), and the Compose files of an empty list (C178)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

DEFAULT_FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_NOT_IN_NAMES = re.compile(r"[^-_a-z0-9]")


def clean_name(name: str) -> str:
    """Lower case, and only `-`, `_`, letters and digits."""
    return _NOT_IN_NAMES.sub("", name.lower())


def project_name(environment: Mapping[str, str], written: str, first_file: str, folder: str) -> str:
    """The project's name.

    Args:
        environment: what interpolation knows.
        written: top-level `name` of the merged files.
        first_file: path of the first Compose file.
        folder: base name of the opened folder, for a file at the repository's root.
    """
    if environment.get("COMPOSE_PROJECT_NAME"):
        return clean_name(environment["COMPOSE_PROJECT_NAME"])
    if written:
        return clean_name(written)
    parent = posixpath.dirname(first_file)
    base = posixpath.basename(parent) or folder
    if base == ".devcontainer":
        return clean_name(f"{posixpath.basename(posixpath.dirname(parent)) or folder}_devcontainer")
    return clean_name(base)


def listed_files(environment: Mapping[str, str]) -> Sequence[str]:
    """The files that `COMPOSE_FILE` names."""
    text = environment.get("COMPOSE_FILE", "")
    return [one for one in text.split(environment.get("COMPOSE_PATH_SEPARATOR") or ":") if one]
