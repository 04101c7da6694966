"""The lockfile written anew from what the registries have now, and the version that a configuration asks for (C339).

For `carrel devcontainer upgrade`: write `Upgrade.text` at `Upgrade.path`, or print it (`--dry-run`); with `--feature` and
`--target-version` write `with_version(...)` into devcontainer.json first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from carrel.core.problems import Problem
from carrel.devcontainer.features.lockfile import lock, lockfile_path, write_lockfile
from carrel.devcontainer.features.resolve import Registry, Resolver, Wanted
from carrel.devcontainer.gather import read_configuration
from carrel.devcontainer.inputs import ProjectFiles, Request
from carrel.devcontainer.jsonc import parse_object
from carrel.devcontainer.jsonc_edit import rename_key

_TARGET = re.compile(r"\d+(\.\d+(\.\d+)?)?")
_VERSION = re.compile(r"[:@][^/]*$")


@dataclass(frozen=True)
class Upgrade:
    """A lockfile to write."""

    path: str
    """Relative to the repository's root."""
    text: str


async def upgraded_lockfile(request: Request, files: ProjectFiles, registry: Registry) -> Upgrade:
    """Resolve all features without the lockfile, as the reference's `upgrade` does.

    Raises:
        Problem: `feature_failed` (also: there are no features), `bad_configuration`, `choose_configuration`,
            `registry_unreachable`, `registry_denied`.
    """
    configuration, _ = await read_configuration(request, files)
    features = configuration.values.get("features") or {}
    if not features:
        raise Problem(
            "feature_failed",
            f"{configuration.path} has no features, so there is nothing to lock.",
            hint="Add features to the configuration first.",
        )
    order = configuration.values.get("overrideFeatureInstallOrder") or ()
    wanted = Wanted(features, order, configuration.path, request.folder)
    resolved = await Resolver(wanted, files, registry).resolve()
    return Upgrade(lockfile_path(configuration.path), write_lockfile(lock(resolved.features)))


def with_version(text: str, feature: str, target: str) -> str:
    """The text of a devcontainer.json in which `feature` (any version) is asked for as `target`; all else stays as it is.

    Args:
        text: the file.
        feature: a reference; its own version does not count.
        target: `1`, `1.2` or `1.2.3`.

    Returns:
        `text` itself when the configuration does not have the feature.

    Raises:
        Problem: `bad_value`, `target` is no version; `bad_configuration`, the file cannot be read.
    """
    if not _TARGET.fullmatch(target):
        raise Problem("bad_value", f"{target!r} is no version.", hint="Write it as `1`, `1.2` or `1.2.3`.")
    name = _VERSION.sub("", feature)
    features = parse_object(text).value.get("features")
    key = next((key for key in features or {} if _VERSION.sub("", key) == name), None)
    return text if key is None else rename_key(text, ("features",), key, f"{name}:{target}")
