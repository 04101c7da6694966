"""From the keys of `features` to resolved features in install order: metadata first, then order, then content.

I/O goes through two small Protocols: the repository's files, and a registry client.
"""

from __future__ import annotations

import asyncio
import json
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from carrel.core.problems import Problem
from carrel.devcontainer.artifact import CONFIG_TYPE, Manifest, check_type, layer_of
from carrel.devcontainer.features.archive import unpack
from carrel.devcontainer.features.lockfile import Lockfile
from carrel.devcontainer.features.options import given_options
from carrel.devcontainer.features.order import Node, SoftDependency, install_order, is_equal
from carrel.devcontainer.features.record import INSTALL_FILE, METADATA_FILE, Feature, parse_metadata
from carrel.devcontainer.features.reference import FeatureReference, fold_shorthands, parse_reference
from carrel.devcontainer.notices import Notice, warning

__all__ = ["CONFIG_TYPE", "LocalFiles", "Manifest", "Registry", "Resolved", "Resolver", "Wanted", "as_json"]

_MAX_FEATURES = 100
_MAX_LOCAL_FILES = 2000
_MAX_BYTES = 256 * 2**20
"""Of the content of all features of one configuration; it is held in memory until the build."""
_AT_ONCE = 4


class Registry(Protocol):
    """What fetches features from elsewhere."""

    async def manifest(self, reference: FeatureReference, digest: str = "") -> Manifest:
        """The manifest of a reference, held at `digest` where that is given. Raises `feature_failed`, `registry_*`."""

    async def blob(self, reference: FeatureReference, digest: str) -> bytes:
        """A blob of the reference's repository, its digest verified."""

    async def tarball(self, url: str, digest: str = "") -> tuple[bytes, str]:
        """A file by https and its digest, verified where one is given."""


class LocalFiles(Protocol):
    """The part of ProjectFiles that local features need."""

    async def read(self, path: str) -> bytes | None:
        """Content of a file, or None."""

    async def list(self, path: str) -> Sequence[str]:
        """Names in a folder, folders with a trailing `/`."""


@dataclass(frozen=True)
class Wanted:
    """What a configuration asks for."""

    features: Mapping[str, Any]
    override_order: Sequence[str] = ()
    config_path: str = ""
    folder: str = ""
    """The opened folder."""
    lockfile: Lockfile | None = None


@dataclass(frozen=True)
class Resolved:
    """The answer."""

    features: tuple[Feature, ...]
    """In install order, with content."""
    notices: tuple[Notice, ...] = ()


class Resolver:
    """Resolves the features of one configuration."""

    def __init__(self, wanted: Wanted, files: LocalFiles, registry: Registry) -> None:
        """Use `files` for local features, `registry` for all others."""
        self._wanted = wanted
        self._files = files
        self._registry = registry
        self._manifests: dict[str, Manifest] = {}
        self._failures: dict[str, Problem] = {}
        self._tarballs: dict[str, tuple[bytes, str]] = {}
        self._notices: list[Notice] = []
        self._bytes = 0
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def resolve(self) -> Resolved:
        """Features in install order, with their content.

        Raises:
            Problem: `feature_failed`, `registry_unreachable`, `registry_denied`.
        """
        nodes = await self._nodes()
        ordered = install_order(self._with_priorities(nodes))
        features = await asyncio.gather(*(self._with_content(feature) for feature in ordered))
        return Resolved(tuple(features), tuple(self._notices))

    async def order(self) -> tuple[Feature, ...]:
        """Only the order; no content is fetched but where metadata needs it."""
        return install_order(self._with_priorities(await self._nodes()))

    # --- the graph ---

    async def _nodes(self) -> list[Node]:
        """All features of the start set, each once (C256, C258)."""
        todo = list(fold_shorthands(dict(self._wanted.features)).items())
        nodes: list[Node] = []
        await self._prefetch([written for written, _ in todo])
        while todo:
            written, options = todo.pop(0)
            feature = await self._metadata(self._parse(written), options)
            if any(is_equal(node.feature, feature) for node in nodes):
                continue
            if len(nodes) >= _MAX_FEATURES:
                raise Problem("feature_failed", f"More than {_MAX_FEATURES} features would be installed.")
            await self._prefetch(feature.depends_on)
            hard = [await self._metadata(self._parse(key), value) for key, value in feature.depends_on.items()]
            nodes.append(Node(feature, tuple(hard)))
            todo += feature.depends_on.items()
        return [replace(node, soft=await self._softs(node.feature, nodes)) for node in nodes]

    def _parse(self, written: str) -> FeatureReference:
        return parse_reference(written, self._wanted.config_path, self._wanted.folder)

    async def _metadata(self, reference: FeatureReference, options: Any) -> Feature:
        given = given_options(reference.written, options)
        if reference.kind == "local":
            metadata = await self._local_metadata(reference)
            return Feature(reference, metadata, given)
        if reference.kind == "tarball":
            content, digest = await self._tarball(reference)
            metadata = _metadata_in(unpack(content, reference.written), reference)
            return Feature(reference, metadata, given, digest)
        manifest = await self._manifest(reference)
        if manifest.metadata:
            metadata = parse_metadata(manifest.metadata, reference)
        else:
            metadata = _metadata_in(unpack(await self._layer(reference, manifest), reference.written), reference)
        return Feature(reference, metadata, given, manifest.digest)

    async def _softs(self, of: Feature, nodes: Sequence[Node]) -> tuple[SoftDependency, ...]:
        """The installsAfter edges of a feature; one that cannot be resolved does not matter (D57)."""
        references = [one for key in of.installs_after if (one := self._safe(key))]
        return tuple([SoftDependency(one, await self._aliases(one, of, nodes)) for one in references])

    async def _aliases(self, reference: FeatureReference, of: Feature, nodes: Sequence[Node]) -> tuple[str, ...]:
        """The ids that the named feature has and had; asked for only where one of its collection may be meant by them."""
        place = (reference.registry, reference.namespace)
        siblings = [
            node.feature
            for node in nodes
            if reference.kind == "oci" and (node.feature.reference.registry, node.feature.reference.namespace) == place
        ]
        same = [one for one in siblings if one.reference.id == reference.id]
        if len(same) == len(siblings):
            return ()
        if same:
            return same[0].aliases
        try:
            return (await self._metadata(reference, {})).aliases
        except Problem as problem:
            self._notices.append(
                warning(
                    f"features.{of.name}.installsAfter",
                    f"{reference.written} cannot be resolved: {problem.detail}",
                    f"feature {of.name}",
                )
            )
            return ()

    def _safe(self, written: str) -> FeatureReference | None:
        try:
            return self._parse(written)
        except Problem:
            return None

    def _with_priorities(self, nodes: list[Node]) -> list[Node]:
        """overrideFeatureInstallOrder: n for its first entry, 1 for its last (C269); unknown ones give a warning (D06)."""
        entries = list(self._wanted.override_order)
        for index, written in enumerate(entries):
            reference = self._safe(written)
            override = SoftDependency(reference) if reference else None
            if override is None or not any(self._overrides(override, node) for node in nodes):
                self._notices.append(warning("overrideFeatureInstallOrder", f"{written!r} is not among the features"))
                continue
            priority = len(entries) - index
            nodes = [
                replace(node, priority=max(node.priority, priority)) if self._overrides(override, node) else node
                for node in nodes
            ]
        return nodes

    @staticmethod
    def _overrides(override: SoftDependency, node: Node) -> bool:
        return override.matches(node.feature)

    # --- fetching ---

    async def _prefetch(self, keys: Iterable[str]) -> None:
        """Ask for manifests at the same time; what fails is told in its turn, and not asked again."""
        found = [one for key in keys if (one := self._safe(key)) is not None and one.kind == "oci"]
        first = {f"{one.resource}@{one.version}": one for one in found}
        new = [key for key in first if key not in self._manifests and key not in self._failures]
        answers = await asyncio.gather(*(self._manifest(first[key]) for key in new), return_exceptions=True)
        for key, answer in zip(new, answers, strict=True):
            if isinstance(answer, Problem):
                self._failures[key] = answer
            elif isinstance(answer, BaseException):
                raise answer

    async def _manifest(self, reference: FeatureReference) -> Manifest:
        key = f"{reference.resource}@{reference.version}"
        if key in self._failures:
            raise self._failures[key]
        if key not in self._manifests:
            locked = self._wanted.lockfile.integrity(reference.written) if self._wanted.lockfile else ""
            manifest = await self._registry.manifest(reference, locked)
            check_type(manifest, reference)
            self._manifests[key] = manifest
        return self._manifests[key]

    async def _layer(self, reference: FeatureReference, manifest: Manifest) -> bytes:
        return await self._registry.blob(reference, layer_of(manifest, reference))

    async def _tarball(self, reference: FeatureReference) -> tuple[bytes, str]:
        if reference.url not in self._tarballs:
            locked = self._wanted.lockfile.integrity(reference.written) if self._wanted.lockfile else ""
            self._tarballs[reference.url] = await self._registry.tarball(reference.url, locked)
        return self._tarballs[reference.url]

    async def _local_metadata(self, reference: FeatureReference) -> dict[str, Any]:
        content = await self._files.read(posixpath.join(reference.path, METADATA_FILE))
        if content is None:
            raise Problem(
                "feature_failed",
                f"{reference.path}/{METADATA_FILE} does not exist.",
                extra={"feature": reference.written},
            )
        metadata = parse_metadata(content, reference)
        if metadata["id"] != reference.id:
            self._notices.append(
                warning(
                    f"features.{reference.written}",
                    f"its folder is called {reference.id!r} and its id {metadata['id']!r}",
                )
            )
        return metadata

    async def _with_content(self, feature: Feature) -> Feature:
        async with self._slots:
            full = await self._filled(feature)
        self._bytes += sum(map(len, full.files.values()))
        if self._bytes > _MAX_BYTES:
            raise Problem(
                "feature_failed",
                f"The content of the features is larger than {_MAX_BYTES} bytes.",
                hint="Use fewer features, or an image that has them already.",
                extra={"feature": feature.name},
            )
        return full

    async def _filled(self, feature: Feature) -> Feature:
        reference = feature.reference
        if reference.kind == "local":
            files = await self._local_content(reference)
        elif reference.kind == "tarball":
            files = unpack((await self._tarball(reference))[0], reference.written)
        else:
            files = unpack(await self._layer(reference, await self._manifest(reference)), reference.written)
        if INSTALL_FILE not in files:
            raise Problem(
                "feature_failed", f"{reference.written} has no {INSTALL_FILE}.", extra={"feature": reference.written}
            )
        inner = _metadata_in(files, reference) if METADATA_FILE in files else {}
        return replace(feature, files=files, metadata={**inner, **feature.metadata})

    async def _local_content(self, reference: FeatureReference) -> dict[str, bytes]:
        files: dict[str, bytes] = {}
        folders = [reference.path]
        while folders:
            folder = folders.pop()
            for name in sorted(await self._files.list(folder)):
                path = posixpath.join(folder, name)
                if name.endswith("/"):
                    folders.append(path.rstrip("/"))
                elif (content := await self._files.read(path)) is not None:
                    files[posixpath.relpath(path, reference.path)] = content
                if len(files) + len(folders) > _MAX_LOCAL_FILES:
                    raise Problem(
                        "feature_failed",
                        f"{reference.written} has more than {_MAX_LOCAL_FILES} files.",
                        extra={"feature": reference.written},
                    )
        return files


def _metadata_in(files: Mapping[str, bytes], reference: FeatureReference) -> dict[str, Any]:
    if METADATA_FILE not in files:
        raise Problem(
            "feature_failed", f"{reference.written} has no {METADATA_FILE}.", extra={"feature": reference.written}
        )
    return parse_metadata(files[METADATA_FILE], reference)


def as_json(features: Sequence[Feature]) -> str:
    """The order as the reference's `features resolve-dependencies` prints it (C446)."""
    order = [
        {
            "id": f"{one.reference.resource}@{one.digest}" if one.reference.kind == "oci" else one.name,
            "options": one.given,
        }
        for one in features
    ]
    return json.dumps({"installOrder": order}, indent=2)
