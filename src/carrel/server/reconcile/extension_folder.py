"""A folder of .vsix files on the server: extensions that workspaces get without asking a gallery."""

from __future__ import annotations

import asyncio
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
MAX_PACKAGE_BYTES = 4 << 20
"""Of the package.json in a file."""


class ExtensionFolder:
    """What the folder has; each file is opened once for each change of it."""

    def __init__(self, folder: Path) -> None:
        """The folder `.` has none."""
        self._folder = folder
        self._known: dict[tuple[str, int, int], tuple[str, str]] = {}

    async def files(self) -> Mapping[str, Path]:
        """Files by `publisher.name` and by `publisher.name@version`, in small letters."""
        if self._folder == Path():
            return {}
        return await asyncio.to_thread(self._look)

    def _look(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        try:
            paths = sorted(self._folder.glob("*.vsix"))
        except OSError as error:
            log.warning("extension_folder_unreadable", folder=str(self._folder), error=str(error))
            return {}
        for path in paths:
            identity = self._identity(path)
            if identity is None:
                continue
            name, version = identity
            found[name] = found[f"{name}@{version}"] = path
        return found

    def _identity(self, path: Path) -> tuple[str, str] | None:
        try:
            is_now = path.stat()
            key = (path.name, is_now.st_mtime_ns, is_now.st_size)
            if key not in self._known:
                self._known[key] = read_identity(path)
            return self._known[key]
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            log.warning("extension_unreadable", file=path.name, error=type(error).__name__)
            return None


def wanted_files(extensions: Sequence[str], files: Mapping[str, Path]) -> dict[str, Path]:
    """Those of the files that a configuration asks for, by extension; of a version where it names one."""
    wanted = {}
    for extension in extensions:
        name, _, version = extension.lower().partition("@")
        path = files.get(f"{name}@{version}" if version else name)
        if path is not None:
            wanted[name] = path
    return wanted


def name_in_workspace(path: Path) -> str:
    """The name that a file gets in a workspace."""
    return _UNSAFE.sub("_", path.name)


def read_identity(path: Path) -> tuple[str, str]:
    """`publisher.name` in small letters and the version of a .vsix file. Raises what an unusable one brings about."""
    with zipfile.ZipFile(path) as archive, archive.open("extension/package.json") as file:
        package = json.loads(file.read(MAX_PACKAGE_BYTES))
    return f"{package['publisher']}.{package['name']}".lower(), str(package["version"])
