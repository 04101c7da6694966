"""Publishing packed features and templates: tags by version, old ids, the collection's file (C318-C325)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from carrel.core.problems import Problem
from carrel.devcontainer.artifact import COLLECTION_FILE, Artifact, packed_artifact
from carrel.devcontainer.features.reference import FeatureReference, parse_reference
from carrel.devcontainer.features.versions import parse_version, tags_for
from carrel.devcontainer.notices import Notice, warning
from carrel.devcontainer.publishing.packing import Package, PackedCollection


class PublishingRegistry(Protocol):
    """The part of `RegistryClient` that publishing needs."""

    async def tags(self, reference: FeatureReference) -> tuple[str, ...]:
        """All tags of a repository; none when there is no such repository."""

    async def push(self, reference: FeatureReference, artifact: Artifact, tags: Sequence[str]) -> str:
        """Publish an artifact under tags; the manifest's digest."""


@dataclass(frozen=True)
class Publication:
    """What was published: id to the reference's record of it; empty where that version was there already."""

    packages: Mapping[str, Mapping[str, Any]]
    collection_digest: str
    notices: tuple[Notice, ...] = ()

    def as_json(self) -> str:
        """The answer of the reference's `features publish`, without the end of the line."""
        return json.dumps(self.packages, separators=(",", ":"), ensure_ascii=False)


async def publish(
    collection: PackedCollection, registry: str, namespace: str, client: PublishingRegistry
) -> Publication:
    """Publish all packages at `<registry>/<namespace>/<id>`, and the collection's file at `<registry>/<namespace>`.

    A version that is there already is left out with a notice; a tag moves only to a higher version.

    Raises:
        Problem: `feature_failed` (a version or name that cannot be published), `registry_denied`, `registry_unreachable`,
            `refused_by_policy`.
    """
    place = f"{registry}/{namespace}"
    records: dict[str, Mapping[str, Any]] = {}
    notices: list[Notice] = []
    for package in collection.packages:
        record = await _publish(package, f"{place}/{package.id}", client)
        if not record:
            notices.append(warning(package.id, f"version {package.version} is published already", "registry"))
        elif collection.kind == "feature" and package.metadata.get("legacyIds"):
            old = [name for name in package.metadata["legacyIds"] if await _publish(package, f"{place}/{name}", client)]
            record = {**record, "publishedLegacyIds": old} if old else record
        records[package.id] = record
    artifact = packed_artifact("collection", registry, COLLECTION_FILE, collection.file)
    digest = await client.push(parse_reference(place), artifact, ["latest"])
    return Publication(records, digest, tuple(notices))


async def _publish(package: Package, resource: str, client: PublishingRegistry) -> dict[str, Any]:
    """Publish one package under one name."""
    version = parse_version(package.version)
    if version is None:
        raise Problem(
            "feature_failed",
            f"{package.id} has the version {package.version!r}, which is no semantic version.",
            hint="Write it as `1.2.3`.",
            extra={"feature": package.id},
        )
    reference = parse_reference(resource)
    tags = tags_for(version, await client.tags(reference))
    if not tags:
        return {}
    artifact = packed_artifact(
        package.kind, reference.registry, package.file_name, package.archive, package.metadata_text
    )
    digest = await client.push(reference, artifact, tags)
    return {"publishedTags": list(tags), "digest": digest, "version": package.version}
