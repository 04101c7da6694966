"""Which versions of its features a configuration has, would get, and could have (C339).

For `carrel devcontainer outdated`: `print((await find_outdated(request, files, registry)).as_json())`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from carrel.core.problems import Problem
from carrel.devcontainer.features.lockfile import Locked, Lockfile, lockfile_path, read_lockfile
from carrel.devcontainer.features.record import parse_metadata
from carrel.devcontainer.features.reference import FeatureReference, parse_reference
from carrel.devcontainer.features.resolve import Registry
from carrel.devcontainer.features.versions import newest, parse_version, published_versions
from carrel.devcontainer.gather import read_configuration
from carrel.devcontainer.inputs import ProjectFiles, Request


class Catalog(Registry, Protocol):
    """A registry that tells its tags as well."""

    async def tags(self, reference: FeatureReference) -> tuple[str, ...]:
        """All tags of a repository; none when there is no such repository."""


@dataclass(frozen=True)
class FeatureVersions:
    """One feature; an empty text is a version that is not known."""

    current: str
    """What the lockfile holds, else what would be installed."""
    wanted: str
    """The newest that satisfies the reference's tag."""
    latest: str
    """The newest of all."""
    problem: Problem | None = None
    """Why the registry could not be asked."""

    def as_record(self) -> dict[str, str]:
        """Its part of the reference's answer: unknown versions are left out."""
        fields = {
            "current": self.current,
            "wanted": self.wanted,
            "wantedMajor": _major(self.wanted),
            "latest": self.latest,
            "latestMajor": _major(self.latest),
        }
        return {name: value for name, value in fields.items() if value}


@dataclass(frozen=True)
class Outdated:
    """The features of a configuration that have versions, in its order, by reference as it was written."""

    features: Mapping[str, FeatureVersions]

    def as_json(self) -> str:
        """The answer of the reference's `outdated --output-format json`, without the end of the line."""
        records = {name: versions.as_record() for name, versions in self.features.items()}
        return json.dumps({"features": records}, separators=(",", ":"), ensure_ascii=False)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """The reference's table without its header: resource, current, wanted, latest; `-` is not known."""
        return [
            (_without_version(name), one.current or "-", one.wanted or "-", one.latest or "-")
            for name, one in self.features.items()
        ]


async def find_outdated(request: Request, files: ProjectFiles, registry: Catalog) -> Outdated:
    """Compare the configuration's features with what is published. Local features and tarballs have no versions.

    Raises:
        Problem: `bad_configuration`, `choose_configuration`. That a registry cannot be asked is in the answer.
    """
    configuration, _ = await read_configuration(request, files)
    path = lockfile_path(configuration.path)
    locked = read_lockfile(await files.read(path), path)
    references = [one for key in configuration.values.get("features") or {} if (one := _oci(key)) is not None]
    found = await asyncio.gather(*(_versions(one, locked, registry) for one in references))
    return Outdated({one.written: versions for one, versions in zip(references, found, strict=True)})


async def _versions(reference: FeatureReference, lockfile: Lockfile | None, registry: Catalog) -> FeatureVersions:
    locked = _locked(reference, lockfile)
    try:
        published = published_versions(await registry.tags(reference))
        if reference.tag:
            found = newest(published, reference.tag)
            wanted = found.text if found else ""
        else:
            wanted = locked or await _version_of(reference, registry)
    except Problem as problem:
        return FeatureVersions(locked, "", "", problem)
    return FeatureVersions(locked or wanted, wanted, published[0].text if published else "")


async def _version_of(reference: FeatureReference, registry: Registry) -> str:
    """The version of a feature that is referred to by digest; empty when there is none."""
    try:
        manifest = await registry.manifest(reference)
    except Problem as problem:
        if problem.extra.get("status") == 404:
            return ""
        raise
    return str(parse_metadata(manifest.metadata, reference)["version"]) if manifest.metadata else ""


def _locked(reference: FeatureReference, lockfile: Lockfile | None) -> str:
    record: Locked | None = lockfile.features.get(reference.written.lower()) if lockfile else None
    return record.version if record else ""


def _oci(written: str) -> FeatureReference | None:
    """References that can have versions; old shorthands have none, as in the reference."""
    if "/" not in written or written.startswith((".", "https://")):
        return None
    try:
        return parse_reference(written)
    except Problem:
        return None


def _major(version: str) -> str:
    parsed = parse_version(version)
    return str(parsed.major) if parsed else ""


def _without_version(written: str) -> str:
    """`ghcr.io/owner/go:1` -> `ghcr.io/owner/go`; a port is no version."""
    head, _, last = written.rpartition("/")
    for mark in (":", "@"):
        last = last.partition(mark)[0]
    return f"{head}/{last}"
