from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

from carrel.runtimes.contract import FilePlacement
from carrel.runtimes.placing import place


def order(path: str, content: bytes | None, replaces: bytes = b"", **more: Any) -> dict[str, Any]:
    return FilePlacement(path, content, hashlib.sha256(replaces).hexdigest() if replaces else "", **more).described()


def test_a_file_gets_the_owner_of_its_folder_and_may_be_run_where_it_is_to_be(tmp_path: Path) -> None:
    os.chown(tmp_path, 1000, 1001)
    place(str(tmp_path), [order("bin/run", b"#!/bin/sh\n", executable=True), order("read", b"me")])
    for path in ("bin", "bin/run", "read"):
        status = (tmp_path / path).stat()
        assert (status.st_uid, status.st_gid) == (1000, 1001)
    assert (tmp_path / "bin/run").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "read").stat().st_mode & 0o777 == 0o644


def test_a_file_that_is_replaced_keeps_owner_and_mode(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"1")
    file.chmod(0o600)
    os.chown(file, 1000, 1001)
    assert place(str(tmp_path), [order("file", b"2", b"1")]) == []
    status = file.stat()
    assert (file.read_bytes(), status.st_uid, status.st_gid, status.st_mode & 0o777) == (b"2", 1000, 1001, 0o600)
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_what_cannot_be_written_leaves_nothing_half(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="name too long"):
        place(str(tmp_path), [order("n" * 300, b"1")])
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert place(str(tmp_path), [order("pipe", b"1", b"0")]) == ["pipe"]


def test_what_an_interrupted_writing_left_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / f".carrel-placing-{os.getpid()}").write_bytes(b"half")
    place(str(tmp_path), [order("file", b"whole")])
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("file", b"whole")]


def test_what_is_removed_is_known() -> None:
    assert base64.b64decode(order("a", b"1")["content"]) == b"1"
    with pytest.raises(ValueError, match="nothing is said"):
        FilePlacement("a", None)
