"""The file of host keys that OpenSSH reads for workspaces: ours, beside the login of `carrel login`."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from carrel.cli.server_address import config_file

FILE = "ssh_known_hosts"


def known_hosts_file() -> Path:
    """For `UserKnownHostsFile` of the hosts `*.carrel`."""
    return config_file().with_name(FILE)


def remember(host: str, key: str, path: Path | None = None) -> None:
    """Store that `host` has this key (an OpenSSH public key line) and no other.

    The server that we are signed in to vouches for the key, on each connection anew: a workspace that was made again
    under its old name has another key, and nobody is asked about it.

    Raises:
        OSError: the file cannot be written.
    """
    path = path or known_hosts_file()
    line = f"{host} {' '.join(key.split()[:2])}"
    with contextlib.suppress(OSError):
        if line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (path.parent / f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            before = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            before = []
        kept = [one for one in before if one.partition(" ")[0] != host and one != line]
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        fresh.write_text("".join(f"{one}\n" for one in (*kept, line)), encoding="utf-8")
        fresh.replace(path)
