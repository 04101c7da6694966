"""`carrel devcontainer` with features and templates of a real registry: the same answers as the reference CLI's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.integration.features.conftest import Filled
from tests.reference_cli import reference_answer

CARREL = Path(sys.executable).with_name("carrel")


def carrel(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command with settings of its own."""
    environment = os.environ | {
        "CARREL_DATA_DIR": str(data),
        "CARREL_REGISTRY_AUTH": str(data / "none"),
        "NO_COLOR": "1",
    }
    argv = [str(CARREL), "devcontainer", *words]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)


def answer(data: Path, *words: str) -> Any:
    """The JSON that it prints."""
    done = carrel(data, *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.conformance("C339")
def test_features_are_listed_with_digests_and_kept_up_to_date(filled: Filled, tmp_path: Path) -> None:
    project, data = tmp_path / "project", tmp_path / "data"
    project.mkdir()
    reference = f"{filled.features}/base:1.0.0"
    (project / ".devcontainer.json").write_text(json.dumps({"image": "debian:12", "features": {reference: {}}}))

    (listed,) = answer(data, "features", str(project), "-o", "json")["features"]
    assert (listed["id"], listed["version"]) == (reference, "1.0.0")
    assert listed["resolved"] == f"{filled.features}/base@{listed['digest']}"

    ours = answer(data, "outdated", str(project), "-o", "json")
    words = ["outdated", "--workspace-folder", str(project), "--output-format", "json"]
    assert ours == reference_answer(words)
    latest = ours["features"][reference]["latest"]
    assert latest in carrel(data, "outdated", str(project)).stdout

    lockfile = project / ".devcontainer-lock.json"
    told = carrel(data, "upgrade", str(project), "--dry-run")
    assert json.loads(told.stdout)["features"][reference]["integrity"] == listed["digest"]
    assert not lockfile.exists()
    changed = answer(data, "upgrade", str(project), "--feature", reference, "--target-version", latest, "-o", "json")
    assert set(changed["written"]) == {".devcontainer.json", ".devcontainer-lock.json"}
    assert json.loads(lockfile.read_text())["features"][reference.replace("1.0.0", latest)]["version"] == latest
    assert carrel(data, "upgrade", str(project), "--feature", reference).returncode == 1


@pytest.mark.conformance("C430", "C437")
def test_templates_are_listed_and_applied(filled: Filled, tmp_path: Path) -> None:
    project, data = tmp_path / "project", tmp_path / "data"
    listed = answer(data, "templates", "list", filled.templates, "-o", "json")["templates"]
    assert "python" in {one["reference"].rpartition("/")[2].partition(":")[0] for one in listed}
    assert f"{filled.templates}/python" in carrel(data, "templates", "list", filled.templates).stdout

    python = f"{filled.templates}/python:1"
    words = ["templates", "apply", python, str(project), "--option", "imageVariant=3.11", "--omit", ".github/*"]
    files = answer(data, *words, "-o", "json")["files"]
    assert "./.devcontainer/devcontainer.json" in files
    assert not any(".github" in path for path in files)
    assert "3.11" in (project / ".devcontainer/devcontainer.json").read_text()
    again = carrel(data, *words)
    assert (again.returncode, "there already" in again.stderr) == (1, True)
    assert carrel(data, *words, "--overwrite").stdout.split() == files
