"""The lockfile in all states, against the reference's `build`: what it leaves there, and what `--frozen-lockfile` refuses.

A stand-in for the engine answers what it is asked; the reference reads and writes the lockfile before it builds.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest
from tests.integration.features.conftest import Filled
from tests.integration.features.sources import write
from tests.reference_cli import run_reference
from tests.unit.devcontainer.repository import Images, Repository

from carrel.core.problems import Problem
from carrel.devcontainer import gather
from carrel.devcontainer.inputs import Request
from carrel.devcontainer.registry import RegistryClient

CONFIG = ".devcontainer.json"
LOCK = ".devcontainer-lock.json"
IMAGE = json.dumps(
    [{"Id": "sha256:1", "Config": {"User": "", "Env": [], "Labels": {}}, "Os": "linux", "Architecture": "amd64"}]
)
ENGINE = f"""#!/bin/sh
case "$1 $2" in
  "inspect "*) echo '{IMAGE}' ;;
  "version "*) echo 20.10.24 ;;
  "buildx "*) exit 1 ;;
esac
"""
Mode = Literal["use", "frozen", "ignore"]
STATES = (
    "absent", "empty", "as it is written", "other layout", "other order", "a record too much", "a record too few",
    "another field", "an older version", "not JSON",
)  # fmt: skip


def state(name: str, right: str, older: str) -> str | None:
    """The content of the lockfile in a state."""
    value = json.loads(right)
    records = value["features"]
    first = next(iter(records))
    changed: dict[str, object] = {
        "other layout": json.dumps(value, indent=7),
        "other order": json.dumps({"features": dict(reversed(records.items()))}),
        "a record too much": json.dumps({"features": {**records, "x.example/y/z": records[first]}}),
        "a record too few": json.dumps({"features": {key: one for key, one in records.items() if key != first}}),
        "another field": json.dumps({"features": {**records, first: {**records[first], "more": 1}}}),
    }
    plain = {"absent": None, "empty": "", "as it is written": right, "an older version": older, "not JSON": "{"}
    return plain[name] if name in plain else str(changed[name])


def reference(folder: Path, *words: str) -> tuple[bool, str]:
    """Whether the lockfile was accepted by `build`, and what lies there afterwards."""
    stub = folder.parent / "engine"
    stub.write_text(ENGINE)
    stub.chmod(0o755)
    done = run_reference("build", "--workspace-folder", str(folder), "--docker-path", str(stub), *words)
    told = done.stdout + done.stderr
    refused = "Lockfile does not" in told or "JSON" in told
    assert refused or '"outcome":"success"' in done.stdout, told[-3000:]
    return not refused, (folder / LOCK).read_text() if (folder / LOCK).exists() else ""


async def ours(files: dict[str, str], client: RegistryClient, mode: Mode) -> tuple[bool, str]:
    """The same of ours."""
    request = Request("ws1", lockfile=mode)
    before = files.get(LOCK, "")
    try:
        made = await gather(request, Repository(files), Images(), client)
    except Problem:
        return False, before
    return True, before if made.lockfile is None else made.lockfile


@pytest.mark.conformance("C330", "C331", "C332", "C334", "C335", "C336", "C337", "C338")
@pytest.mark.parametrize("name", STATES)
async def test_a_lockfile_in_any_state(name: str, filled: Filled, client: RegistryClient, folder: Path) -> None:
    features: dict[str, object] = {f"{filled.features}/twice": {}, f"{filled.features}/zeta:latest": {}}
    files = {CONFIG: json.dumps({"image": "debian:12", "features": features})}
    accepted, right = await ours(files, client, "use")
    older = {**features, f"{filled.features}/zeta:0.8.1": {}}
    del older[f"{filled.features}/zeta:latest"]
    _, old = await ours({CONFIG: json.dumps({"image": "x", "features": older})}, client, "use")
    content = state(name, right, old.replace("zeta:0.8.1", "zeta:latest"))
    files |= {} if content is None else {LOCK: content}
    modes: dict[Mode, list[str]] = {"frozen": ["--frozen-lockfile"], "use": []}
    if name in {"absent", "an older version"}:
        modes = {"ignore": ["--no-lockfile"], **modes}
    for mode, words in modes.items():
        write(files, folder)
        theirs = reference(folder, *words)
        assert await ours(files, client, mode) == theirs, mode
    assert accepted
