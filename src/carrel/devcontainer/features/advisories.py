"""Features that must not be used, and features with known faults: an administrator's list in the reference's form (C225).

`{"disallowedFeatures": [{"featureIdPrefix", "documentationURL"}], "featureAdvisories": [{"featureId",
"introducedInVersion", "fixedInVersion", "description", "documentationURL"}]}`
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer.features.record import Feature
from carrel.devcontainer.features.versions import parse_version
from carrel.devcontainer.notices import Notice, warning


@dataclass(frozen=True)
class Disallowed:
    """A prefix of feature references; it ends where a part of the reference ends."""

    prefix: str
    documentation: str = ""

    def matches(self, reference: str) -> bool:
        """Whether `reference` is the prefix, or goes on after it with `/`, `:` or `@`."""
        rest = reference.lower().removeprefix(self.prefix.lower())
        return rest != reference.lower() and (not rest or rest[0] in "/:@")


@dataclass(frozen=True)
class Advisory:
    """A fault of some versions of a feature."""

    feature: str
    introduced: str
    fixed: str
    description: str
    documentation: str = ""

    def concerns(self, feature: Feature) -> bool:
        """Whether the feature's version has the fault."""
        version, first, fixed = (
            parse_version(text) for text in (str(feature.metadata.get("version", "")), self.introduced, self.fixed)
        )
        if feature.reference.kind != "oci" or feature.reference.resource != self.feature.lower():
            return False
        return version is not None and first is not None and fixed is not None and first <= version < fixed


@dataclass(frozen=True)
class ControlList:
    """What an administrator says of features."""

    disallowed: Sequence[Disallowed] = ()
    advisories: Sequence[Advisory] = ()


def parse_control_list(content: str | bytes) -> ControlList:
    """Read a list; entries of another form are left out, as the reference does. Raises `bad_configuration`: it is no JSON."""
    try:
        value = json.loads(content)
    except ValueError as error:
        raise Problem("bad_configuration", "The list of disallowed features is not JSON.") from error
    found = value if isinstance(value, Mapping) else {}
    return ControlList(
        tuple(
            Disallowed(one["featureIdPrefix"], _text(one, "documentationURL"))
            for one in _entries(found, "disallowedFeatures", "featureIdPrefix")
        ),
        tuple(
            Advisory(
                one["featureId"],
                one["introducedInVersion"],
                one["fixedInVersion"],
                one["description"],
                _text(one, "documentationURL"),
            )
            for one in _entries(
                found, "featureAdvisories", "featureId", "introducedInVersion", "fixedInVersion", "description"
            )
        ),
    )


def refuse_disallowed(references: Iterable[str], control: ControlList) -> None:
    """Raise `refused_by_policy` for the first feature that must not be used; dependencies count as well."""
    for reference in references:
        found = next((one for one in control.disallowed if one.matches(reference)), None)
        if found is not None:
            more = f" See {found.documentation}." if found.documentation else ""
            raise Problem(
                "refused_by_policy",
                f"The feature {reference!r} was reported to be problematic and must not be used.{more}",
                hint="Remove it from the configuration, or ask an administrator about the list of disallowed features.",
                extra={"feature": reference},
            )


def advisory_notices(features: Iterable[Feature], control: ControlList) -> tuple[Notice, ...]:
    """A warning for each known fault of the features; nothing is refused for it."""
    return tuple(
        warning(
            f"features.{feature.name}",
            f"version {feature.metadata.get('version')}: {one.description} (introduced in {one.introduced}, fixed in {one.fixed})"
            + (f", see {one.documentation}" if one.documentation else ""),
            f"feature {feature.name}",
        )
        for feature in features
        for one in control.advisories
        if one.concerns(feature)
    )


def _entries(value: Mapping[str, Any], key: str, *fields: str) -> list[Mapping[str, Any]]:
    found = value.get(key)
    entries = found if isinstance(found, list) else []
    return [one for one in entries if isinstance(one, Mapping) and all(isinstance(one.get(f), str) for f in fields)]


def _text(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""
