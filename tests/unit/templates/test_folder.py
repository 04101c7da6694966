"""A template's folder, and the starters that Carrel brings."""

from __future__ import annotations

from pathlib import Path

import pytest

from carrel.core.problems import Problem
from carrel.templates.fill import filled
from carrel.templates.folder import MOST_BYTES, MOST_FILES, STARTERS, files_of, read_template_folder, starter_files
from carrel.templates.keys import IN_WORKSPACE
from carrel.templates.parameters import values_of

SOUND = {"template.yaml": b"name: blog\n"}
IMAGE = {"template.yaml": b"name: blog\nworkspace: {container_image: python}\n"}


@pytest.mark.parametrize("starter", STARTERS)
def test_a_starter_is_sound_and_makes_a_workspace_without_a_word(starter: str) -> None:
    found = read_template_folder(starter_files(starter))
    assert (found.template.name, found.notices) == (starter, ())
    values = values_of(found.template, {})
    for key, value in found.template.workspace.items():
        IN_WORKSPACE[key].read(filled(value, values))
    assert found.template.title
    assert found.template.description
    assert found.template.sizes


def test_what_lies_beside_goes_with_it() -> None:
    assert set(read_template_folder(starter_files("compose")).files) == {
        ".devcontainer/devcontainer.json",
        ".devcontainer/compose.yaml",
    }


@pytest.mark.parametrize(
    ("files", "kind", "told"),
    [
        ({}, "bad_value", "team/template.yaml is missing"),
        ({"template.yaml": b"name: 7-7--\n"}, "bad_value", "team/template.yaml, line 1"),
        (SOUND | {".devcontainer.json": b"{"}, "bad_configuration", "team/.devcontainer.json"),
        (SOUND | {".devcontainer/a/devcontainer.json": b'{"image": 7}'}, "bad_configuration", "image"),
        (IMAGE | {".devcontainer.json": b"{}"}, "bad_value", "Choose one of them"),
    ],
    ids=["no template.yaml", "a bad name", "no JSON", "a wrong type", "two images"],
)
def test_a_folder_that_is_not_sound_says_which_file_and_why(files: dict[str, bytes], kind: str, told: str) -> None:
    with pytest.raises(Problem) as caught:
        read_template_folder(files, "team")
    assert caught.value.kind == kind
    assert told in f"{caught.value.detail} {caught.value.hint}"


def test_an_unknown_property_of_a_devcontainer_json_is_a_notice() -> None:
    found = read_template_folder(SOUND | {".devcontainer/devcontainer.json": b'{"image": "x", "imge": "y"}'}, "team")
    assert [
        notice.startswith("team/.devcontainer/devcontainer.json: unknown property") for notice in found.notices
    ] == [True]


def test_files_are_read_without_git_and_without_following_links(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_text("c")
    (tmp_path / "link").symlink_to("/etc/passwd")
    assert files_of(tmp_path) == {"a/b": b"c"}


def test_a_folder_of_data_is_no_template(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="is no folder"):
        files_of(tmp_path / "none")
    for number in range(MOST_FILES + 1):
        (tmp_path / str(number)).touch()
    with pytest.raises(Problem, match=f"more than {MOST_FILES} files"):
        files_of(tmp_path)
    for path in tmp_path.iterdir():
        path.unlink()
    (tmp_path / "data").write_bytes(bytes(MOST_BYTES + 1))
    with pytest.raises(Problem, match="more than"):
        files_of(tmp_path)


def test_a_starter_that_there_is_not_names_those_that_there_are() -> None:
    with pytest.raises(Problem) as caught:
        starter_files("rust")
    assert "python, ml, compose" in caught.value.hint
