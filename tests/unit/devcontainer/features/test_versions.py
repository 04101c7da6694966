from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.devcontainer.features.versions import newest, parse_version, published_versions, satisfies, tags_for


@pytest.mark.parametrize("text", ["1", "1.2", "latest", "", "1.2.3.4", "01.2.3", "1.2.x", "a.b.c"])
def test_what_is_no_complete_version_is_none(text: str) -> None:
    assert parse_version(text) is None


@pytest.mark.conformance("C339")
def test_versions_are_ordered_as_semver_says() -> None:
    ordered = [
        "1.0.0-1",
        "1.0.0-2",
        "1.0.0-10",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-beta",
        "1.0.0",
        "1.9.0",
        "1.10.0",
    ]
    assert [version.text for version in published_versions([*ordered, "1", "latest"])] == ordered[::-1]
    one, other = parse_version("v1.2.3"), parse_version("1.2.3")
    assert (one, hash(one), str(one)) == (other, hash(other), "v1.2.3")


@pytest.mark.conformance("C339")
@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ("1", "1.10.0"), ("1.2", "1.2.9"), ("1.2.3", "1.2.3"), ("1.x", "1.10.0"), ("1.2.x", "1.2.9"), ("x", "2.0.0"),
        ("latest", "3.0.0-rc.1"), ("3", None), ("3.0.0-rc.1", "3.0.0-rc.1"), ("edge", None), ("9", None), ("1.2-rc", None), ("1.x.3", None), ("x.1", None),
    ],
)  # fmt: skip
def test_the_newest_that_satisfies_a_tag(wish: str, found: str | None) -> None:
    versions = published_versions(["1.2.3", "1.2.9", "1.10.0", "2.0.0", "3.0.0-rc.1"])
    best = newest(versions, wish)
    assert (best.text if best else None) == found


@pytest.mark.conformance("C318", "C319")
@pytest.mark.parametrize(
    ("version", "published", "tags"),
    [
        ("1.2.3", [], ["1", "1.2", "1.2.3", "latest"]),
        ("1.2.3", ["1", "1.2", "1.2.3", "latest"], []),
        ("1.1.5", ["2.0.0", "1.1.4", "latest"], ["1", "1.1", "1.1.5"]),
        ("1.1.5", ["1.2.0", "1.1.4"], ["1.1", "1.1.5"]),
        ("1.1.5", ["1.1.6"], ["1.1.5"]),
        ("2.0.0", ["1.9.9", "1", "latest"], ["2", "2.0", "2.0.0", "latest"]),
        ("2.0.0-beta", ["1.0.0"], ["2", "2.0", "2.0.0-beta", "latest"]),
    ],
)
def test_tags_move_only_to_higher_versions(version: str, published: list[str], tags: list[str]) -> None:
    parsed = parse_version(version)
    assert parsed is not None
    assert list(tags_for(parsed, published)) == tags


@given(st.tuples(*[st.integers(0, 30)] * 3))
def test_a_version_satisfies_its_own_parts(numbers: tuple[int, int, int]) -> None:
    major, minor, patch = numbers
    version = parse_version(f"{major}.{minor}.{patch}")
    assert version is not None
    assert all(satisfies(version, wish) for wish in (f"{major}", f"{major}.{minor}", version.text, "x"))
    assert not any(satisfies(version, wish) for wish in (f"{major + 1}", f"{major}.{minor + 1}"))
