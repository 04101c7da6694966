"""`carrel devcontainer features`: what is installed, in which order, with digests, options and metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from carrel.devcontainer.features.lockfile import lockfile_path, read_lockfile
from carrel.devcontainer.features.record import Feature
from carrel.devcontainer.features.resolve import Resolver, Wanted
from carrel.standalone.asked import Asked
from carrel.standalone.engine import Engine, files_of
from carrel.standalone.read import chosen, tell


async def features(engine: Engine, asked: Asked) -> Mapping[str, Any]:
    """The features in install order. No engine is needed, and no image is looked at.

    Raises:
        Problem: `not_found`, `bad_configuration`, `feature_failed`, `registry_unreachable`, `registry_denied`.
    """
    files, request = files_of(asked), engine.request(asked)
    configuration = await chosen(request, files)
    path = lockfile_path(configuration.path)
    locked = read_lockfile(await files.read(path), path) if asked.lockfile != "ignore" else None
    own = configuration.values.get("features") or {}
    wanted = Wanted(
        {**asked.additional_features, **own},
        configuration.values.get("overrideFeatureInstallOrder") or (),
        configuration.path,
        request.folder,
        locked,
    )
    resolved = await Resolver(wanted, files, engine.registry).resolve()
    await tell(resolved.notices, configuration.path, files)
    return {"features": [_shown(feature) for feature in resolved.features]}


def _shown(feature: Feature) -> dict[str, Any]:
    reference = feature.reference
    return {
        "id": feature.name,
        "version": str(feature.metadata.get("version", "")),
        "resolved": f"{reference.resource}@{feature.digest}" if reference.kind == "oci" else reference.url,
        "digest": feature.digest,
        "options": feature.options,
        "dependsOn": list(feature.depends_on),
        "installsAfter": list(feature.installs_after),
        "metadata": feature.metadata,
    }
