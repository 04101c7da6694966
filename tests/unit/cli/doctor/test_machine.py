"""The doctor's look at the machine."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from carrel.cli.doctor import machine
from carrel.cli.doctor.check import Level


@pytest.mark.parametrize(
    ("version", "level"), [((3, 10, 14), Level.FAIL), ((3, 11, 0), Level.OK), ((4, 0, 0), Level.OK)]
)
def test_python_has_to_be_new_enough(version: tuple[int, ...], level: Level) -> None:
    assert machine.check_python(version).level is level


@pytest.mark.parametrize(("least", "level"), [(2**60, Level.FAIL), (0, Level.WARN)])
def test_little_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: int, level: Level) -> None:
    monkeypatch.setattr(machine, "TOO_LITTLE_BYTES", least)
    monkeypatch.setattr(machine, "SCARCE_BYTES", 2**60)
    check = machine.check_disk("Disk", tmp_path / "not" / "there")
    assert (check.level, "docker system df" in check.hint) == (level, True)
    monkeypatch.setattr(machine, "TOO_LITTLE_BYTES", 0)
    monkeypatch.setattr(machine, "SCARCE_BYTES", 0)
    assert machine.check_disk("Disk", tmp_path).level is Level.OK


def test_a_data_folder_is_its_owners_only(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert "made when the server starts" in machine.check_data_dir(folder).detail
    folder.mkdir()
    folder.chmod(0o777)
    assert machine.check_data_dir(folder).level is Level.WARN
    folder.chmod(0o700)
    assert machine.check_data_dir(folder).level is Level.OK


def test_a_token_is_its_owners_only(tmp_path: Path) -> None:
    assert machine.check_token(tmp_path).level is Level.OK
    (tmp_path / "token").write_text("x")
    os.chmod(tmp_path / "token", 0o644)  # noqa: PTH101  beside the other
    assert machine.check_token(tmp_path).level is Level.WARN
    os.chmod(tmp_path / "token", 0o600)  # noqa: PTH101  beside the other
    assert machine.check_token(tmp_path).level is Level.OK


def test_a_busy_port_is_told_unless_it_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        monkeypatch.setenv("CARREL_PORT", str(busy.getsockname()[1]))
        assert machine.check_port(is_ours=False).level is Level.FAIL
        assert machine.check_port(is_ours=True).level is Level.OK
    assert machine.check_port(is_ours=False).level is Level.OK


def test_a_port_that_is_no_number_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARREL_PORT", "http")
    assert "'http'" in machine.check_port(is_ours=False).detail


def test_without_git_here_workspaces_still_have_theirs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.check_git().level is Level.WARN
