"""Versions that registries publish under: which tag is a version, which one satisfies a wish, which tags a version gets.

Source: semver.org 2.0, and npm's reading of partial versions, which the reference uses (C318, C339).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NUMBER = r"(0|[1-9]\d*)"
_VERSION = re.compile(rf"[v=]*{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_PART = r"(0|[1-9]\d*|[xX*])"
_PARTIAL = re.compile(rf"[v=]*{_PART}(?:\.{_PART}(?:\.{_PART}(?:-([0-9A-Za-z.-]+))?)?)?")


@functools.total_ordering
@dataclass(frozen=True, eq=False)
class Version:
    """A semantic version; the text it was written as is kept."""

    text: str
    major: int
    minor: int
    patch: int
    prerelease: tuple[str, ...] = ()

    @property
    def _key(self) -> tuple[int, int, int, bool, tuple[tuple[int, int, str], ...]]:
        parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in self.prerelease)
        return (self.major, self.minor, self.patch, not self.prerelease, parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key == other._key

    def __lt__(self, other: Version) -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __str__(self) -> str:
        return self.text


def parse_version(text: str) -> Version | None:
    """A complete version, or None."""
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    prerelease = tuple(match[4].split(".")) if match[4] else ()
    return Version(text, int(match[1]), int(match[2]), int(match[3]), prerelease)


def published_versions(tags: Iterable[str]) -> tuple[Version, ...]:
    """The complete versions among the tags of a repository, newest first; `1`, `1.2` and `latest` are none."""
    found = [version for tag in tags if (version := parse_version(tag)) is not None]
    return tuple(sorted(found)[::-1])


def satisfies(version: Version, wish: str) -> bool:
    """Whether `version` is one that `wish` (`1`, `1.2`, `1.2.3`, `1.x`) stands for; a pre-release only where it is named."""
    match = _PARTIAL.fullmatch(wish)
    if match is None:
        return False
    parts = [part for part in match.groups()[:3] if part is not None]
    known = next((index for index, part in enumerate(parts) if not part.isdigit()), len(parts))
    if any(part.isdigit() for part in parts[known:]):
        return False
    numbers = [int(part) for part in parts[:known]]
    if len(numbers) == 3:
        exact = parse_version(wish)
        return exact is not None and version == exact
    return not version.prerelease and [version.major, version.minor, version.patch][: len(numbers)] == numbers


def newest(versions: Sequence[Version], wish: str) -> Version | None:
    """The newest one that satisfies a tag; `latest` is the newest of all."""
    if wish == "latest":
        return max(versions, default=None)
    return max((version for version in versions if satisfies(version, wish)), default=None)


def tags_for(version: Version, published: Sequence[str]) -> tuple[str, ...]:
    """The tags a version is published under; none when it is there already (C318, C319).

    `1.2.3` gets `1`, `1.2`, `1.2.3` and `latest`; each but its own only while no higher one in its range is published.
    """
    if version.text in published:
        return ()
    others = published_versions(published)

    def moves(range_: str) -> bool:
        highest = max((one for one in others if satisfies(one, range_)), default=None)
        return highest is None or version > highest

    major, minor = str(version.major), f"{version.major}.{version.minor}"
    before = [tag for tag in (major, minor) if moves(f"{tag}.x")]
    return (*before, version.text, *(["latest"] if moves("x") else []))
