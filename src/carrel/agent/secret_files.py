"""Secrets as files: in memory only, replaced whole, readable by the workspace's user alone (ADR 0031).

The folder that people know is a link to one in memory, which only the agent can write in: the user can neither plant a
link there for a process of root to follow, nor keep a file from being replaced.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from carrel.agent.state_folder import StateFolder
from carrel.agent.users import RemoteUser

log = logging.getLogger("carrel.agent")


class SecretFiles:
    """The files of one workspace."""

    def __init__(self, place: Path, memory: Callable[[], StateFolder | None]) -> None:
        """Have `place` lead to the folder that `memory` finds; None: the container has none."""
        self._place = place
        self._memory = memory

    def put(self, files: Mapping[str, str], user: RemoteUser) -> str:
        """Have exactly these files, by name; why that failed, or an empty text. Blocks: for a thread."""
        if not files and not self._place.is_symlink():
            return ""
        memory = self._memory()
        if memory is None:
            return "Secrets cannot be files here: the container has neither /dev/shm nor /run in memory."
        try:
            self._replace(memory.path, files, user)
            _lead(self._place, memory.path)
        except OSError as error:
            log.warning("secret_files_not_written error=%s", error.strerror)
            return f"Secrets could not be written to {self._place}: {error.strerror}."
        return ""

    def _replace(self, folder: Path, files: Mapping[str, str], user: RemoteUser) -> None:
        if user.is_switch():
            os.chown(folder, 0, user.gid)
            folder.chmod(0o750)
        for name, text in files.items():
            _write(folder, name, text, user)
        for path in folder.iterdir():
            if path.name not in files:
                path.unlink()


def _write(folder: Path, name: str, text: str, user: RemoteUser) -> None:
    path = folder / name
    with suppress(FileNotFoundError):
        if path.read_bytes() == text.encode() and path.stat().st_uid == user.uid:
            return
    handle, fresh = tempfile.mkstemp(dir=folder, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            os.fchmod(handle, 0o400)
            if user.is_switch():
                os.fchown(handle, user.uid, user.gid)
        Path(fresh).replace(path)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise


def _lead(place: Path, folder: Path) -> None:
    """Have `place` be a link to `folder`, whatever an image or an earlier run of the container left there."""
    with suppress(OSError):
        if place.readlink() == folder:
            return
    place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    above = place.parent.lstat()
    if not stat.S_ISDIR(above.st_mode) or above.st_uid != os.geteuid() or above.st_mode & 0o022:
        raise PermissionError(errno.EPERM, f"{place.parent} is not the platform's own")
    fresh = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}."))
    try:
        (fresh / "link").symlink_to(folder)
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        (fresh / "link").replace(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
