"""A repository in memory, images that are known, and features that a registry has: what the engine's tests gather from."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer import EnvironmentPlan, Inputs, Request, gather, plan
from carrel.devcontainer.artifact import CONFIG_TYPE, Manifest
from carrel.devcontainer.features.reference import FeatureReference
from carrel.devcontainer.metadata import LABEL

CONFIG = ".devcontainer/devcontainer.json"


class Repository:
    """Files by path; the shape of ProjectFiles."""

    def __init__(self, files: Mapping[str, str | bytes | dict[str, Any]]) -> None:
        """Objects are written as JSON."""
        self.files = {path: _bytes(content) for path, content in files.items()}

    async def read(self, path: str) -> bytes | None:
        """Content of a file."""
        return self.files.get(path)

    async def list(self, path: str) -> Sequence[str]:
        """Names in a folder."""
        start = "" if path in {"", "."} else path.rstrip("/") + "/"
        rest = [name.removeprefix(start) for name in self.files if name.startswith(start)]
        return sorted({name.partition("/")[0] + ("/" if "/" in name else "") for name in rest})

    async def digest(self, path: str, ignore: str = "") -> str:
        """Hash of a folder's files."""
        start = "" if path in {"", "."} else path.rstrip("/") + "/"
        ignored = {start + line for line in ignore.split()}
        inner = sorted(
            (name, content) for name, content in self.files.items() if name.startswith(start) and name not in ignored
        )
        return hashlib.sha256(repr((inner, ignore)).encode()).hexdigest()


def _bytes(content: str | bytes | dict[str, Any]) -> bytes:
    if isinstance(content, dict):
        return json.dumps(content).encode()
    return content.encode() if isinstance(content, str) else content


@dataclass(frozen=True)
class Image:
    """The shape of ImageFacts."""

    id: str = "sha256:base"
    user: str = ""
    env: Mapping[str, str] = field(default_factory=lambda: {"PATH": "/usr/bin"})
    labels: Mapping[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ("sh",)
    architecture: str = "amd64"
    on_build: tuple[str, ...] = ()


def labelled(*entries: dict[str, Any], **facts: Any) -> Image:
    """An image with a metadata label."""
    return Image(labels={LABEL: json.dumps(list(entries))}, **facts)


class Images:
    """Knows images by name; unknown ones are plain."""

    def __init__(self, known: Mapping[str, Image] | None = None) -> None:
        """`known` by reference."""
        self.known = known or {}
        self.asked: list[str] = []

    async def __call__(self, image: str) -> Image:
        """Facts of an image; `absent/...` does not exist."""
        self.asked.append(image)
        if image.startswith("absent/"):
            raise Problem("image_missing", f"{image} does not exist.")
        return self.known.get(image, Image())


def archive(files: Mapping[str, str | bytes], *, compress: bool = False, prefix: str = "./") -> bytes:
    """A tar of files, as `features publish` makes it."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz" if compress else "w") as tar:
        for path, content in files.items():
            data = _bytes(content)
            member = tarfile.TarInfo(prefix + path)
            member.size = len(data)
            member.mode = 0o644
            tar.addfile(member, io.BytesIO(data))
    return stream.getvalue()


class Published:
    """Features as a registry has them: `<resource>:<tag>` to metadata; the shape of the resolver's Registry."""

    def __init__(self, features: Mapping[str, dict[str, Any]] | None = None) -> None:
        """Each feature gets an install.sh that prints its id."""
        self.features = dict(features or {})
        self.asked: list[str] = []

    def content(self, key: str) -> bytes:
        """The layer of a feature."""
        metadata = self.features[key]
        return archive(
            {"devcontainer-feature.json": json.dumps(metadata), "install.sh": f"#!/bin/sh\necho {metadata['id']}\n"}
        )

    def digest(self, key: str) -> str:
        """Digest of its manifest."""
        return "sha256:" + hashlib.sha256(self.content(key)).hexdigest()

    def _key(self, reference: FeatureReference, digest: str = "") -> str:
        for key in self.features:
            resource, _, tag = key.rpartition(":")
            if resource != reference.resource:
                continue
            if (digest and self.digest(key) == digest) or (not digest and tag == reference.tag):
                return key
        raise Problem("feature_failed", f"{reference.written} does not exist", extra={"status": 404})

    async def manifest(self, reference: FeatureReference, digest: str = "") -> Manifest:
        """The manifest with the metadata as its annotation."""
        self.asked.append(reference.written)
        key = self._key(reference, digest or reference.digest)
        layer = "sha256:" + hashlib.sha256(self.content(key)).hexdigest()
        annotations = {"dev.containers.metadata": json.dumps(self.features[key])}
        document = {"config": {"mediaType": CONFIG_TYPE}, "layers": [{"digest": layer}], "annotations": annotations}
        return Manifest(self.digest(key), document)

    async def blob(self, reference: FeatureReference, digest: str) -> bytes:
        """The layer."""
        return next(self.content(key) for key in self.features if self.digest(key) == digest)

    async def tarball(self, url: str, digest: str = "") -> tuple[bytes, str]:
        """A tarball by its URL as the key."""
        content = self.content(url)
        return content, "sha256:" + hashlib.sha256(content).hexdigest()


REQUEST = Request("ws1234567890", repository="blog")


async def gathered(
    files: Mapping[str, str | bytes | dict[str, Any]],
    request: Request = REQUEST,
    images: Mapping[str, Image] | None = None,
    published: Published | None = None,
) -> Inputs:
    """Inputs for a repository."""
    return await gather(request, Repository(files), Images(images), published or Published())


async def planned(
    configuration: dict[str, Any],
    request: Request = REQUEST,
    image: Image | None = None,
    files: Mapping[str, str | bytes | dict[str, Any]] | None = None,
    published: Published | None = None,
) -> EnvironmentPlan:
    """The plan for one configuration; `image` is what every image name stands for."""
    has_source = any(key in configuration for key in ("image", "build", "dockerFile", "dockerComposeFile"))
    configuration = configuration if has_source else {"image": "base", **configuration}
    everything: dict[str, str | bytes | dict[str, Any]] = {CONFIG: configuration, **(files or {})}
    known = {"base": image or Image(), "debian:12": image or Image()}
    return plan(await gathered(everything, request, known, published))


def granted(*grants: str) -> Request:
    """A request whose policy grants something."""
    return replace(REQUEST, policy=replace(REQUEST.policy, granted=frozenset(grants)))
