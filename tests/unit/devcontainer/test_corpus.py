"""The merged configuration of 296 real files against the reference's recorded answers.

What features contribute is not in the corpus; where a file uses features, their contributions are read out of the
recorded answer, so that for those files the test proves the configuration's own part and the merge, not the features.
(Features against the reference: tests/integration.) Nothing else differs; a difference would be listed in DIFFERENCES.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from carrel.devcontainer.configuration import Configuration, read
from carrel.devcontainer.merge import merge
from carrel.devcontainer.metadata import configuration_entry
from carrel.devcontainer.variables import local_pass
from carrel.devcontainer.workspace_folder import Place

CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
GOLDEN = ".golden.json"
ENVIRONMENT = {"HOME": "/home/dev", "USER": "dev", "PATH": "/usr/local/bin:/usr/bin:/bin"}
IMAGE = {"remoteUser": "vscode"}
DIFFERENCES: dict[str, str] = {}
"""File -> D number or reason why our answer is another one."""

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"the corpus of real files is not at {CORPUS.resolve()}")


def _files() -> list[str]:
    return [str(path.relative_to(CORPUS)).removesuffix(GOLDEN) for path in sorted(CORPUS.rglob(f"*{GOLDEN}"))]


def _read(name: str) -> tuple[Configuration, Place]:
    path = CORPUS / name
    folder = next((parent.parent for parent in path.parents if parent.name == ".devcontainer"), path.parent)
    place = Place(f"/corpus/{folder.relative_to(CORPUS)}")
    return read(path.read_bytes(), str(path.relative_to(folder)), place, ENVIRONMENT), place


def _answer(name: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads((CORPUS / f"{name}{GOLDEN}").read_text())
    return answer


def _as_recorded(value: Any, place: Place) -> Any:
    return json.loads(json.dumps(value).replace(place.root, "$WS").replace("/corpus", "$ROOT"))


@pytest.mark.conformance("C445")
@pytest.mark.parametrize("name", _files())
def test_configuration_and_workspace_equal_the_references(name: str) -> None:
    configuration, place = _read(name)
    answer = _answer(name)
    assert _as_recorded(dict(configuration.values), place) == answer["configuration"]
    assert _as_recorded(configuration.workspace.as_reference(), place) == answer["workspace"]


@pytest.mark.conformance("C445", "C129", "C130")
@pytest.mark.parametrize("name", _files())
def test_the_merged_configuration_equals_the_references(name: str) -> None:
    configuration, place = _read(name)
    answer = _answer(name).get("merged")
    if answer is None:
        assert "merged_error" in _answer(name), "the recorded answer says why there is no merged configuration"
        return
    own = configuration_entry(configuration.raw)
    values = _as_recorded(local_pass(dict(own.values) if own else {}, configuration.scope), place)
    entries = [IMAGE, *(_contributions(answer, values) if configuration.values.get("features") else []), values]
    merged = merge(_as_recorded(dict(configuration.values), place), entries)
    if name in DIFFERENCES:
        assert merged != answer, f"{name} no longer differs: remove it from DIFFERENCES"
    else:
        assert merged == answer


def _contributions(answer: dict[str, Any], own: dict[str, Any]) -> list[dict[str, Any]]:
    """What features must have contributed for this answer, one entry for each value."""
    entries: list[dict[str, Any]] = [{key: True} for key in ("init", "privileged") if answer[key] and not own.get(key)]
    entries += [
        {key: [value]}
        for key in ("capAdd", "securityOpt")
        for value in answer.get(key, [])
        if value not in own.get(key, [])
    ]
    entries += [{"entrypoint": value} for value in answer.get("entrypoints", [])]
    entries += [{"mounts": [value]} for value in answer.get("mounts", []) if value not in own.get("mounts", [])]
    for tool, values in answer.get("customizations", {}).items():
        mine = 1 if tool in own.get("customizations", {}) else 0
        entries += [{"customizations": {tool: value}} for value in values[: len(values) - mine]]
    for plural in (
        "onCreateCommands",
        "updateContentCommands",
        "postCreateCommands",
        "postStartCommands",
        "postAttachCommands",
    ):
        hook = plural.removesuffix("s")
        mine = 1 if own.get(hook) else 0
        entries += [{hook: value} for value in answer[plural][: len(answer[plural]) - mine]]
    return entries
