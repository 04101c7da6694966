from __future__ import annotations

from pathlib import Path

import pytest

from carrel.core.problems import Problem
from carrel.devcontainer.features.archive import Packed
from carrel.devcontainer.templates import Applied, write_files

FILES = Applied({"a/b.txt": Packed(b"new"), "run.sh": Packed(b"#!/bin/sh", executable=True)})


def test_files_are_written_with_their_modes(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    assert write_files(FILES, folder) == ("a/b.txt", "run.sh")
    assert (folder / "a/b.txt").read_bytes() == b"new"
    assert [(folder / path).stat().st_mode & 0o777 for path in FILES.files] == [0o644, 0o755]
    assert sorted(path.name for path in folder.iterdir()) == ["a", "run.sh"]


def test_nothing_is_overwritten_unless_that_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text("mine")
    with pytest.raises(Problem, match=r"there already: run\.sh") as caught:
        write_files(FILES, tmp_path)
    assert caught.value.extra["files"] == ["run.sh"]
    assert not (tmp_path / "a").exists(), "all or nothing"
    write_files(FILES, tmp_path, overwrite=True)
    assert (tmp_path / "run.sh").read_text() == "#!/bin/sh"


def test_a_link_is_never_followed(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (outside / "run.sh").write_text("mine")
    (folder / "run.sh").symlink_to(outside / "run.sh")
    (folder / "a").symlink_to(outside)
    for overwrite in (False, True):
        with pytest.raises(Problem):
            write_files(FILES, folder, overwrite=overwrite)
    (folder / "a").unlink()
    write_files(FILES, folder, overwrite=True)
    assert (outside / "run.sh").read_text() == "mine"
    assert not (folder / "run.sh").is_symlink()
    assert list(outside.iterdir()) == [outside / "run.sh"]


def test_a_file_on_the_way_and_a_folder_in_the_place_are_problems(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a file")
    with pytest.raises(Problem, match="link or a file"):
        write_files(FILES, tmp_path, overwrite=True)
    (tmp_path / "a").unlink()
    (tmp_path / "run.sh").mkdir()
    with pytest.raises(Problem, match="is a folder"):
        write_files(FILES, tmp_path, overwrite=True)
