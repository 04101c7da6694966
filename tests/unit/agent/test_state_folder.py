"""What the agent remembers."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from carrel.agent.changes import Changes
from carrel.agent.state_folder import StateFolder, memory_folder
from carrel.agent.workspace import read_boot_id


def test_what_is_written_is_read_and_private(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "state")
    folder.write("plan", {"a": [1]})
    assert StateFolder(tmp_path / "state").read("plan") == {"a": [1]}
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "state/plan.json").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["plan.json"]


def test_what_is_absent_or_broken_is_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = StateFolder(tmp_path)
    assert folder.read("plan") is None
    (tmp_path / "plan.json").write_text('{"a": ')
    with caplog.at_level(logging.WARNING):
        assert folder.read("plan") is None
    assert "state_unreadable" in caplog.text


def test_where_no_folder_is_in_memory_there_is_none() -> None:
    assert memory_folder("test", "/dev/sda1 /run ext4 rw 0 0\n") is None


def test_a_container_that_was_started_again_has_another_boot_id() -> None:
    def proc(started: int) -> str:
        files = {"/proc/1/stat": f"1 (a) b) S {'0 ' * 18}{started} 0", "/proc/sys/kernel/random/boot_id": "k\n"}
        return read_boot_id(files.__getitem__)

    assert proc(100) == proc(100) != proc(200)


async def test_changes_wake_who_waits() -> None:
    changes = Changes()
    changes.note()
    assert await changes.after(0) == 1
