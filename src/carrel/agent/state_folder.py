"""What the agent remembers across its own death: small JSON files, each written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

log = logging.getLogger("carrel.agent")

ROOT_FOLDER = "/var/lib/carrel"
"""In the container's own layer: lives as long as the container's creation."""
MEMORY_FOLDERS = ("/dev/shm", "/run")  # noqa: S108  what is made in it is private
_TMPFS_TYPES = frozenset({"tmpfs", "ramfs"})


class StateFolder:
    """A private folder of JSON files."""

    def __init__(self, path: Path) -> None:
        """Make the folder, for this user only."""
        self.path = path
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)

    def read(self, name: str) -> Any:
        """The value under `name`, or None when there is none or it cannot be read (which is logged)."""
        try:
            return json.loads((self.path / f"{name}.json").read_text())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("state_unreadable name=%s error=%s", name, error)
            return None

    def write(self, name: str, value: Any) -> None:
        """Put `value` under `name`; a reader sees the old or the new one, never a part.

        On a full disk it is logged and not kept: people must be able to work, if only to make room.
        """
        try:
            write_atomically(self.path / f"{name}.json", json.dumps(value).encode())
        except OSError as error:
            log.warning("state_not_kept name=%s error=%s", name, error)

    def forget(self, name: str) -> None:
        """Remove what is under `name`."""
        (self.path / f"{name}.json").unlink(missing_ok=True)

    def folder(self, name: str) -> Path:
        """A private folder in this one."""
        path = self.path / name
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 through a temporary one beside it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def usable(wanted: Path) -> Path:
    """`wanted`, made where it is absent; on a full or read-only disk a folder in memory in its place. Raises OSError."""
    try:
        wanted.mkdir(mode=0o755, parents=True, exist_ok=True)
        write_atomically(wanted / "probe", b"")
        (wanted / "probe").unlink()
    except OSError as error:
        replacement = memory_folder(folder_key(wanted))
        if replacement is None:
            raise
        log.warning("state_in_memory path=%s error=%s", wanted, error)
        replacement.path.chmod(0o755)
        return replacement.path
    return wanted


def folder_key(path: Path) -> str:
    """Names the folder in memory that goes with `path`."""
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def memory_folder(key: str, mounts: str | None = None) -> StateFolder | None:
    """A folder that lives in memory only, for what must not reach a disk (secrets); None where the container has none.

    Args:
        key: tells agents on one machine apart.
        mounts: text of /proc/mounts.
    """
    text = Path("/proc/mounts").read_text() if mounts is None else mounts
    kinds = {fields[1]: fields[2] for fields in (line.split() for line in text.splitlines()) if len(fields) > 2}
    for parent in MEMORY_FOLDERS:
        if kinds.get(parent) not in _TMPFS_TYPES or not os.access(parent, os.W_OK):
            continue
        path = Path(parent) / f".carrel-{os.geteuid()}-{key}"
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
            return StateFolder(path)
        log.warning("memory_folder_taken path=%s", path)  # by a user of the workspace; never trusted
    return None
