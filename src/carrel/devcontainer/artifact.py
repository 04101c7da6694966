"""Features, templates and their collections as OCI artifacts: manifests as they are published and read (C296, C297, C320-C322).

Source: containers.dev "Features distribution"; deviation D35: the configuration blob is `{}` and the layer a plain tar.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from carrel.core.problems import Problem
from carrel.devcontainer.features.reference import FeatureReference
from carrel.devcontainer.registry_cache import DIGEST, digest_of

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
CONFIG_TYPE = "application/vnd.devcontainers"
LAYER_TYPE = "application/vnd.devcontainers.layer.v1+tar"
COLLECTION_TYPE = "application/vnd.devcontainers.collection.layer.v1+json"
METADATA = "dev.containers.metadata"
COLLECTION_FILE = "devcontainer-collection.json"
MAX_LAYER_BYTES = 64 * 2**20
_TITLE = "org.opencontainers.image.title"
_EMPTY = b"{}"

Kind = Literal["feature", "template", "collection"]


@dataclass(frozen=True)
class Manifest:
    """An OCI manifest as the registry gave it."""

    digest: str
    document: Mapping[str, Any]

    @property
    def metadata(self) -> str:
        """The metadata as JSON text; empty where the publisher attached none."""
        annotations = self.document.get("annotations")
        value = annotations.get(METADATA) if isinstance(annotations, Mapping) else None
        return value if isinstance(value, str) else ""


@dataclass(frozen=True)
class Artifact:
    """Something to publish."""

    manifest: bytes
    blobs: Mapping[str, bytes]
    """By digest."""

    @property
    def digest(self) -> str:
        """Of the manifest."""
        return digest_of(self.manifest)


def check_type(manifest: Manifest, reference: FeatureReference, what: str = "feature") -> None:
    """Raise `feature_failed` for a manifest that is an image, or anything else but a dev container artifact (C296)."""
    config = manifest.document.get("config")
    kind = config.get("mediaType") if isinstance(config, Mapping) else None
    if kind != CONFIG_TYPE:
        more = (
            "it is an image" if "image" in str(kind or manifest.document.get("mediaType")) else f"its type is {kind!r}"
        )
        raise Problem(
            "feature_failed",
            f"{reference.written} is not a {what} ({more}).",
            hint="Check the reference: it must name a published " + what + ".",
            extra={"feature": reference.written},
        )


def layer_of(manifest: Manifest, reference: FeatureReference) -> str:
    """The digest of its one layer; raises `feature_failed` where there is none, or it says that it is too large."""
    layers = manifest.document.get("layers")
    layer = layers[0] if isinstance(layers, list) and layers and isinstance(layers[0], Mapping) else {}
    digest, size = layer.get("digest"), layer.get("size")
    why = ""
    if not isinstance(digest, str):
        why = "has no layer"
    elif not DIGEST.fullmatch(digest):
        why = f"has a layer with {digest[:80]!r}, which is no digest"
    elif isinstance(size, int) and size > MAX_LAYER_BYTES:
        why = f"has a layer of {size} bytes, and at most {MAX_LAYER_BYTES} are allowed"
    if why or not isinstance(digest, str):
        raise Problem(
            "feature_failed",
            f"The manifest of {reference.written} {why}.",
            hint="Tell its publisher, or use another version.",
            extra={"feature": reference.written},
        )
    return digest


def packed_artifact(kind: Kind, registry: str, title: str, content: bytes, metadata: str = "") -> Artifact:
    """The artifact of an archive or of a collection's file, byte for byte as the reference writes it.

    Args:
        kind: what it is.
        registry: host it is published at; ghcr.io gets an annotation of its own (C322).
        title: the file's name, as in `devcontainer-feature-go.tgz`.
        content: the tar, or the collection's JSON.
        metadata: devcontainer-feature.json or devcontainer-template.json as one line of JSON (C320).
    """
    layer = {
        "mediaType": COLLECTION_TYPE if kind == "collection" else LAYER_TYPE,
        "digest": digest_of(content),
        "size": len(content),
        "annotations": {_TITLE: title},
    }
    manifest: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": {"mediaType": CONFIG_TYPE, "digest": digest_of(_EMPTY), "size": len(_EMPTY)},
        "layers": [layer],
    }
    annotations = {METADATA: metadata} if kind != "collection" else {}
    if registry == "ghcr.io":
        annotations["com.github.package.type"] = f"devcontainer_{kind}"
    if annotations:
        manifest["annotations"] = annotations
    text = json.dumps(manifest, separators=(",", ":"), ensure_ascii=False)
    return Artifact(text.encode(), {digest_of(_EMPTY): _EMPTY, digest_of(content): content})
