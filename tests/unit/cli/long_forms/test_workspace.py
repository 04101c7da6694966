"""The long forms: which words lead to which command, and the line of the table."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.cli.long_forms.workspaces import workspace

from carrel.cli.goals import is_long
from carrel.cli.long_forms.workspace import COLUMNS, row_of
from carrel.cli.long_forms.workspace_config import Init, create
from carrel.core.problems import Problem
from carrel.core.spec import Limits
from carrel.core.workspace import Retention
from carrel.definition.read import read_workspace_file


def test_the_word_workspace_is_a_name_where_no_name_follows() -> None:
    assert is_long("workspace", "paper")
    assert not is_long("workspace", "")
    assert not is_long("paper", "")
    with pytest.raises(Problem, match="Which one, 'paper' or 'blog'"):
        is_long("paper", "blog")


def test_a_dash_stands_where_there_is_nothing() -> None:
    empty = workspace(phase="stopped", apps=[], retention=Retention(0))
    assert row_of(empty) == ("paper", *["-"] * (len(COLUMNS) - 1))


def test_a_row_has_what_the_file_said() -> None:
    whole = workspace(
        phase="running",
        apps=[],
        limits=Limits(cpus=1.5, memory_bytes=2**30, gpus=2),
        definition={"accelerator": "nvidia-l4"},
    )
    assert row_of(whole) == ("paper", "1500m", "1Gi", "2", "nvidia-l4", "1200", "-")


def test_a_file_to_begin_with_has_the_name_of_its_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "My Paper"
    folder.mkdir()
    file = folder / "workspace.yaml"
    create(file, Init.BASE_IMAGE)
    assert read_workspace_file(file.read_text()).name == "my-paper"
    assert capsys.readouterr().out == f"Created: {file}\n"
    with pytest.raises(Problem, match="is there already"):
        create(file, Init.CUSTOM_IMAGE)
    create(file, Init.CUSTOM_IMAGE, force=True)
    assert read_workspace_file(file.read_text()).definition.image_spec is not None
