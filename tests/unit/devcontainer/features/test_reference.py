from typing import Any

import pytest

from carrel.core.problems import Problem
from carrel.devcontainer.features.reference import FeatureReference, fold_shorthands, parse_reference

HEX = "a" * 64


@pytest.mark.conformance("C208", "C209", "C210", "C211", "C214")
@pytest.mark.parametrize(
    ("written", "resource", "version"),
    [
        ("ghcr.io/a/b/go:1.2", "ghcr.io/a/b/go", "1.2"),
        ("ghcr.io/a/b/go", "ghcr.io/a/b/go", "latest"),
        ("GHCR.io/A/b/Go", "ghcr.io/a/b/go", "latest"),
        (f"ghcr.io/a/go@sha256:{HEX}", "ghcr.io/a/go", f"sha256:{HEX}"),
        ("localhost:5000/a/go", "localhost:5000/a/go", "latest"),
        ("localhost:5000/a/go:2", "localhost:5000/a/go", "2"),
        ("ghcr.io/devcontainers-contrib/features/x", "ghcr.io/devcontainers-extra/features/x", "latest"),
    ],
)
def test_an_oci_reference_has_registry_namespace_id_and_version(written: str, resource: str, version: str) -> None:
    reference = parse_reference(written)
    assert (reference.kind, reference.resource, reference.version) == ("oci", resource, version)
    assert reference.written == written


@pytest.mark.conformance("C211", "C212", "C213", "C215", "C216", "C219", "C222", "C223")
@pytest.mark.parametrize(
    "written",
    [
        "fish", "owner/repo/id", "ghcr.io/a/b:?", "ghcr.io/a/b@md5:x", "ghcr.io/a/b@sha256:x", "ghcr.io", "ghcr.io/A B/c", "ghcr.io//c",
        "http://example.org/devcontainer-feature-x.tgz", "https://example.org/x.tgz", "https://example.org/devcontainer-feature-a b.tgz",
        "/absolute", "./../outside", "../outside", "./", "ghcr.io/a/../b",
    ],
)  # fmt: skip
def test_what_is_no_reference_is_a_problem_that_names_it(written: str) -> None:
    with pytest.raises(Problem) as caught:
        parse_reference(written, ".devcontainer/devcontainer.json")
    assert caught.value.kind == "feature_failed"
    assert caught.value.extra["feature"] == written


@pytest.mark.conformance("C208", "C219")
@pytest.mark.parametrize(
    ("written", "config", "root", "path"),
    [
        ("./x", ".devcontainer/devcontainer.json", "", ".devcontainer/x"),
        ("./.devcontainer/x", ".devcontainer.json", "", ".devcontainer/x"),
        ("../shared/x", ".devcontainer/a/devcontainer.json", "", ".devcontainer/shared/x"),
        ("./x", "app/.devcontainer/devcontainer.json", "app", "app/.devcontainer/x"),
    ],
)
def test_a_local_feature_lies_inside_the_devcontainer_folder(written: str, config: str, root: str, path: str) -> None:
    reference = parse_reference(written, config, root)
    assert (reference.kind, reference.path, reference.id) == ("local", path, "x")


@pytest.mark.conformance("C208", "C222")
def test_a_tarball_has_its_id_in_its_name() -> None:
    url = "https://example.org/a/devcontainer-feature-my_tool.tgz?x=1"
    assert parse_reference(url) == FeatureReference(url, "tarball", "my_tool", url=url)


@pytest.mark.conformance("C215")
def test_old_shorthands_map_to_the_public_collection() -> None:
    for written, resource in (("git", "git"), ("golang", "go"), ("common", "common-utils")):
        reference = parse_reference(written)
        assert (reference.resource, reference.tag, reference.written) == (
            f"ghcr.io/devcontainers/features/{resource}",
            "1",
            written,
        )


@pytest.mark.conformance("C215")
@pytest.mark.parametrize(
    ("features", "folded"),
    [
        ({"gradle": "latest"}, {"ghcr.io/devcontainers/features/java:1": {"installGradle": True}}),
        ({"java": "11", "maven": {}}, {"java": {"version": "11", "installMaven": True}}),
        (
            {"ghcr.io/devcontainers/features/python:1": {"version": "3"}, "jupyterlab": "latest"},
            {"ghcr.io/devcontainers/features/python:1": {"version": "3", "installJupyterlab": True}},
        ),
        ({"./x": {}}, {"./x": {}}),
    ],
)
def test_features_that_became_options_are_folded(features: dict[str, Any], folded: dict[str, Any]) -> None:
    assert fold_shorthands(features) == folded
