"""A resolved feature: its reference, metadata, content and options, as the install plan needs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer.features.options import Given, OptionValue, effective_options
from carrel.devcontainer.features.reference import FeatureReference
from carrel.devcontainer.jsonc import parse_object
from carrel.devcontainer.legacy import fold_legacy

METADATA_FILE = "devcontainer-feature.json"
INSTALL_FILE = "install.sh"


@dataclass(frozen=True)
class Feature:
    """One feature to install."""

    reference: FeatureReference
    metadata: Mapping[str, Any]
    """devcontainer-feature.json with old keys folded."""
    given: Given = field(default_factory=dict)
    """Options as the user, or the feature that depends on it, gave them."""
    digest: str = ""
    """OCI: of the manifest; tarball: of the file; local: empty."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Content; empty while only the order is computed."""

    @property
    def name(self) -> str:
        """The reference as it was written."""
        return self.reference.written

    @property
    def declared(self) -> Mapping[str, Any]:
        """Declared options; what is no object declares none."""
        value = self.metadata.get("options")
        return value if isinstance(value, Mapping) else {}

    @property
    def options(self) -> dict[str, OptionValue]:
        """Effective options."""
        return effective_options(self.declared, self.given)

    @property
    def depends_on(self) -> Mapping[str, Any]:
        """Hard dependencies: reference to options."""
        value = self.metadata.get("dependsOn")
        return value if isinstance(value, Mapping) else {}

    @property
    def installs_after(self) -> tuple[str, ...]:
        """Soft dependencies: references."""
        value = self.metadata.get("installsAfter")
        return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()

    @property
    def aliases(self) -> tuple[str, ...]:
        """Its current id and its old ones (C265)."""
        legacy = self.metadata.get("legacyIds")
        names = [
            self.metadata.get("currentId") or self.metadata.get("id"),
            *(legacy if isinstance(legacy, list) else []),
        ]
        return tuple(str(name).lower() for name in names if name)


def parse_metadata(content: str | bytes, reference: FeatureReference) -> dict[str, Any]:
    """Read devcontainer-feature.json.

    Raises:
        Problem: `feature_failed`, it is malformed or lacks id or version.
    """
    try:
        value = parse_object(content, f"{METADATA_FILE} of {reference.written}").value
    except Problem as problem:
        raise Problem("feature_failed", problem.detail, extra={"feature": reference.written}) from problem
    for key in ("id", "version"):
        if not isinstance(value.get(key), str) or not value[key]:
            raise Problem(
                "feature_failed",
                f"{METADATA_FILE} of {reference.written} lacks {key!r}.",
                extra={"feature": reference.written},
            )
    return fold_legacy(value, dev_port=False)
