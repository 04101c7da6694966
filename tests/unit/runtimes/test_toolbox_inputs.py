"""What a toolbox is named by."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import carrel
from carrel.runtimes import toolbox_inputs as inputs


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package as a wheel installs it: with the recipe inside."""
    package = tmp_path / "carrel"
    for name in ("__init__.py", "core/names.py", "agent/server.py", "server/api.py", "_toolbox/README.md"):
        _write(package / name, name)
    recipe = package / "_toolbox"
    for pattern in {pattern for part in inputs.PARTS.values() for pattern in part} | set(inputs.ASSEMBLY):
        _write(recipe / pattern.replace("*", "x"), pattern)
    monkeypatch.setattr(carrel, "__file__", str(package / "__init__.py"))
    return package


def _write(file: Path, content: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)


def names() -> dict[str, str]:
    """All names that could change."""
    return {"toolbox": inputs.toolbox_hash()} | {part: inputs.part_hash(part) for part in inputs.PARTS}


def changed(package: Path, file: str) -> set[str]:
    """Which names change with a file."""
    before = names()
    _write(package / file, "changed")
    after = names()
    return {name for name in before if before[name] != after[name]}


def test_the_recipe_of_a_source_checkout_is_found_and_every_pattern_names_a_file() -> None:
    folder = inputs.recipe_folder()
    assert folder == Path(__file__).parents[3] / "toolbox"
    for pattern in {pattern for part in inputs.PARTS.values() for pattern in part} | set(inputs.ASSEMBLY):
        assert list(folder.glob(pattern)), pattern


def test_the_recipe_of_an_installed_wheel_comes_first(package: Path) -> None:
    assert inputs.recipe_folder() == package / "_toolbox"


def test_an_installation_without_a_recipe_says_so(package: Path) -> None:
    (package / "_toolbox" / "build.sh").unlink()
    with pytest.raises(FileNotFoundError, match="recipe"):
        inputs.recipe_folder()


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("agent/server.py", {"toolbox"}),
        ("core/names.py", {"toolbox"}),
        ("core/new.py", {"toolbox"}),
        ("server/api.py", set()),
        ("_toolbox/README.md", set()),
        ("_toolbox/parts/assemble.sh", {"toolbox"}),
        ("_toolbox/init/x.c", {"toolbox", "init"}),
        ("_toolbox/requirements.txt", {"toolbox", "system"}),
        ("_toolbox/editor/x", {"toolbox", "editor"}),
        ("_toolbox/build.sh", {"toolbox", "system", "editor", "init"}),
    ],
)
def test_a_change_renames_only_what_is_made_from_it(package: Path, file: str, expected: set[str]) -> None:
    assert changed(package, file) == expected


def test_names_hold_hash_and_architecture(package: Path) -> None:
    assert re.fullmatch(r"carrel-toolbox-[0-9a-f]{12}-arm64", inputs.toolbox_name("arm64"))
    assert re.fullmatch(r"carrel-toolbox-part-editor-[0-9a-f]{12}-amd64", inputs.part_name("editor", "amd64"))


def test_only_what_runs_in_a_workspace_goes_into_it(package: Path) -> None:
    sources = {path for path in inputs.assembly_files() if path.startswith("carrel/")}
    assert sources == {"carrel/__init__.py", "carrel/core/names.py", "carrel/agent/server.py"}
