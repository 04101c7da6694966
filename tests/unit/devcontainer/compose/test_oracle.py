"""Projects of ours against Debian's docker-compose 1.29 `config`, where it is installed and understands them (Show 4)."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.unit.devcontainer.compose.projects import CASES, Case
from tests.unit.devcontainer.repository import Repository

from carrel.devcontainer.compose.canonical import canonical_service
from carrel.devcontainer.compose.load import load
from carrel.devcontainer.compose.project import Project
from carrel.devcontainer.workspace_folder import Place

ORACLE = shutil.which("docker-compose")
READABLE = [case for case in CASES if not case.not_in_v1]


def loaded(case: Case) -> Project:
    files = {f"repo/{path}": text for path, text in case.files.items()}
    return asyncio.run(load([f"repo/{one}" for one in case.order], Repository(files), Place("/w"), case.environment))


@pytest.mark.conformance("C204", "C205")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_projects_of_the_shapes_that_people_use_are_read(case: Case) -> None:
    project = loaded(case)
    assert project.services
    assert not [str(notice) for notice in project.notices if "unknown" in notice.message]


def test_there_are_at_least_25_projects_and_25_that_the_oracle_reads() -> None:
    assert len(CASES) >= 25
    assert len(READABLE) >= 25


@pytest.mark.skipif(ORACLE is None, reason="docker-compose 1.29 is not installed (machine/packages installs it)")
@pytest.mark.conformance("C177", "C206")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_merged_project_is_the_oracle_s(case: Case, tmp_path: Path) -> None:
    root = tmp_path / "w"
    for path, text in case.files.items():
        target = root / "repo" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    told = ask(case, root / "repo")
    if told.returncode:
        assert case.not_in_v1, told.stderr
        pytest.skip(f"docker-compose 1.29 does not understand it: {case.not_in_v1}")
    theirs = yaml.safe_load(told.stdout.replace("$$", "$"))["services"]
    ours = loaded(case)
    assert set(ours.services) == set(theirs)
    for name, service in ours.services.items():
        mine = {**service.values, "environment": dict(service.environment)}
        wanted = canonical_service(theirs[name], str(root / "repo"))
        assert comparable(mine, "/w") == comparable(wanted, str(root)), name


def ask(case: Case, folder: Path) -> subprocess.CompletedProcess[str]:
    words = [word for one in case.order for word in ("-f", one)]
    words += [word for one in case.profiles for word in ("--profile", one)]
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **case.environment}
    return subprocess.run(
        [str(ORACLE), *words, "config"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def comparable(values: Mapping[str, Any], root: str) -> dict[str, Any]:
    """A service without what the two write differently for the same thing."""
    result = {
        key: value
        for key, value in values.items()
        if key not in {"env_file", "profiles", "extends"} and value not in ({}, [], None)
    }
    if "volumes" in result:
        result["volumes"] = sorted(
            (str(one.get("source", "")).replace(root, "", 1), one["target"], bool(one.get("read_only")))
            for one in result["volumes"]
        )
    if "ports" in result:
        result["ports"] = sorted(
            (one["target"], str(one.get("published") or ""), one["protocol"], one.get("host_ip"))
            for one in result["ports"]
        )
    if "build" in result:
        result["build"] = {**result["build"], "context": result["build"]["context"].replace(root, "", 1)}
    if "depends_on" in result:
        result["depends_on"] = {name: one["condition"] for name, one in result["depends_on"].items()}
    if "sysctls" in result:
        result["sysctls"] = {name: str(value) for name, value in result["sysctls"].items()}
    return result


def test_the_environment_of_the_test_itself_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAG", "from the server")
    case = next(one for one in CASES if one.name == "interpolation from .env")
    assert loaded(case).services["app"].get("image") == "x:1.2"
    own = replace(case, environment={"TAG": "own"})
    assert loaded(own).services["app"].get("image") == "x:own"
