"""`carrel template init` and `validate`: from an empty folder to a template that is sound, or a list of what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from carrel.cli.app import run_app
from carrel.cli.template import Starter
from carrel.templates.folder import STARTERS


def test_the_command_line_offers_the_starters_that_there_are() -> None:
    assert tuple(Starter) == STARTERS


@pytest.mark.parametrize("starter", STARTERS)
def test_a_new_template_has_the_folders_name_and_is_sound(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], starter: str
) -> None:
    folder = tmp_path / "team-web"
    assert run_app(["template", "init", str(folder), "--starter", starter]) == 0
    assert run_app(["template", "validate", str(folder)]) == 0
    assert f"{folder}: the template 'team-web' is sound." in capsys.readouterr().err


def test_what_is_there_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "template.yaml").write_text("mine")
    assert run_app(["template", "init", str(folder)]) != 0
    assert "is there already" in capsys.readouterr().err
    assert (folder / "template.yaml").read_text() == "mine"


def test_a_template_that_is_not_sound_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "template.yaml").write_text("name: a\nupdat: at_start\n")
    (tmp_path / ".devcontainer.json").write_text("{}")
    assert run_app(["template", "validate", str(tmp_path)]) != 0
    assert (
        "template.yaml, line 2, column 1: there is no key 'updat' (did you mean 'update'?)" in capsys.readouterr().err
    )


def test_a_notice_moves_no_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "template.yaml").write_text("name: a\nworkspace: {}\n")
    folder = tmp_path / ".devcontainer" / "a\x1b[2Jb"
    folder.mkdir(parents=True)
    (folder / "devcontainer.json").write_text('{"image": "x", "strange": 1}')
    assert run_app(["template", "validate", str(tmp_path)]) == 0
    said = capsys.readouterr().err
    assert ("warning: " in said, "\x1b" in said) == (True, False)
