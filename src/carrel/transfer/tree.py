"""A folder that is written into by names from elsewhere: nothing outside of it is touched, whatever they say.

Every segment below the folder is opened without following links, relative to the one before, so that neither `..` nor
a link that came with the stream, nor one that somebody else puts there meanwhile, leads out.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT_OPEN = 32
DEEPEST = 256
"""Folders in each other."""
MODES = 0o777
"""Neither set-user-id nor sticky bits are taken over."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_ZEROS = bytes(64 * 1024)

Parts = tuple[str, ...]


def parts_of(name: str) -> Parts:
    """The segments of a name in a stream. Raises ValueError for one that leads out of the folder."""
    parts = tuple(part for part in name.split("/") if part not in {"", "."})
    if name.startswith("/") or ".." in parts or "\0" in name:
        raise ValueError("leads out of the folder")
    if len(parts) > DEEPEST:
        raise ValueError("is too deep")
    return parts


class Tree:
    """One folder, open."""

    def __init__(self, root: str) -> None:
        """Open `root`, which must be a folder; links in its own path are followed. Raises OSError."""
        self._root = os.open(root, _FOLDER)
        self._open: OrderedDict[Parts, int] = OrderedDict()
        self._modes: dict[Parts, tuple[int, float]] = {}

    def close(self) -> None:
        """Let go of it."""
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()
        os.close(self._root)

    # --- folders -----------------------------------------------------------------------------------------------------

    def make_folder(self, parts: Parts, mode: int, mtime: float) -> None:
        """A folder, made where it is not there. Mode and time are set by `finish`, when all is in it."""
        if parts:
            self._folder(parts)
            self._modes[parts] = (mode & MODES, mtime)

    def finish(self) -> None:
        """Set modes and times of the folders, the deepest first."""
        for parts, (mode, mtime) in sorted(self._modes.items(), key=lambda item: len(item[0]), reverse=True):
            with suppress(OSError):
                descriptor = self._folder(parts)
                os.utime(descriptor, (mtime, mtime))
                os.fchmod(descriptor, mode)
        self._modes.clear()

    def _folder(self, parts: Parts) -> int:
        """A descriptor of a folder below the root; it and those above are made where they are not there."""
        if not parts:
            return self._root
        known = self._open.get(parts)
        if known is not None:
            self._open.move_to_end(parts)
            return known
        parent = self._folder(parts[:-1])
        try:
            opened = os.open(parts[-1], _FOLDER | os.O_NOFOLLOW, dir_fd=parent)
        except FileNotFoundError:
            with suppress(FileExistsError):
                os.mkdir(parts[-1], 0o777, dir_fd=parent)
            opened = os.open(parts[-1], _FOLDER | os.O_NOFOLLOW, dir_fd=parent)
        self._open[parts] = opened
        while len(self._open) > KEPT_OPEN:
            # Never the one that was just asked for, nor (they are asked for after it) one above it.
            _, oldest = self._open.popitem(last=False)
            os.close(oldest)
        return opened

    # --- files -------------------------------------------------------------------------------------------------------

    def write_file(
        self, parts: Parts, content: Iterable[bytes], *, mode: int, mtime: float | None, overwrite: bool = True
    ) -> int:
        """A file under another name until it is whole; returns its size. Raises OSError; then nothing of it is left."""
        folder = self._folder(parts[:-1])
        with _temporary(folder) as name:
            descriptor = os.open(
                name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600, dir_fd=folder
            )
            try:
                size = _write(descriptor, content)
                os.fchmod(descriptor, mode & MODES)
                if mtime is not None:
                    os.utime(descriptor, (mtime, mtime))
            finally:
                os.close(descriptor)
            _put_in_place(folder, name, parts[-1], overwrite=overwrite)
        return size

    def make_link(self, parts: Parts, target: str, mtime: float) -> None:
        """A symbolic link; where it leads is nobody's business here, nothing follows it."""
        folder = self._folder(parts[:-1])
        with _temporary(folder) as name:
            os.symlink(target, name, dir_fd=folder)
            with suppress(OSError, NotImplementedError):
                os.utime(name, (mtime, mtime), dir_fd=folder, follow_symlinks=False)
            _put_in_place(folder, name, parts[-1], overwrite=True)

    def make_hard_link(self, parts: Parts, target: Parts) -> None:
        """Another name of a file that is in this folder already."""
        source = os.dup(self._folder(target[:-1]))  # the next call may close it
        try:
            folder = self._folder(parts[:-1])
            with _temporary(folder) as name:
                os.link(target[-1], name, src_dir_fd=source, dst_dir_fd=folder, follow_symlinks=False)
                _put_in_place(folder, name, parts[-1], overwrite=True)
        finally:
            os.close(source)


@contextmanager
def _temporary(folder: int) -> Iterator[str]:
    """A name that nobody has; what is still under it in the end is removed."""
    name = f".carrel-{secrets.token_hex(8)}"
    try:
        yield name
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=folder)


def _put_in_place(folder: int, name: str, wanted: str, *, overwrite: bool) -> None:
    if not overwrite:
        os.link(name, wanted, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        return
    try:
        os.rename(name, wanted, src_dir_fd=folder, dst_dir_fd=folder)
    except NotADirectoryError as error:  # pragma: no cover  some systems say so of a folder in the way
        raise IsADirectoryError(error.errno, "is a folder", wanted) from error


def _write(descriptor: int, content: Iterable[bytes]) -> int:
    """Write it; long runs of zeros become holes."""
    size = 0
    for data in content:
        view = memoryview(data)
        while view:
            piece = view[: len(_ZEROS)] if len(view) > len(_ZEROS) else view
            size += len(piece)
            view = view[len(piece) :]
            if len(piece) == len(_ZEROS) and piece == _ZEROS:
                os.lseek(descriptor, len(piece), os.SEEK_CUR)
            else:
                _write_all(descriptor, piece)
    os.ftruncate(descriptor, size)
    return size


def _write_all(descriptor: int, data: memoryview) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def is_folder(path: str) -> bool:
    """Whether there is a folder, links followed."""
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116
    except (OSError, ValueError):
        return False
