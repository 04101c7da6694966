"""Feature references: what a key of `features` names (C208-C224).

<registry>/<namespace ...>/<id>[:<tag>]      OCI, also @sha256:<hex>
https://.../devcontainer-feature-<id>.tgz    tarball
./folder, ../folder                          local, inside .devcontainer
<id>                                         old shorthand
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from carrel.core.problems import Problem

_PATH = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
_DIGEST = re.compile(r"sha256:[a-f0-9]{64}")
_TARBALL = re.compile(r"devcontainer-feature-([A-Za-z0-9_-]+)\.tgz")
_COLLECTION = "ghcr.io/devcontainers/features"
_SHORTHANDS = {
    name: name
    for name in [
        "aws-cli",
        "azure-cli",
        "desktop-lite",
        "docker-in-docker",
        "docker-from-docker",
        "dotnet",
        "git",
        "git-lfs",
        "github-cli",
        "java",
        "kubectl-helm-minikube",
        "node",
        "powershell",
        "python",
        "ruby",
        "rust",
        "sshd",
        "terraform",
    ]
} | {"golang": "go", "common": "common-utils"}
_NOW_OPTIONS = {
    "gradle": ("java", "installGradle"),
    "maven": ("java", "installMaven"),
    "jupyterlab": ("python", "installJupyterlab"),
}


@dataclass(frozen=True)
class FeatureReference:
    """A parsed key."""

    written: str
    """As the user wrote it; metadata and logs name the feature by it."""
    kind: Literal["oci", "tarball", "local"]
    id: str
    registry: str = ""
    namespace: str = ""
    tag: str = ""
    digest: str = ""
    path: str = ""
    """Local: folder relative to the repository's root."""
    url: str = ""

    @property
    def repository(self) -> str:
        """Path in the registry: `<namespace>/<id>`."""
        return f"{self.namespace}/{self.id}" if self.namespace else self.id

    @property
    def resource(self) -> str:
        """What it is without version: `<registry>/<namespace>/<id>`, the URL, or the folder."""
        return {"oci": f"{self.registry}/{self.repository}", "tarball": self.url, "local": self.path}[self.kind]

    @property
    def version(self) -> str:
        """Digest or tag."""
        return self.digest or self.tag


def parse_reference(written: str, config_path: str = "", root: str = "") -> FeatureReference:
    """Read a key.

    Args:
        written: the key.
        config_path: path of devcontainer.json in the repository, for local features.
        root: the opened folder; local features lie in its `.devcontainer`.

    Raises:
        Problem: `feature_failed`.
    """
    if written.startswith(("./", "../", "/")):
        return _local(written, config_path, root)
    if written.lower().startswith("https://"):
        return _tarball(written)
    if written.lower().startswith("http://"):
        raise _failed(written, "a tarball must come by https")
    if "/" not in written and "\\" not in written:
        name = _SHORTHANDS.get(written)
        if name is None:
            raise _failed(
                written,
                "it names no registry",
                "Local features begin with './'; others with their registry, as in ghcr.io/devcontainers/features/go:1.",
            )
        return _oci(f"{_COLLECTION}/{name}:1", written)
    return _oci(written, written)


def _failed(written: str, why: str, hint: str = "") -> Problem:
    return Problem(
        "feature_failed", f"The feature {written!r} cannot be used: {why}.", hint=hint, extra={"feature": written}
    )


def _local(written: str, config_path: str, root: str) -> FeatureReference:
    if written.startswith("/"):
        raise _failed(written, "an absolute path is not allowed")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(config_path), written))
    parent = posixpath.normpath(posixpath.join(root, ".devcontainer"))
    if not path.startswith(parent + "/"):
        raise _failed(written, "a local feature must be a folder inside .devcontainer", f"Move it to {parent}/.")
    return FeatureReference(written, "local", posixpath.basename(path), path=path)


def _tarball(written: str) -> FeatureReference:
    name = posixpath.basename(urlsplit(written).path)
    match = _TARBALL.fullmatch(name)
    if match is None:
        raise _failed(written, "the file must be called devcontainer-feature-<id>.tgz")
    return FeatureReference(written, "tarball", match.group(1), url=written)


def _oci(text: str, written: str) -> FeatureReference:
    text = text.lower()
    resource, at, digest = text.rpartition("@")
    tag = ""
    if at:
        if not _DIGEST.fullmatch(digest):
            raise _failed(written, "the digest must be sha256:<64 hexadecimal digits>")
    else:
        resource, digest = text, ""
        if text.rfind(":") > text.rfind("/"):
            resource, _, tag = text.rpartition(":")
        tag = tag or "latest"
        if not _TAG.fullmatch(tag):
            raise _failed(written, f"{tag!r} is no tag")
    registry, *parts = resource.split("/")
    if parts and parts[0] == "devcontainers-contrib":
        parts[0] = "devcontainers-extra"
    path = "/".join(parts)
    if not parts or not _PATH.fullmatch(path):
        raise _failed(written, f"{path!r} is no path in a registry")
    if "." not in registry and not registry.startswith("localhost"):
        raise _failed(
            written,
            f"{registry!r} is no registry",
            "Write the registry's host name first, as in ghcr.io/owner/collection/feature:1.",
        )
    return FeatureReference(written, "oci", parts[-1], registry, "/".join(parts[:-1]), tag, digest)


def fold_shorthands(features: dict[str, Any]) -> dict[str, Any]:
    """`gradle`, `maven` and `jupyterlab` as options of the features they are part of now (C215)."""
    folded = {key: value for key, value in features.items() if key not in _NOW_OPTIONS}
    for old in (key for key in features if key in _NOW_OPTIONS):
        name, option = _NOW_OPTIONS[old]
        full = f"{_COLLECTION}/{name}"
        key = next((key for key in folded if key in {name, full} or key.startswith(f"{full}:")), f"{full}:1")
        given = folded.get(key, {})
        options = given if isinstance(given, dict) else {"version": given} if isinstance(given, str) else {}
        folded[key] = {**options, option: True}
    return folded
