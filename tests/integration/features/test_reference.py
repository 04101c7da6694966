"""Features that the reference CLI published: resolved, fetched, locked and upgraded by us as by the reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.integration.features.conftest import Filled
from tests.integration.features.sources import INSTALL, write
from tests.reference_cli import reference_answer, run_reference
from tests.unit.devcontainer.repository import Repository

from carrel.devcontainer.features.lockfile import lock, read_lockfile, write_lockfile
from carrel.devcontainer.features.outdated import find_outdated
from carrel.devcontainer.features.reference import parse_reference
from carrel.devcontainer.features.resolve import Resolver, Wanted, as_json
from carrel.devcontainer.features.upgrade import upgraded_lockfile, with_version
from carrel.devcontainer.inputs import Request
from carrel.devcontainer.registry import RegistryClient

CONFIG = ".devcontainer/devcontainer.json"
LOCK = ".devcontainer/devcontainer-lock.json"
LOCAL = {
    ".devcontainer/mine/devcontainer-feature.json": '{"id": "mine", "version": "1.0.0", "name": "Mine"}',
    ".devcontainer/mine/install.sh": INSTALL,
}
REQUEST = Request("ws1", repository="repository")


def repository(features: dict[str, Any], **more: Any) -> dict[str, str]:
    """The files of a repository."""
    return {CONFIG: json.dumps({"image": "debian:12", "features": features, **more}), **LOCAL}


def cases(place: str) -> dict[str, dict[str, str]]:
    """Repositories by what is special about them."""
    return {
        "dependencies": repository({f"{place}/twice": {}, f"{place}/late:1": {}}),
        "options": repository({f"{place}/hello:1.2.3": {"who": "ana", "loud": True}, f"{place}/base": "top"}),
        "overridden": repository(
            {f"{place}/base:1": {}, f"{place}/zeta:0.9": {}, f"{place}/late": {}, "./mine": {}},
            overrideFeatureInstallOrder=[f"{place}/late", f"{place}/zeta"],
        ),
        "old id": repository({f"{place}/greeting:1": {}, f"{place}/late": {}}),
        "same twice": repository({f"{place}/base:1.0": {}, f"{place}/base:1.0.0": {"level": "low"}}),
        "only local": repository({"./mine": {}}),
    }


CASES = tuple(cases("x"))


def reference_order(folder: Path) -> Any:
    """What `features resolve-dependencies` says."""
    done = run_reference("features", "resolve-dependencies", "--workspace-folder", str(folder))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout[done.stdout.index('{\n  "installOrder"') :])


def resolver(files: dict[str, str], client: RegistryClient, lockfile: bytes | None = None) -> Resolver:
    """Ours for the repository's configuration."""
    values = json.loads(files[CONFIG])
    order = values.get("overrideFeatureInstallOrder", ())
    wanted = Wanted(values["features"], order, CONFIG, lockfile=read_lockfile(lockfile, LOCK))
    return Resolver(wanted, Repository(files), client)


@pytest.mark.conformance("C256", "C285", "C446", "C297", "C298")
@pytest.mark.parametrize("name", CASES)
async def test_the_order_and_the_lockfile_are_the_references(
    name: str, filled: Filled, client: RegistryClient, folder: Path
) -> None:
    files = cases(filled.features)[name]
    write(files, folder)
    resolved = await resolver(files, client).resolve()
    assert json.loads(as_json(resolved.features)) == reference_order(folder)
    assert run_reference("upgrade", "--workspace-folder", str(folder)).returncode == 0
    assert write_lockfile(lock(resolved.features)) == (folder / LOCK).read_text()
    for one in resolved.features:
        assert one.files["install.sh"] == INSTALL.encode()
        assert one.reference.kind == "local" or one.files["inner/data.txt"].startswith(b"data of ")


@pytest.mark.conformance("C226", "C259", "C320")
async def test_the_metadata_is_the_references(filled: Filled, client: RegistryClient, folder: Path) -> None:
    files = cases(filled.features)["dependencies"]
    write(files, folder)
    stub = folder / "docker"
    stub.write_text("#!/bin/sh\nexit 0\n")
    stub.chmod(0o755)
    words = ["read-configuration", "--workspace-folder", str(folder), "--include-features-configuration"]
    answer = reference_answer([*words, "--docker-path", str(stub)])
    theirs = [one["features"][0] for one in answer["featuresConfiguration"]["featureSets"]]
    ours = [feature.metadata for feature in (await resolver(files, client).resolve()).features]
    added = {"included", "value", "cachePath", "consecutiveId"}
    assert ours == [{key: value for key, value in one.items() if key not in added} for one in theirs]


@pytest.mark.conformance("C330", "C331", "C335")
async def test_a_locked_feature_stays_at_its_digest(filled: Filled, client: RegistryClient, folder: Path) -> None:
    files = repository({f"{filled.features}/base:1": {}})
    old = (await resolver(repository({f"{filled.features}/base:1.0.0": {}}), client).resolve()).features
    text = write_lockfile(lock(old)).replace("base:1.0.0", "base:1")
    write({**files, LOCK: text}, folder)
    resolved = await resolver(files, client, text.encode()).resolve()
    assert [feature.metadata["version"] for feature in resolved.features] == ["1.0.0"]
    assert json.loads(as_json(resolved.features)) == reference_order(folder)
    newest = await resolver(files, client).resolve()
    assert [feature.metadata["version"] for feature in newest.features] == ["1.1.0"]


@pytest.mark.conformance("C339")
async def test_outdated_and_upgrade_answer_as_the_reference(
    filled: Filled, client: RegistryClient, folder: Path
) -> None:
    place = filled.features
    digest = (
        await client.manifest((await resolver(repository({f"{place}/zeta": {}}), client).order())[0].reference)
    ).digest
    features: dict[str, Any] = {
        f"{place}/base:1.0": {},
        f"{place}/hello:1": {},
        f"{place}/zeta:latest": {},
        f"{place}/zeta@{digest}": {},
        f"{place}/late": {},
        f"{place}/twice:2": {},
        f"{place}/absent:1": {},
        "./mine": {},
        "https://example.org/devcontainer-feature-x.tgz": {},
    }
    files = repository(features)
    write(files, folder)
    words = ["outdated", "--workspace-folder", str(folder), "--output-format", "json"]
    report = await find_outdated(REQUEST, Repository(files), client)
    assert report.as_json() == run_reference(*words).stdout.rstrip("\n")
    assert report.features[f"{place}/hello:1"].latest == "2.0.0-beta.1"
    locked = {f"{place}/base:1.0": ("1.0.0", "x"), f"{place}/hello:1": ("1.0.5", "y")}
    records = {
        name: {"version": version, "resolved": f"{place}@{mark}", "integrity": f"sha256:{mark}"}
        for name, (version, mark) in locked.items()
    }
    files[LOCK] = json.dumps({"features": records})
    write(files, folder)
    report = await find_outdated(REQUEST, Repository(files), client)
    assert report.as_json() == run_reference(*words).stdout.rstrip("\n")
    text = run_reference(*words[:3], "--output-format", "text").stdout
    assert [line.split() for line in text.splitlines()[1:]] == [list(row) for row in report.rows()]


@pytest.mark.conformance("C339")
async def test_upgrade_writes_the_lockfile_anew_and_the_version_into_the_configuration(
    filled: Filled, client: RegistryClient, folder: Path
) -> None:
    place = filled.features
    text = f'{{\n  // one\n  "image": "debian:12",\n  "features": {{ "{place}/base:1.0": {{}}, "{place}/late": {{}} }}\n}}\n'
    files = {CONFIG: text, LOCK: '{"features": {}}', **LOCAL}
    write(files, folder)
    words = ["upgrade", "--workspace-folder", str(folder), "--feature", f"{place}/base", "--target-version", "1.1"]
    assert run_reference(*words).returncode == 0
    changed = with_version(text, f"{place}/base", "1.1")
    assert changed == (folder / CONFIG).read_text()
    made = await upgraded_lockfile(REQUEST, Repository({**files, CONFIG: changed}), client)
    assert (made.path, made.text) == (LOCK, (folder / LOCK).read_text())
    dry = run_reference("upgrade", "--workspace-folder", str(folder), "--dry-run")
    assert dry.stdout == made.text


@pytest.mark.conformance("C302", "C325")
async def test_the_collection_lists_what_was_published(filled: Filled, client: RegistryClient) -> None:
    listed = await client.collection(parse_reference(filled.features))
    assert [one["id"] for one in listed["features"]] == ["base", "hello", "zeta"]
    assert listed["sourceInformation"]
