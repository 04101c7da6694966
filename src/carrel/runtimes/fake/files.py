"""Reads a fake volume as a source."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterable, Sequence

from carrel.core.problems import Problem
from carrel.runtimes.build_context import ContextDigest, IgnoreRules
from carrel.runtimes.contract import FilePlacement
from carrel.runtimes.fake.engine import FakeVolume
from carrel.runtimes.source_path import MAX_FILE_BYTES, MAX_LINKS, clean, follow, outside, too_large


class FakeFiles:
    """ProjectFiles over a FakeVolume."""

    def __init__(self, volume: FakeVolume) -> None:
        """Read `volume` as it is."""
        self._volume = volume

    async def read(self, path: str) -> bytes | None:
        """Content of a regular file, or None."""
        content = self._volume.files.get(self._place(path))
        if content is not None and len(content) > MAX_FILE_BYTES:
            raise too_large(path)
        return content

    async def list(self, path: str) -> Sequence[str]:
        """Names in a folder, folders with a trailing slash."""
        folder = self._place(path)
        prefix = f"{folder}/" if folder else ""
        names = set()
        for entry in (*self._volume.files, *self._volume.links):
            if entry.startswith(prefix):
                first, slash, _ = entry.removeprefix(prefix).partition("/")
                names.add(first + slash)
        return sorted(names)

    async def tree(self, path: str) -> Sequence[str]:
        """The files below a folder."""
        folder = self._place(path)
        prefix = f"{folder}/" if folder else ""
        below = [entry.removeprefix(prefix) for entry in self._volume.files if entry.startswith(prefix)]
        return sorted(entry for entry in below if ".git" not in entry.split("/"))

    async def digest(self, path: str, ignore: str = "") -> str:
        """Content hash of the folder as a build context."""
        folder, rules, digest = self._place(path), IgnoreRules(ignore), ContextDigest()
        prefix = f"{folder}/" if folder else ""
        for entry, content in self._volume.files.items():
            relative = entry.removeprefix(prefix)
            if entry.startswith(prefix) and not rules.excludes(relative):
                digest.add(relative, "file", hashlib.sha256(content).hexdigest())
        for entry, target in self._volume.links.items():
            relative = entry.removeprefix(prefix)
            if entry.startswith(prefix) and not rules.excludes(relative):
                digest.add(relative, "link", target)
        return digest.hexdigest()

    def write(self, path: str, content: bytes) -> None:
        """Put a file in its place."""
        folder, name = posixpath.split(clean(path))
        target = posixpath.join(self._place(folder), name)
        self._volume.links.pop(target, None)
        self._volume.files[target] = content

    def put(self, files: Iterable[FilePlacement]) -> Sequence[str]:
        """See Runtime.place_source_files."""
        return [one.path for one in files if not self._put(one)]

    def _put(self, file: FilePlacement) -> bool:
        volume, path = self._volume, file.path
        above = [path[:at] for at, letter in enumerate(path) if letter == "/"]
        folders = {posixpath.dirname(entry)[: len(path)] for entry in (*volume.files, *volume.links)}
        there = volume.files.get(path)
        if file.content is None and there is None and path not in folders and path not in volume.links:
            return True
        if {*above, path} & volume.links.keys() or set(above) & volume.files.keys() or path in folders:
            return False
        if {"", ".", "..", ".git"} & set(path.split("/")):
            return False
        if there is None:
            if file.content is not None and not file.replaces:
                volume.files[path] = file.content
            return not file.replaces
        if there != file.content and hashlib.sha256(there).hexdigest() != file.replaces:
            return False
        if file.content is None:
            del volume.files[path]
        else:
            volume.files[path] = file.content
        return True

    def _place(self, path: str) -> str:
        """`path` with the links on its way resolved."""
        resolved = ""
        waiting = clean(path).split("/")
        for _ in range(MAX_LINKS * 10):
            if not waiting:
                return resolved
            part = waiting.pop(0)
            if part == "..":
                resolved = posixpath.dirname(resolved)
                continue
            step = posixpath.join(resolved, part)
            target = self._volume.links.get(step)
            if target is None:
                resolved = step
            else:
                waiting = follow(step, target).split("/") + waiting
                resolved = ""
        raise Problem("refused_by_policy", f"{path[:200]!r} goes through too many links.") from outside(path)
