"""Generated features with dependencies: what a registry serves, what lies in a repository, and a configuration that wants some of them."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer.artifact import CONFIG_TYPE, Manifest
from carrel.devcontainer.features.reference import FeatureReference

NAMES = ("ada", "bo", "cy", "dee", "eve", "fox", "gil")
NAMESPACES = ("one/c", "two/d")
VERSIONS = ("1.2.3", "2.0.0")
OPTIONS: tuple[Any, ...] = ({}, {}, {"o": "1"}, {"o": "2"}, {"p": True}, {"p": False}, {"o": "1", "p": True}, "1", "2")


@dataclass
class Published:
    """`<repository>` -> `<tag or digest>` -> text of the manifest; the shape of the resolver's Registry."""

    host: str
    manifests: dict[str, dict[str, str]] = field(default_factory=dict)

    def publish(self, repository: str, metadata: Mapping[str, Any], tags: list[str]) -> str:
        """Add a feature; gives its digest."""
        layer = {"mediaType": "application/vnd.devcontainers.layer.v1+tar", "digest": f"sha256:{'0' * 64}", "size": 1}
        text = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": {"mediaType": CONFIG_TYPE, "digest": f"sha256:{'1' * 64}", "size": 2},
                "layers": [layer],
                "annotations": {"dev.containers.metadata": json.dumps(metadata)},
            }
        )
        digest = "sha256:" + hashlib.sha256(text.encode()).hexdigest()
        self.manifests.setdefault(repository, {}).update(dict.fromkeys([*tags, digest], text))
        return digest

    async def manifest(self, reference: FeatureReference, digest: str = "") -> Manifest:
        """As a registry client would fetch it."""
        text = self.manifests.get(reference.repository, {}).get(digest or reference.version)
        if reference.registry != self.host or text is None:
            raise Problem("feature_failed", f"{reference.written} does not exist", extra={"status": 404})
        return Manifest("sha256:" + hashlib.sha256(text.encode()).hexdigest(), json.loads(text))

    async def blob(self, reference: FeatureReference, digest: str) -> bytes:
        """No content is needed for an order."""
        raise AssertionError(f"{reference.written}: the order is in the manifests, {digest} must not be fetched")

    async def tarball(self, url: str, digest: str = "") -> tuple[bytes, str]:
        """There are none."""
        raise AssertionError(url)


@dataclass(frozen=True)
class Graph:
    """A configuration and the local features beside it."""

    configuration: Mapping[str, Any]
    local: Mapping[str, Mapping[str, Any]]
    """Folder in `.devcontainer` -> devcontainer-feature.json."""

    def files(self) -> dict[str, str]:
        """The repository."""
        files = {".devcontainer/devcontainer.json": json.dumps(self.configuration)}
        for name, metadata in self.local.items():
            files[f".devcontainer/{name}/devcontainer-feature.json"] = json.dumps(metadata)
            files[f".devcontainer/{name}/install.sh"] = "#!/bin/sh\n"
        return files


class Generator:
    """Makes graphs; the same seed always makes the same."""

    def __init__(self, seed: int, published: Published) -> None:
        """Publish in namespaces that begin with the seed."""
        self._random = random.Random(seed)
        self._published = published
        self._start = f"g{seed}"

    def graph(self) -> Graph:
        """One graph; one in four may have circles, one in three renames a feature."""
        choice = self._random
        names = choice.sample(NAMES, choice.randint(2, len(NAMES)))
        keys = {name: self._resource(name) for name in names}
        if choice.random() < 0.33:  # a feature that had another name: both are the same repository's content
            keys["old-" + names[0]] = keys[names[0]].rpartition("/")[0] + f"/old-{names[0]}"
        local = {f"local-{index}": f"./local-{index}" for index in range(choice.choice((0, 0, 1, 2, 3)))}
        everything = [*keys.items(), *local.items()]
        choice.shuffle(everything)
        circles = choice.random() < 0.25
        written: dict[str, dict[str, Any]] = {}
        for index, (name, _) in enumerate(everything):
            others = [one for one in everything if one[0] != name] if circles else everything[:index]
            written[name] = self._metadata(name, others)
        digests = {name: self._publish(name, keys, written[name], names[0]) for name in keys}
        wanted = choice.sample(everything, choice.randint(1, len(everything)))
        features = {self._written(key, digests.get(name)): choice.choice(OPTIONS) for name, key in wanted}
        configuration: dict[str, Any] = {"image": "base", "features": features}
        if choice.random() < 0.5:
            configuration["overrideFeatureInstallOrder"] = [
                key for _, key in choice.sample(everything, choice.randint(1, min(3, len(everything))))
            ]
        return Graph(configuration, {name: written[name] for name in local})

    def _resource(self, name: str) -> str:
        return f"{self._published.host}/{self._start}/{self._random.choice(NAMESPACES)}/{name}"

    def _metadata(self, name: str, others: list[tuple[str, str]]) -> dict[str, Any]:
        choice = self._random
        metadata: dict[str, Any] = {"id": name, "version": "1.2.3", "name": name}
        hard = [key for _, key in others if choice.random() < 0.2]
        soft = [key for _, key in others if choice.random() < 0.3]
        if hard:
            metadata["dependsOn"] = {self._written(key): choice.choice(OPTIONS) for key in hard}
        if soft:
            metadata["installsAfter"] = soft
        return metadata

    def _publish(self, name: str, keys: Mapping[str, str], metadata: dict[str, Any], renamed: str) -> str:
        old = f"old-{renamed}"
        if old in keys and name in {renamed, old}:
            metadata = {**metadata, "id": renamed, "currentId": renamed, "legacyIds": [old]}
        repository = keys[name].partition("/")[2]
        digest = ""
        for version in VERSIONS:
            major, minor, _ = version.split(".")
            tags = [major, f"{major}.{minor}", version, *(["latest"] if version == VERSIONS[-1] else [])]
            digest = self._published.publish(repository, {**metadata, "version": version}, tags)
        return digest

    def _written(self, key: str, digest: str | None = None) -> str:
        """A reference: without a tag, with one, by digest, or in other letters."""
        choice = self._random
        if key.startswith("./"):
            return key
        form = choice.random()
        if digest and form < 0.1:
            return f"{key}@{digest}"
        if form < 0.2:
            host, _, rest = key.partition("/")
            return f"{host}/{rest.upper()}"
        return key + choice.choice(("", "", ":1", ":1.2", ":2", ":latest", ":1.2.3"))
