"""devcontainer-lock.json: which digests a configuration's features are held at (C326-C340, deviation D01)."""

from __future__ import annotations

import functools
import json
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer.features.order import compare_text
from carrel.devcontainer.features.record import Feature


@dataclass(frozen=True)
class Locked:
    """One record."""

    version: str
    resolved: str
    integrity: str
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lockfile:
    """All records, by lower-cased reference."""

    features: Mapping[str, Locked] = field(default_factory=dict)

    def integrity(self, reference: str) -> str:
        """The digest a reference is held at; empty when it is not locked."""
        locked = self.features.get(reference.lower())
        return locked.integrity if locked else ""


def lockfile_path(config_path: str) -> str:
    """Beside the configuration; with a leading dot when its name has one (C326)."""
    folder, name = posixpath.split(config_path)
    return posixpath.join(folder, ".devcontainer-lock.json" if name.startswith(".") else "devcontainer-lock.json")


def read_lockfile(content: bytes | None, path: str) -> Lockfile | None:
    """The lockfile; None when there is none, or an empty one that asks to be written (C336).

    Raises:
        Problem: `bad_configuration`, it is not readable.
    """
    if content is None or not content.strip():
        return None
    try:
        records = json.loads(content)["features"]
        return Lockfile({str(key).lower(): _record(value) for key, value in records.items()})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Problem(
            "bad_configuration",
            f"{path} is not a lockfile.",
            hint="Correct it, or delete it to have it written anew.",
            extra={"file": path},
        ) from error


def _record(value: Mapping[str, Any]) -> Locked:
    return Locked(
        str(value["version"]),
        str(value["resolved"]),
        str(value["integrity"]),
        tuple(str(name).lower() for name in value.get("dependsOn") or ()),
    )


def lock(features: Sequence[Feature], exclude: frozenset[str] = frozenset()) -> Lockfile:
    """The lockfile for resolved features; local ones and those only the caller added are not recorded (C333)."""
    records: dict[str, Locked] = {}
    for feature in features:
        reference = feature.reference
        if reference.kind == "local" or feature.name in exclude:
            continue
        resolved = f"{reference.resource}@{feature.digest}" if reference.kind == "oci" else reference.url
        depends = tuple(name.lower() for name in feature.depends_on)
        records[feature.name.lower()] = Locked(
            str(feature.metadata.get("version", "")), resolved, feature.digest, depends
        )
    return Lockfile(records)


def write_lockfile(lockfile: Lockfile) -> str:
    """Its text: sorted by key, two spaces, a newline at the end (C327, C332)."""
    features: dict[str, Any] = {}
    for key in sorted(lockfile.features, key=functools.cmp_to_key(compare_text)):
        locked = lockfile.features[key]
        features[key] = {"version": locked.version, "resolved": locked.resolved, "integrity": locked.integrity}
        if locked.depends_on:
            features[key]["dependsOn"] = list(locked.depends_on)
    return json.dumps({"features": features}, indent=2, ensure_ascii=False) + "\n"


def is_current(content: bytes | None, new: Lockfile) -> bool:
    """Whether the file says the same as `new` in the same order; layout and the case of references do not count (D01)."""
    if content is None or not content.strip():
        return False
    try:
        records = json.loads(content)
        features = {key.lower(): _folded(value) for key, value in records["features"].items()}
        text = json.dumps({**records, "features": features}, indent=2, ensure_ascii=False) + "\n"
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return text == write_lockfile(new)


def _folded(record: Mapping[str, Any]) -> dict[str, Any]:
    depends = record.get("dependsOn")
    return {**record, "dependsOn": [str(name).lower() for name in depends]} if depends else dict(record)


def check_frozen(content: bytes | None, new: Lockfile) -> None:
    """In frozen mode the lockfile must be there and say the same (C337).

    Args:
        content: of the file as it lies there; None when there is none.
        new: for the features as they were resolved with it.

    Raises:
        Problem: `feature_failed`.
    """
    if content is None or not content:
        raise Problem(
            "feature_failed", "Lockfile does not exist.", hint="Build once without `--frozen` and commit the lockfile."
        )
    if not is_current(content, new):
        raise Problem(
            "feature_failed",
            "Lockfile does not match.",
            hint="Run `carrel devcontainer upgrade` and commit the result.",
        )
