"""Envelopes of secrets, and the file of the keys."""

from __future__ import annotations

import stat
from base64 import b64encode
from pathlib import Path

import pytest

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.store.keys import KeyRing, load_keys

SECRET = Secret("hunter2 ünï")


def test_a_secret_opens_in_its_own_context_only(tmp_path: Path) -> None:
    ring = load_keys(tmp_path / "keys")
    key_id, envelope = ring.seal(SECRET, "git/ana/github.com")
    assert ring.open(key_id, envelope, "git/ana/github.com") == SECRET
    with pytest.raises(Problem):
        ring.open(key_id, envelope, "git/ben/github.com")
    with pytest.raises(Problem):
        ring.open(key_id, envelope[:-1] + bytes([envelope[-1] ^ 1]), "git/ana/github.com")


def test_the_same_secret_never_looks_the_same(tmp_path: Path) -> None:
    ring = load_keys(tmp_path / "keys")
    assert ring.seal(SECRET, "x")[1] != ring.seal(SECRET, "x")[1]
    assert SECRET.reveal().encode() not in ring.seal(SECRET, "x")[1]


def test_the_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "keys"
    first = load_keys(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_keys(path) == first
    assert list(path.parent.iterdir()) == [path]


def test_an_older_key_still_opens_and_the_first_one_seals(tmp_path: Path) -> None:
    old = KeyRing({"old": b"o" * 32})
    key_id, envelope = old.seal(SECRET, "x")
    path = tmp_path / "keys"
    lines = [f"new {b64encode(b'n' * 32).decode()}", f"old {b64encode(b'o' * 32).decode()}"]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")
    path.chmod(0o600)
    ring = load_keys(path)
    assert ring.open(key_id, envelope, "x") == SECRET
    assert ring.seal(SECRET, "x")[0] == "new"


def test_a_key_that_is_missing_is_named() -> None:
    with pytest.raises(Problem, match="abc") as caught:
        KeyRing({"new": b"n" * 32}).open("abc", b"", "x")
    assert caught.value.kind == "key_unknown"


@pytest.mark.parametrize("content", ["", "abc", "abc !!!", "abc c2hvcnQ=", "\xff"])
def test_a_file_that_holds_no_keys_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys"
    path.write_bytes(content.encode("latin-1"))
    path.chmod(0o600)
    with pytest.raises(Problem, match="not a file of keys"):
        load_keys(path)


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    load_keys(path)
    path.chmod(0o640)
    with pytest.raises(Problem) as caught:
        load_keys(path)
    assert "chmod 600" in caught.value.hint


def test_keys_are_not_printed() -> None:
    assert "nnnn" not in repr(KeyRing({"new": b"n" * 32}))
