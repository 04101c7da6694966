"""`carrel devcontainer upgrade`: writes the lockfile anew from what the registries have now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer.features.upgrade import upgraded_lockfile, with_version
from carrel.runtimes.folder_files import FolderFiles
from carrel.standalone.asked import Asked
from carrel.standalone.engine import Engine, files_of
from carrel.standalone.read import chosen
from carrel.standalone.writing import write


async def upgrade(engine: Engine, asked: Asked) -> Mapping[str, Any]:
    """Write lockfile and, where a version is asked for, devcontainer.json; or only say what would be written.

    Raises:
        Problem: `not_found`, `bad_value`, `feature_failed`, `bad_configuration`, `registry_unreachable`, `registry_denied`.
    """
    if bool(asked.feature) != bool(asked.target_version):
        raise Problem("bad_value", "--feature and --target-version go together.")
    files, request = files_of(asked), engine.request(asked)
    path = (await chosen(request, files)).path
    written: dict[str, str] = {}
    if asked.feature:
        text = (await files.read(path) or b"").decode()
        changed = with_version(text, asked.feature, asked.target_version)
        if changed == text:
            raise Problem("feature_failed", f"{path} has no feature {asked.feature}, or has it at that version.")
        written[path] = changed
    lockfile = await upgraded_lockfile(request, _Changed(files, written), engine.registry)
    written[lockfile.path] = lockfile.text
    if not asked.dry_run:
        for name, content in written.items():
            await write(files, name, content)
    return {"lockfile": lockfile.path, "written": [] if asked.dry_run else list(written), "text": lockfile.text}


class _Changed:
    """A folder with some files as they will be."""

    def __init__(self, files: FolderFiles, changed: Mapping[str, str]) -> None:
        self._files = files
        self._changed = changed
        self.list = files.list
        self.digest = files.digest

    async def read(self, path: str) -> bytes | None:
        """A file as it will be."""
        return self._changed[path].encode() if path in self._changed else await self._files.read(path)
