from __future__ import annotations

import os
from pathlib import Path

import pytest

from carrel.core.problems import Problem
from carrel.runtimes.build_context import IgnoreRules
from carrel.runtimes.folder_files import FolderFiles, walk


def test_a_folder_that_is_not_there_is_no_source(tmp_path: Path) -> None:
    for path in (str(tmp_path / "none"), "relative"):
        with pytest.raises(Problem) as caught:
            FolderFiles(path)
        assert caught.value.kind == "bad_source"


def test_a_walk_leaves_out_what_the_rules_say_and_follows_no_link(tmp_path: Path) -> None:
    for path in ("a/kept", "a/left.log", "b/deep/kept", "b/again.log"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    (tmp_path / "out").symlink_to("/etc")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = {path for path, _ in walk(tmp_path, IgnoreRules("*/*.log\nb\n!b/again.log"))}
    assert found == {"a", "a/kept", "b/again.log", "out", "loop"}


async def test_what_is_no_regular_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert await FolderFiles(str(tmp_path)).read("pipe") is None


async def test_a_digest_sees_the_execute_bit_and_link_targets(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("x")
    (tmp_path / "link").symlink_to("run")
    files = FolderFiles(str(tmp_path))
    first = await files.digest(".")
    (tmp_path / "run").chmod(0o755)
    second = await files.digest(".")
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("other")
    assert len({first, second, await files.digest(".")}) == 3


async def test_a_root_that_is_itself_reached_through_a_link_works(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a").write_text("1")
    (tmp_path / "link").symlink_to("real")
    assert await FolderFiles(str(tmp_path / "link")).read("a") == b"1"
