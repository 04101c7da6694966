"""A private PostgreSQL server from the system's own binaries, in a temporary folder, on a Unix socket only."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

UNPRIVILEGED = ("postgres", "nobody")
"""PostgreSQL refuses to run as root; the first of these users that there is runs it then."""


def binaries() -> Path:
    """Folder of `initdb` and `postgres`: Debian keeps them out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    assert on_path, "PostgreSQL is missing: run `make machine`"
    return Path(on_path).parent


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {line.partition(":")[0] for line in Path("/etc/passwd").read_text(encoding="utf-8").splitlines()}
    return next(name for name in UNPRIVILEGED if name in names)


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a server; yields the folder of its socket. The superuser is `carrel`, without a password."""
    folder = Path(tempfile.mkdtemp(prefix="carrel-pg-"))
    user = _user()
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    arguments = ["--username=carrel", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
    initdb: list[str | Path] = [binaries() / "initdb", "--pgdata", data, *arguments]
    subprocess.run(initdb, check=True, capture_output=True, user=user, cwd=folder)
    options = {"listen_addresses": "", "unix_socket_directories": str(folder), "fsync": "off", "shared_buffers": "32MB"}
    command: list[str | Path] = [
        binaries() / "postgres",
        "-D",
        data,
        *(f"--{name}={value}" for name, value in options.items()),
    ]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, user=user, cwd=folder)
    try:
        _await(server, folder)
        yield str(folder)
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def _await(server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 30
    command: list[str | Path] = [binaries() / "pg_isready", "--quiet", "--host", folder]
    while subprocess.run(command, check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"PostgreSQL does not start: {(folder / 'log').read_text(encoding='utf-8')}")
        time.sleep(0.05)
