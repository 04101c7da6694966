"""Host keys of workspaces, for OpenSSH."""

from __future__ import annotations

import threading
from pathlib import Path

from carrel.cli.known_hosts import remember

KEY = "ssh-ed25519 AAAA"


def test_a_key_is_stored_once_and_replaced_by_a_newer_one(tmp_path: Path) -> None:
    path = tmp_path / "carrel" / "ssh_known_hosts"
    remember("blog.carrel", f"{KEY} a comment", path)
    remember("shop.carrel", KEY, path)
    remember("blog.carrel", KEY, path)
    assert path.read_text() == f"blog.carrel {KEY}\nshop.carrel {KEY}\n"
    remember("blog.carrel", "ssh-ed25519 BBBB", path)
    assert path.read_text() == f"shop.carrel {KEY}\nblog.carrel ssh-ed25519 BBBB\n"


def test_many_at_once_lose_no_line(tmp_path: Path) -> None:
    path = tmp_path / "ssh_known_hosts"
    threads = [threading.Thread(target=remember, args=(f"w{n}.carrel", KEY, path)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path.read_text().splitlines()) == sorted(f"w{n}.carrel {KEY}" for n in range(20))
