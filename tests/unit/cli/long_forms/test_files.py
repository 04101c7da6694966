"""A workspace.yaml as requests of the API: what is sent, what an update takes away, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.cli.long_forms.workspaces import workspace

from carrel.cli.long_forms.files import check_same_place, creation_of, file_of, read_file, shown_definition, update_of
from carrel.client.documents import TemplateOfWorkspace
from carrel.core.problems import Problem
from carrel.core.spec import GitSource, Limits
from carrel.definition.members import written_members
from carrel.definition.workspace_file import WorkspaceFile


def write(folder: Path, text: str, name: str = "workspace.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_only_what_is_said_is_sent(tmp_path: Path) -> None:
    path = write(tmp_path, "name: paper\nresources: {cpu: 2}\ndescription: x\n")
    sent = creation_of(read_file(path), path).json_values()
    wanted = {"name": "paper", "source": {"kind": "empty"}, "limits": {"cpus": 2.0}, "description": "x", "start": False}
    assert {name: value for name, value in sent.items() if value} | {"start": sent["start"]} == wanted


def test_the_requirements_file_is_read_beside_the_file(tmp_path: Path) -> None:
    write(tmp_path, "numpy==2.1\n# why\npandas\n", "requirements.txt")
    path = write(tmp_path, "name: a\ncontainer_image: {name: b, requirements: requirements.txt}\n")
    sent = creation_of(read_file(path), path).json_values()
    assert sent["image"]["requirements"] == ["numpy==2.1", "pandas"]


def test_a_requirements_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "name: a\ncontainer_image: {name: b, requirements: requirements.txt}\n")
    with pytest.raises(Problem, match=r"requirements\.txt cannot be read: No such file"):
        read_file(path)


def test_a_folder_is_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    path = write(tmp_path, "name: a\nsource: ./code\n")
    sent = creation_of(read_file(path), path).json_values()
    assert sent["source"] == {"kind": "folder", "path": str((tmp_path / "code").resolve())}


def test_a_source_that_is_none_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "name: a\nsource: code\n")
    with pytest.raises(Problem, match="'code' is neither a git URL nor a folder"):
        creation_of(read_file(path), path)


def test_an_update_takes_away_what_the_file_does_not_name(tmp_path: Path) -> None:
    path = write(tmp_path, "name: paper\nenv: {A: 1}\n")
    whole = "name: paper\naccelerator: x\nenv: {B: 2}\non_startup: make\nschedule: {stop: 19:00}\n"
    found = workspace(definition=written_members(read_file(write(tmp_path, whole, "before.yaml")).definition))
    sent = update_of(read_file(path), found).json_values()
    assert sent["env"] == {"A": "1"}
    assert (sent["accelerator"], sent["on_startup"], sent["image"]) == ("", [], "")
    assert sent["schedule"] == {"start": "", "stop": ""}
    assert sent["limits"]["pids"] == 512
    assert sent["labels"] == {"carrel.prebuilt": "1"}
    assert sent["retention"] == {"ttl_seconds": None}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("project: physics\n", "paper belongs to the project default and stays there"),
        ("domain: staging\n", "paper belongs to the domain development and stays there"),
        ("source: https://example.org/other.git\n", "`source` is not what paper was made from"),
        ("", "`source` is not what paper was made from"),
    ],
    ids=["project", "domain", "other source", "no source"],
)
def test_an_update_moves_no_workspace(tmp_path: Path, text: str, sentence: str) -> None:
    path = write(tmp_path, f"name: paper\n{text}")
    found = workspace(source=GitSource("https://example.org/paper.git"))
    with pytest.raises(Problem, match=sentence):
        check_same_place(read_file(path), path, found)


def test_another_ref_of_the_same_source_is_a_change(tmp_path: Path) -> None:
    path = write(tmp_path, "name: paper\nsource: {url: https://example.org/paper.git, ref: dev}\n")
    found = workspace(source=GitSource("https://example.org/paper.git", "main"))
    file = read_file(path)
    check_same_place(file, path, found)
    assert update_of(file, found).json_values()["ref"] == "dev"


def test_a_file_that_names_no_version_keeps_the_one_that_there_is(tmp_path: Path) -> None:
    path = write(tmp_path, "name: paper\ntemplate: web\nparameters: {level: low}\n")
    source = GitSource("https://example.org/of-the-template.git", "main")
    found = workspace(template=made_of_web(version=2), source=source)
    file = read_file(path)
    check_same_place(file, path, found)
    update = update_of(file, found, {"level": "high", "python": "3.12"}).json_values()
    assert "ref" not in update
    sent = update["template"]
    wanted = {"level": "low", "python": "3.12"}
    assert (sent["name"], sent["version"], sent["parameters"]) == ("web", "2", wanted)
    pinned = read_file(write(tmp_path, "name: paper\ntemplate: web@3\n"))
    assert update_of(pinned, found).json_values()["template"]["version"] == "3"


def test_a_workspace_stays_one_of_its_template(tmp_path: Path) -> None:
    path = write(tmp_path, "name: paper\n")
    with pytest.raises(Problem, match="`template` is not what paper was made from") as raised:
        check_same_place(read_file(path), path, workspace(template=made_of_web(version=2)))
    assert raised.value.hint == "Write `template: web`."
    path = write(tmp_path, "name: paper\ntemplate: web\n")
    with pytest.raises(Problem, match="`template` is not what paper was made from"):
        check_same_place(read_file(path), path, workspace())
    gone = workspace(template=None, definition={"template": {"name": "web", "version": "2", "parameters": {}}})
    check_same_place(read_file(path), path, gone)
    assert "template" not in update_of(read_file(path), gone).json_values()


def made_of_web(version: int) -> TemplateOfWorkspace:
    return TemplateOfWorkspace(
        name="web",
        project="",
        version=version,
        newest=3,
        update_available=version < 3,
        update="on_demand",
        withdrawn=False,
    )


def test_a_workspace_is_shown_as_a_file_says_it() -> None:
    found = workspace(limits=Limits(cpus=2.0, memory_bytes=4 * 2**30), source=GitSource("https://example.org/a.git"))
    expected = WorkspaceFile("paper", "default", "development", 2.0, 4 * 2**30, 0, 1200, "https://example.org/a.git")
    assert file_of(found) == expected
    assert shown_definition(found).splitlines()[:2] == ["workspace_definition {", '  name: "paper"']
