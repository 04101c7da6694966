"""The order in which features are installed: rounds over hard and soft dependencies (C256-C284).

Source: containers.dev "Features dependencies"; deviations D02-D07.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer.features.options import Given
from carrel.devcontainer.features.record import Feature
from carrel.devcontainer.features.reference import FeatureReference


@dataclass(frozen=True)
class SoftDependency:
    """An `installsAfter` or override entry: matches any version and options of a resource (C264, C265)."""

    reference: FeatureReference
    aliases: tuple[str, ...] = ()
    """Current and old ids of the feature it names, where its metadata is known."""

    def matches(self, feature: Feature) -> bool:
        """Whether `feature` is the one that is meant."""
        mine, other = self.reference, feature.reference
        if mine.kind != other.kind:
            return False
        if mine.resource == other.resource:
            return True
        same_place = mine.kind == "oci" and (mine.registry, mine.namespace) == (other.registry, other.namespace)
        return same_place and other.id in self.aliases


@dataclass(frozen=True)
class Node:
    """A feature with its edges."""

    feature: Feature
    hard: tuple[Feature, ...] = ()
    soft: tuple[SoftDependency, ...] = ()
    priority: int = 0


def is_equal(one: Feature, other: Feature) -> bool:
    """The same contents with the same options (C281-C284, D04, D05)."""
    return one.reference.kind == other.reference.kind and compare(one, other) == 0


def install_order(nodes: Sequence[Node]) -> tuple[Feature, ...]:
    """Features in install order.

    Raises:
        Problem: `feature_failed`, the dependencies form a circle; the detail names the features left.
    """
    remaining = [_without_dangling(node, nodes) for node in nodes]
    order: list[Feature] = []
    while remaining:
        ready = [node for node in remaining if _is_ready(node, order)]
        if not ready:
            names = ", ".join(node.feature.name for node in remaining)
            raise Problem("feature_failed", f"The dependencies of these features form a circle: {names}.")
        highest = max(node.priority for node in ready)
        round_ = [node for node in ready if node.priority == highest]
        remaining = [node for node in remaining if not any(is_equal(node.feature, one.feature) for one in round_)]
        order += sorted((node.feature for node in round_), key=functools.cmp_to_key(compare))
    return tuple(order)


def _without_dangling(node: Node, nodes: Sequence[Node]) -> Node:
    soft = tuple(one for one in node.soft if any(one.matches(other.feature) for other in nodes))
    return Node(node.feature, node.hard, soft, node.priority)


def _is_ready(node: Node, order: Sequence[Feature]) -> bool:
    return all(any(is_equal(done, hard) for done in order) for hard in node.hard) and all(
        any(soft.matches(done) for done in order) for soft in node.soft
    )


def compare(one: Feature, other: Feature) -> int:
    """Negative when `one` is installed before `other` within a round (C274-C280)."""
    mine, theirs = one.reference, other.reference
    if mine.kind != theirs.kind:
        return compare_text(mine.written, theirs.written)
    if mine.kind == "oci":
        return _compare_oci(one, other)
    if mine.kind == "tarball" and one.digest and one.digest == other.digest:
        return compare_options(one.given, other.given)
    return compare_text(mine.resource, theirs.resource) or compare_options(one.given, other.given)


def _compare_oci(one: Feature, other: Feature) -> int:
    mine, theirs = one.reference, other.reference
    options = compare_options(one.given, other.given)
    if one.digest == other.digest and options == 0:
        return 0
    places = compare_text(f"{mine.registry}/{mine.namespace}", f"{theirs.registry}/{theirs.namespace}")
    if places:
        return places
    if not set(one.aliases or (mine.id,)) & set(other.aliases or (theirs.id,)):
        return compare_text(mine.id, theirs.id)
    if mine.tag and theirs.tag and mine.tag != theirs.tag:
        return compare_tags(mine.tag, theirs.tag)
    return options or compare_text(one.digest, other.digest)


def compare_tags(one: str, other: str) -> int:
    """Oldest first, `latest` newest; numbers count as numbers (D03)."""
    return _sign(_tag_key(one), _tag_key(other))


def _tag_key(tag: str) -> tuple[bool, list[tuple[int, str]], str]:
    parts = [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"[.\-+_]", tag)]
    return (tag == "latest", parts, tag)


def compare_options(one: Given, other: Given) -> int:
    """Fewest options first (D02), then keys, then values; false before true."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return _compare_mappings(one, other)
    if isinstance(one, bool) and isinstance(other, bool):
        return _sign(one, other)
    if isinstance(one, str) and isinstance(other, str):
        return compare_text(one, other)
    return compare_text(_type_name(one), _type_name(other))


def _compare_mappings(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
    if len(one) != len(other):
        return len(one) - len(other)
    for mine, theirs in zip(sorted(one), sorted(other), strict=True):
        if mine != theirs:
            return compare_text(mine, theirs)
        a, b = one[mine], other[theirs]
        if isinstance(a, str) and isinstance(b, str):
            result = compare_text(a, b)
        elif isinstance(a, bool) and isinstance(b, bool):
            result = _sign(a, b)
        else:
            result = 0 if a == b else compare_text(f"{_type_name(a)}{a}", f"{_type_name(b)}{b}")
        if result:
            return result
    return 0


def _type_name(value: Any) -> str:
    return "boolean" if isinstance(value, bool) else "string" if isinstance(value, str) else "object"


def compare_text(one: str, other: str) -> int:
    """Letters sort together whatever their case, punctuation before digits before letters, as ICU's root collation (C280)."""
    return _sign(_collation(one), _collation(other))


def _collation(text: str) -> tuple[list[tuple[int, str]], list[bool]]:
    return [(_class(char), char.lower()) for char in text], [char.isupper() for char in text]


_PUNCTUATION = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
"""In the order of the root collation."""


def _class(char: str) -> int:
    if char in _PUNCTUATION:
        return _PUNCTUATION.index(char)
    return 1000 if char.isdigit() else 2000


def _sign(one: Any, other: Any) -> int:
    return int(one > other) - int(one < other)
