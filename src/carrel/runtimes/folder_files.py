"""Reads a local folder as a source, and writes one file into it, without following a link out of it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import posixpath
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from carrel.core.problems import Problem
from carrel.runtimes.build_context import ContextDigest, IgnoreRules
from carrel.runtimes.contract import FilePlacement
from carrel.runtimes.placing import place
from carrel.runtimes.source_path import MAX_FILE_BYTES, clean, outside, too_large


class FolderFiles:
    """ProjectFiles over a folder of this machine; every read is in a thread."""

    def __init__(self, folder: str) -> None:
        """Read below `folder`, an absolute path.

        Raises:
            Problem: `bad_source`: there is no such folder.
        """
        self.root = Path(folder)
        if not self.root.is_absolute() or not self.root.is_dir():
            raise Problem("bad_source", f"There is no folder {folder[:200]!r}.")
        self._real = self.root.resolve()

    async def read(self, path: str) -> bytes | None:
        """Content of a regular file, or None."""
        return await asyncio.to_thread(self._read, path)

    async def list(self, path: str) -> Sequence[str]:
        """Names in a folder, folders with a trailing slash."""
        return await asyncio.to_thread(self._list, path)

    async def tree(self, path: str) -> Sequence[str]:
        """The files below a folder."""
        return await asyncio.to_thread(self._tree, path)

    async def digest(self, path: str, ignore: str = "") -> str:
        """Content hash of the folder as a build context."""
        return await asyncio.to_thread(self._digest, path, ignore)

    async def write(self, path: str, content: bytes, like: str) -> None:
        """Write a file, in one rename, with the owner of the file `like`.

        Raises:
            Problem: `refused_by_policy`: its folder lies outside; `bad_source`: it cannot be written.
        """
        try:
            await asyncio.to_thread(self._write, path, content, like)
        except OSError as error:
            raise Problem("bad_source", f"{path[:200]!r} cannot be written: {error.strerror}.") from error

    async def put(self, files: Sequence[FilePlacement]) -> Sequence[str]:
        """See Runtime.place_source_files. Raises `bad_source`: it cannot be written."""
        try:
            return await asyncio.to_thread(place, str(self._real), [one.described() for one in files])
        except OSError as error:
            raise Problem("bad_source", f"The folder cannot be written: {error.strerror}.") from error

    def place(self, path: str) -> Path:
        """The real path of `path`, links resolved.

        Raises:
            Problem: `refused_by_policy`: it lies outside the source.
        """
        try:
            real = (self._real / clean(path)).resolve()
        except (RuntimeError, OSError) as error:  # a loop of links; RuntimeError up to Python 3.12
            raise outside(path) from error
        if real != self._real and not real.is_relative_to(self._real):
            raise outside(path)
        return real

    def _read(self, path: str) -> bytes | None:
        real = self.place(path)
        try:
            descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            # A folder on the way may have become a link since it was resolved.
            if not Path(f"/proc/self/fd/{descriptor}").readlink().is_relative_to(self._real):
                raise outside(path)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(MAX_FILE_BYTES + 1)
        finally:
            os.close(descriptor)
        if len(content) > MAX_FILE_BYTES:
            raise too_large(path)
        return content

    def _write(self, path: str, content: bytes, like: str) -> None:
        folder, name = posixpath.split(clean(path))
        owner = self.place(like).stat()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        parent = os.open(self.place(folder), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        partial = f".{name}.{secrets.token_hex(4)}"
        try:
            with os.fdopen(os.open(partial, flags, 0o644, dir_fd=parent), "wb") as file:
                file.write(content)
                if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
                    os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            os.rename(partial, name, src_dir_fd=parent, dst_dir_fd=parent)
        except OSError:
            with suppress(OSError):
                os.unlink(partial, dir_fd=parent)
            raise
        finally:
            os.close(parent)

    def _list(self, path: str) -> Sequence[str]:
        real = self.place(path)
        try:
            with os.scandir(real) as entries:
                return sorted(f"{e.name}/" if e.is_dir(follow_symlinks=False) else e.name for e in entries)
        except OSError:
            return []

    def _tree(self, path: str) -> Sequence[str]:
        root = self.place(path)
        if not root.is_dir():
            return []
        found = ((relative, file) for relative, file in walk(root, IgnoreRules("**/.git")))
        return sorted(relative for relative, file in found if stat.S_ISREG(file.lstat().st_mode))

    def _digest(self, path: str, ignore: str) -> str:
        digest = ContextDigest()
        for relative, file in walk(self.place(path), IgnoreRules(ignore)):
            status = file.lstat()
            if stat.S_ISLNK(status.st_mode):
                digest.add(relative, "link", str(file.readlink()))
            elif stat.S_ISDIR(status.st_mode):
                digest.add(relative, "folder")
            elif stat.S_ISREG(status.st_mode):
                with file.open("rb") as opened:
                    content = hashlib.file_digest(opened, "sha256").hexdigest()
                digest.add(relative, "file", content, executable=bool(status.st_mode & 0o111))
        return digest.hexdigest()


def walk(root: Path, rules: IgnoreRules) -> Iterator[tuple[str, Path]]:
    """What of `root` belongs to a context, parents first: the path inside it, and the real one. Links are not followed."""
    waiting = [("", root)]
    while waiting:
        prefix, folder = waiting.pop()
        for entry in sorted(folder.iterdir(), key=lambda e: e.name):
            relative = f"{prefix}{entry.name}"
            excluded = rules.excludes(relative)
            if not excluded:
                yield relative, entry
            if entry.is_dir() and not entry.is_symlink() and not (excluded and not rules.may_include_again):
                waiting.append((f"{relative}/", entry))
