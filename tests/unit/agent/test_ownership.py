"""Giving folders to the remote user; the system call is a recorder, so that these need no root."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from carrel.agent.ownership import give

OTHER = os.geteuid() + 4242


class Recorder:
    def __init__(self, fail_after: int = 1000) -> None:
        self.changed: list[str] = []
        self._left = fail_after

    def __call__(self, path: str, uid: int, gid: int, **options: Any) -> None:
        assert options["follow_symlinks"] is False
        if not self._left:
            raise OSError(28, "full")
        self._left -= 1
        self.changed.append(Path(path).name)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "home"
    (root / "folder").mkdir(parents=True)
    (root / "folder/file").write_text("")
    (root / "link").symlink_to("/etc")
    return root


def test_everything_changes_hands_and_the_folder_itself_last(tree: Path) -> None:
    recorder = Recorder()
    assert give(str(tree), OTHER, OTHER, recorder) == 4
    assert sorted(recorder.changed[:-1]) == ["file", "folder", "link"]
    assert recorder.changed[-1] == "home"


def test_what_is_right_is_not_walked_again(tree: Path) -> None:
    assert give(str(tree), os.geteuid(), os.getegid(), Recorder(0)) == 0


def test_an_interrupted_run_leaves_the_folder_as_it_was(tree: Path) -> None:
    recorder = Recorder(2)
    with pytest.raises(OSError, match="full"):
        give(str(tree), OTHER, OTHER, recorder)
    assert "home" not in recorder.changed


def test_an_absent_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        give(str(tmp_path / "none"), OTHER, OTHER, Recorder())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may change owners")
def test_what_belongs_to_other_users_services_stays_theirs(tree: Path) -> None:
    os.chown(tree / "folder/file", 999, 999)
    give(str(tree), 1000, 1000)
    assert (tree / "folder").stat().st_uid == 1000
    assert (tree / "link").lstat().st_uid == 1000
    assert (tree / "folder/file").stat().st_uid == 999
    assert Path("/etc").stat().st_uid == 0
