"""Which server is used, and who is shown a token."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from carrel.cli.server_address import (
    LocalServerDownError,
    NotConfiguredError,
    ServerAddress,
    config_file,
    data_dir,
    find_server,
    is_alive,
    read_config,
    running_local,
    write_config,
)

REMOTE = ServerAddress("https://carrel.example.org", "carrel_personal_r", local=False)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith(("CARREL_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


def announce(pid: int) -> Path:
    """The files of a local server."""
    folder = data_dir()
    folder.mkdir(parents=True)
    for name, text in {"url": "http://127.0.0.1:7070", "token": "carrel_personal_l", "pid": str(pid)}.items():
        (folder / name).write_text(text + "\n")
    return folder


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_local_server_is_found_by_its_files() -> None:
    announce(os.getpid())
    assert find_server() == ServerAddress("http://127.0.0.1:7070", "carrel_personal_l", local=True)


def test_files_of_a_server_that_was_killed_do_not_count() -> None:
    folder = announce(ended_process())
    assert running_local(folder) is None
    with pytest.raises(LocalServerDownError):
        find_server()


def test_a_process_that_nobody_waited_for_is_not_alive() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(process.pid)
    process.communicate()


@pytest.mark.parametrize("missing", ["url", "token", "pid"])
def test_without_one_of_the_files_there_is_no_server(missing: str) -> None:
    folder = announce(os.getpid())
    (folder / missing).unlink()
    assert running_local(folder) is None


def test_that_login_had_the_token_made_is_remembered() -> None:
    own = ServerAddress("https://carrel.example.org", "carrel_personal_o", local=False, own_token=True)
    write_config(config_file(), own)
    assert read_config(config_file()) == own


def test_what_login_stored_comes_before_the_local_server() -> None:
    announce(os.getpid())
    write_config(config_file(), REMOTE)
    assert find_server() == REMOTE


def test_a_data_folder_that_is_named_comes_before_what_login_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = announce(os.getpid())
    write_config(config_file(), REMOTE)
    monkeypatch.setenv("CARREL_DATA_DIR", str(folder))
    assert find_server().local


def test_variables_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    announce(os.getpid())
    monkeypatch.setenv("CARREL_URL", "https://other.example.org/")
    monkeypatch.setenv("CARREL_TOKEN", "t")
    assert find_server() == ServerAddress("https://other.example.org", "t", local=False)


def test_the_owners_token_goes_to_no_other_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    announce(os.getpid())
    monkeypatch.setenv("CARREL_URL", "http://127.0.0.1:9999")
    assert find_server().token == "carrel_personal_l"
    monkeypatch.setenv("CARREL_URL", "https://other.example.org")
    with pytest.raises(NotConfiguredError, match="CARREL_TOKEN"):
        find_server()


def test_the_stored_token_is_its_users_only() -> None:
    write_config(config_file(), REMOTE)
    assert stat.S_IMODE(config_file().stat().st_mode) == 0o600
    assert read_config(config_file()) == REMOTE


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"url": "x"}', "\x00"])
def test_a_broken_store_is_none(text: str, tmp_path: Path) -> None:
    path = tmp_path / "client.json"
    path.write_text(text)
    assert read_config(path) is None


def test_the_token_is_not_shown() -> None:
    assert "carrel_personal" not in repr(REMOTE)
