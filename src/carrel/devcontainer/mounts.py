"""Mounts as the configuration writes them: `--mount` strings or objects, read into one record (C108-C110, C164-C166)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer.scalars import text_of

_KEYS = {"src": "source", "dst": "target", "destination": "target", "ro": "readonly"}


@dataclass(frozen=True)
class MountRequest:
    """One mount that somebody asks for; nothing about it is trusted yet."""

    kind: str
    """`bind`, `volume`, `tmpfs`, or whatever else was written."""
    target: str
    source: str = ""
    read_only: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    """Further keys of the mount (`tmpfs-size`, `volume-subpath`, `external` ...)."""


def fields_of(text: str) -> dict[str, str]:
    """The key=value pairs of a mount string; a value with a comma is quoted as in CSV (C072)."""
    try:
        row = next(csv.reader([text], strict=False), [])
    except csv.Error as error:
        raise Problem("bad_configuration", f"{text[:80]!r} is no mount: {error}.") from error
    pairs = (item.partition("=") for item in row)
    return {_KEYS.get(key.strip(), key.strip()): value for key, _, value in pairs if key.strip()}


def target_of(mount: Any) -> str:
    """The target of a mount in either form; empty when it has none."""
    if isinstance(mount, str):
        return fields_of(mount).get("target", "")
    return str(mount.get("target", "")) if isinstance(mount, Mapping) else ""


def parse_mount(mount: Any, where: str = "mounts") -> MountRequest:
    """A mount in either form as a record.

    Raises:
        Problem: `bad_configuration`, it has no target or is neither a string nor an object.
    """
    if isinstance(mount, str):
        pairs = fields_of(mount)
    elif isinstance(mount, Mapping):
        pairs = {_KEYS.get(str(key), str(key)): text_of(value) for key, value in mount.items() if value is not None}
    else:
        raise Problem("bad_configuration", f"{where}: a mount must be a string or an object.")
    target = pairs.pop("target", "")
    if not target.startswith("/"):
        raise Problem("bad_configuration", f"{where}: the mount needs an absolute target, found {target!r}.")
    kind = pairs.pop("type", "volume")
    source = pairs.pop("source", "")
    read_only = pairs.pop("readonly", None)
    return MountRequest(kind, target, source, read_only in {"", "true", "1"}, pairs)
