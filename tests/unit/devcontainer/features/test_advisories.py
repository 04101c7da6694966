from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.unit.devcontainer.repository import REQUEST, Published, planned

from carrel.core.problems import Problem
from carrel.devcontainer.features.advisories import (
    ControlList,
    advisory_notices,
    parse_control_list,
    refuse_disallowed,
)
from carrel.devcontainer.features.record import Feature
from carrel.devcontainer.features.reference import parse_reference

LIST = {
    "disallowedFeatures": [
        {"featureIdPrefix": "ghcr.io/bad/features", "documentationURL": "https://example.org/why"},
        {"featureIdPrefix": "ghcr.io/some/one"},
        {"featureIdPrefix": 1},
        "x",
    ],
    "featureAdvisories": [
        {
            "featureId": "ghcr.io/c/go",
            "introducedInVersion": "1.1.0",
            "fixedInVersion": "1.2.0",
            "description": "It leaks",
        },
        {"featureId": "ghcr.io/c/go", "introducedInVersion": "x", "fixedInVersion": "9.0.0", "description": "?"},
        {"featureId": "ghcr.io/c/go"},
    ],
}


@pytest.mark.conformance("C225")
@pytest.mark.parametrize(
    ("reference", "refused"),
    [
        ("ghcr.io/bad/features/x:1", True),
        ("ghcr.io/bad/features", True),
        ("ghcr.io/Bad/Features/x", True),
        ("ghcr.io/bad/features-of-others/x", False),
        ("ghcr.io/some/one:1", True),
        ("ghcr.io/some/one@sha256:0", True),
        ("ghcr.io/some/oneself", False),
    ],
)
def test_features_of_the_list_are_refused(reference: str, refused: bool) -> None:
    control = parse_control_list(json.dumps(LIST))
    if not refused:
        refuse_disallowed(["ghcr.io/c/go", reference], control)
        return
    with pytest.raises(Problem) as caught:
        refuse_disallowed(["ghcr.io/c/go", reference], control)
    assert (caught.value.kind, caught.value.extra["feature"]) == ("refused_by_policy", reference)


@pytest.mark.conformance("C225")
@pytest.mark.parametrize(("version", "count"), [("1.0.9", 0), ("1.1.0", 1), ("1.1.9", 1), ("1.2.0", 0), ("none", 0)])
def test_a_known_fault_is_only_a_warning(version: str, count: int) -> None:
    control = parse_control_list(json.dumps(LIST))
    features = [
        Feature(parse_reference("ghcr.io/c/go:1"), {"version": version}),
        Feature(parse_reference("ghcr.io/c/other"), {"version": "1.1.0"}),
    ]
    notices = advisory_notices(features, control)
    assert len(notices) == count
    assert all("It leaks (introduced in 1.1.0, fixed in 1.2.0)" in notice.message for notice in notices)


@pytest.mark.parametrize("content", ["[]", "{}", '{"disallowedFeatures": 1}', "null"])
def test_a_list_of_another_form_says_nothing(content: str) -> None:
    assert parse_control_list(content) == ControlList()


def test_a_list_that_is_no_json_is_a_problem() -> None:
    with pytest.raises(Problem, match="not JSON"):
        parse_control_list("<html>")


@pytest.mark.conformance("C225")
async def test_an_environment_is_judged_by_the_list_with_its_dependencies() -> None:
    published = Published(
        {
            "ghcr.io/c/go:1": {"id": "go", "version": "1.1.5", "dependsOn": {"ghcr.io/bad/features/x": {}}},
            "ghcr.io/bad/features/x:latest": {"id": "x", "version": "1.0.0"},
            "ghcr.io/c/go:2": {"id": "go", "version": "1.1.6"},
        }
    )
    request = replace(REQUEST, control=parse_control_list(json.dumps(LIST)))
    made = await planned({"features": {"ghcr.io/c/go:2": {}}}, request, published=published)
    assert [notice.origin for notice in made.notices] == ["feature ghcr.io/c/go:2"]
    for wanted in ("ghcr.io/bad/features/x", "ghcr.io/c/go:1"):
        with pytest.raises(Problem, match="problematic") as caught:
            await planned({"features": {wanted: {}}}, request, published=published)
        assert caught.value.kind == "refused_by_policy"
