from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.devcontainer.repository import REQUEST, Published, Repository

from carrel.core.problems import Problem
from carrel.devcontainer.features.outdated import find_outdated
from carrel.devcontainer.features.reference import FeatureReference
from carrel.devcontainer.features.upgrade import upgraded_lockfile, with_version

CONFIG = ".devcontainer/devcontainer.json"
LOCK = ".devcontainer/devcontainer-lock.json"
C = "ghcr.io/c"


class Tagged(Published):
    """Knows tags as well."""

    async def tags(self, reference: FeatureReference) -> tuple[str, ...]:
        if reference.registry == "down.example":
            raise Problem("registry_unreachable", "It is down.")
        return tuple(key.rpartition(":")[2] for key in self.features if key.startswith(f"{reference.resource}:"))


def meta(name: str, version: str = "1.0.0", **more: Any) -> dict[str, Any]:
    return {"id": name, "version": version, "name": name, **more}


@pytest.mark.conformance("C339")
async def test_upgrade_does_not_look_at_the_old_lockfile() -> None:
    published = Published({f"{C}/a:1": meta("a", "1.9.0", dependsOn={f"{C}/b": {}}), f"{C}/b:latest": meta("b")})
    old = {"features": {f"{C}/a:1": {"version": "1.0.0", "resolved": "x", "integrity": "sha256:" + "0" * 64}}}
    files: dict[str, str | bytes | dict[str, Any]] = {CONFIG: {"image": "x", "features": {f"{C}/a:1": {}}}, LOCK: old}
    made = await upgraded_lockfile(REQUEST, Repository(files), published)
    assert made.path == LOCK
    records = json.loads(made.text)["features"]
    assert {name: record["version"] for name, record in records.items()} == {f"{C}/a:1": "1.9.0", f"{C}/b": "1.0.0"}
    assert records[f"{C}/a:1"]["dependsOn"] == [f"{C}/b"]


async def test_a_configuration_without_features_has_nothing_to_upgrade() -> None:
    with pytest.raises(Problem, match="no features"):
        await upgraded_lockfile(REQUEST, Repository({CONFIG: {"image": "x"}}), Published())


@pytest.mark.conformance("C339")
async def test_a_registry_that_is_down_hides_nothing_of_the_others() -> None:
    published = Tagged({f"{C}/a:1.0.0": meta("a"), f"{C}/a:1.1.0": meta("a")})
    features: dict[str, Any] = {f"{C}/a:1": {}, "down.example/c/b": {}, "node": {}, "./x": {}, "no registry/x": {}}
    report = await find_outdated(REQUEST, Repository({CONFIG: {"image": "x", "features": features}}), published)
    assert list(report.features) == [f"{C}/a:1", "down.example/c/b"]
    assert report.features["down.example/c/b"].problem is not None
    assert report.rows() == [(f"{C}/a", "1.1.0", "1.1.0", "1.1.0"), ("down.example/c/b", "-", "-", "-")]


@pytest.mark.conformance("C339")
def test_only_the_key_of_the_feature_changes() -> None:
    text = '{\n  // ghcr.io/c/go:1\n  "features": {"ghcr.io/c/golang:1": {}, "ghcr.io/c/go:1": {"version": "1"}},\n}\n'
    changed = with_version(text, "ghcr.io/c/go", "1.2")
    assert changed == text.replace('"ghcr.io/c/go:1"', '"ghcr.io/c/go:1.2"')
    assert with_version(changed, "ghcr.io/c/go@sha256:0", "2") == text.replace('"ghcr.io/c/go:1"', '"ghcr.io/c/go:2"')
    assert with_version(text, "ghcr.io/c/other:1", "2") == text
    assert with_version("{}", "ghcr.io/c/other:1", "2") == "{}"
    for wrong in ("latest", "", "1.2.3.4", "^1"):
        with pytest.raises(Problem, match="no version"):
            with_version(text, "ghcr.io/c/go", wrong)
