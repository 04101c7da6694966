"""Configurations of our own against the live reference CLI: what is read, the workspace folder, the merged configuration, the features' order."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.oracle.cases import Case, load_cases, ours
from tests.integration.oracle.generated import generated
from tests.integration.oracle.reference import COMPOSE, Question, Reference, StandInEngine, reference

CASES = load_cases()
GENERATED = 120
CHUNKS = 4
DIFFERENCES: dict[str, dict[str, str]] = {
    "nothing-to-merge": {
        "mergedConfiguration.hostRequirements": "D23: the maximum of no wish at all is no wish, not -Infinity",
    },
    "requirements-of-a-gpu-once-optional": {
        "mergedConfiguration.hostRequirements": "D23: a GPU that is required stays required, not {}",
    },
    "dockerfile-with-an-instruction-in-a-continuation": {
        "mergedConfiguration.remoteUser": "own 2: the continued line of a RUN is no FROM",
    },
}
"""Configuration -> what differs in the answers -> D number or reason."""


@pytest.fixture(scope="module")
def cli(reference_cli: tuple[str, ...]) -> Iterator[Reference]:
    with reference(reference_cli) as process:
        yield process


def written(case: Case, root: Path) -> StandInEngine:
    """The repository as files, and an engine that knows its images."""
    if case.link:
        root.with_name("elsewhere").mkdir()
        root.symlink_to("elsewhere")
    for path, content in case.files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    if case.git:
        subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    engine = StandInEngine(root.parent / "engine")
    for name, label in case.labels.items():
        engine.add_image(name, label)
    return engine


def asked(case: Case, root: Path, engine: StandInEngine) -> Question:
    words = ["read-configuration", "--workspace-folder", str(root / case.folder), "--docker-path", str(engine.program)]
    words += ["--docker-compose-path", str(COMPOSE), "--skip-feature-auto-mapping", "--log-level", "trace"]
    words += ["--include-features-configuration", "--include-merged-configuration"]
    words += [] if case.git_root else ["--mount-workspace-git-root", "false"]
    words += ["--config", str(root / case.configuration)] if case.configuration else []
    return Question(words, root, case.environment or {})


def theirs(answer: dict[str, Any]) -> dict[str, Any]:
    """The reference's answer without what only it has."""
    sets = (answer.get("featuresConfiguration") or {}).get("featureSets", [])
    parts = {key: dict(answer[key]) for key in ("configuration", "workspace", "mergedConfiguration")}
    for part in parts.values():
        part.pop("configFilePath", None)
    return {**parts, "features": [one["sourceInformation"]["userFeatureId"] for one in sets]}


def test_there_are_at_least_sixty() -> None:
    assert len(CASES) >= 60
    assert set(DIFFERENCES) <= {case.name for case in CASES}


@pytest.mark.conformance("C001", "C064", "C065", "C066", "C445")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_our_answer_is_the_reference_s(case: Case, cli: Reference, tmp_path: Path) -> None:
    if COMPOSE is None and case.name.startswith("compose"):
        pytest.skip("docker-compose is not installed (machine/packages installs it)")
    root = tmp_path / case.root
    engine = written(case, root)
    wanted = theirs(cli.ask(asked(case, root, engine)).json())
    mine = await ours(case, str(root))
    for where, reason in DIFFERENCES.get(case.name, {}).items():
        assert taken(mine, where) != taken(wanted, where), f"{where} no longer differs ({reason}): remove it"
    assert mine == wanted


@pytest.mark.conformance("C087", "C103", "C108", "C111", "C113", "C116", "C121", "C124", "C130", "C286", "C290")
@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_what_is_generated_is_merged_as_by_the_reference(chunk: int, cli: Reference, tmp_path: Path) -> None:
    for seed in range(chunk, GENERATED, CHUNKS):
        case = generated(seed)
        root = tmp_path / str(seed) / "repository"
        engine = written(case, root)
        wanted = theirs(cli.ask(asked(case, root, engine)).json())
        assert await ours(case, str(root)) == wanted, case


def taken(answer: dict[str, Any], where: str) -> Any:
    """What is at a place of an answer; it is removed."""
    part, _, key = where.partition(".")
    return answer[part].pop(key, None)
