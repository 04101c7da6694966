"""Templates that the reference CLI published: listed and applied by us as by the reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.integration.features.conftest import Filled
from tests.integration.features.sources import TEMPLATE
from tests.reference_cli import reference_answer, run_reference

from carrel.core.problems import Problem
from carrel.devcontainer.registry import RegistryClient
from carrel.devcontainer.templates import (
    AddedFeature,
    Choice,
    apply_template,
    fetch_template,
    list_templates,
    template_metadata,
    write_files,
)

ADDED: list[dict[str, Any]] = [
    {"id": "b.example/x/z:2", "options": {"a": "1", "b": True, "c": {}}},
    {"id": "b.example/x/w"},
]
Added = list[dict[str, Any]]
CHOICES: dict[str, tuple[str, dict[str, str], list[str], Added]] = {
    "defaults": ("python", {}, [], []),
    "options": ("python:1", {"imageVariant": "3.11", "nodeVersion": "ünï $& \\1", "withDatabase": "true"}, [], []),
    "undeclared": ("python", {"none": "given"}, [], []),
    "paths left out": ("python", {}, [".github/*", "tool.cfg", "docs/b/*"], []),
    "features": ("python:1.0", {}, [], ADDED),
    **{
        f"features in {name}": (name, {}, [], ADDED)
        for name in ("empty", "tight", "tabs", "spaces", "windows", "trailing")
    },
    "a feature that is there": ("tabs", {}, [], [{"id": "a.example/x/y:1", "options": {"new": "option"}}]),
}


def content(folder: Path) -> dict[str, bytes]:
    """All files by path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.conformance("C429", "C430", "C431", "C432", "C434", "C435", "C436", "C437")
@pytest.mark.parametrize("name", CHOICES)
async def test_a_template_is_applied_as_the_reference_does(
    name: str, filled: Filled, client: RegistryClient, tmp_path: Path
) -> None:
    template, options, omit, features = CHOICES[name]
    reference = f"{filled.templates}/{template}"
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    words = ["templates", "apply", "--workspace-folder", str(theirs), "--template-id", reference]
    words += ["--template-args", json.dumps(options), "--omit-paths", json.dumps(omit)]
    answer = reference_answer([*words, "--features", json.dumps(features)])
    added = [AddedFeature(one["id"], one.get("options", {})) for one in features]
    applied = apply_template(await fetch_template(reference, client), Choice(options, omit, added))
    assert set(write_files(applied, ours)) == {path.removeprefix("./") for path in answer["files"]}
    assert json.loads(applied.as_json()) == answer
    assert content(ours) == content(theirs)


@pytest.mark.conformance("C302", "C317", "C430")
async def test_templates_are_listed_with_their_metadata(filled: Filled, client: RegistryClient) -> None:
    listed = {one.id: one for one in await list_templates(filled.templates, client)}
    assert set(listed) == {"empty", "python", "spaces", "tabs", "tight", "trailing", "windows"}
    python = listed["python"]
    assert (python.reference, python.title) == (f"{filled.templates}/python:1.0.0", "Python")
    assert python.options == TEMPLATE["options"]
    metadata = await template_metadata(python.reference, client)
    assert metadata == reference_answer(["templates", "metadata", python.reference])
    assert metadata["optionalPaths"] == [".github/dependabot.yml", "docs/*", "tool.cfg"]
    assert metadata["type"] == "image"


async def test_what_the_reference_refuses_is_refused(filled: Filled, client: RegistryClient, tmp_path: Path) -> None:
    for name in ("absent", "python:9"):
        reference = f"{filled.templates}/{name}"
        done = run_reference("templates", "apply", "-w", str(tmp_path), "-t", reference)
        assert done.returncode != 0
        with pytest.raises(Problem, match="does not have it") as caught:
            await fetch_template(reference, client)
        assert caught.value.kind == "template_failed"
    with pytest.raises(Problem, match=r"no devcontainer-template\.json") as caught:
        await fetch_template(f"{filled.features}/base", client)
    assert caught.value.kind == "template_failed"
    with pytest.raises(Problem, match="lists no templates"):
        await list_templates(filled.features, client)
