"""The metadata entries of one environment: all of them to be merged, and what the image's label keeps. Pure."""

from __future__ import annotations

from dataclasses import replace

from carrel.devcontainer.inputs import Inputs
from carrel.devcontainer.metadata import Entry, configuration_entry, feature_entry, read_label


def metadata_entries(inputs: Inputs) -> list[Entry]:
    """All raw entries in label order: the base image's, one per feature, the configuration's (C087)."""
    own = configuration_entry(inputs.configuration.raw)
    features = [feature_entry(one.name, one.metadata) for one in inputs.features]
    return [*read_label(inputs.image.labels), *features, *([own] if own else [])]


def recorded_entries(inputs: Inputs) -> list[Entry]:
    """The entries as the image's label keeps them: without what the request leaves out (C098)."""
    omitted = inputs.request.omit_from_label
    installed = {f"feature {one.name}" for one in inputs.features} if "feature-customizations" in omitted else set()
    left_out = dict.fromkeys(installed, "customizations")
    if "remoteEnv" in omitted:
        left_out["devcontainer.json"] = "remoteEnv"
    entries = metadata_entries(inputs)
    return [
        replace(one, values={key: value for key, value in one.values.items() if key != left_out.get(one.origin)})
        for one in entries
    ]
