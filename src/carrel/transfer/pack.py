"""Files and folders into a tar stream, read once, in order, without holding more than a piece of one in memory."""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from carrel.core.problems import Problem
from carrel.transfer.report import Report
from carrel.transfer.trouble import problem_of, shown

BLOCK = 512
CHUNK_BYTES = 1 << 20
CONTENTS = frozenset({"", ".", ".."})
"""Last segments of a path that mean what is in the folder."""


class Sink(Protocol):
    """Where the stream goes."""

    def write(self, data: bytes) -> None:
        """Take all of it; waits while it cannot."""


@dataclass(frozen=True)
class Entry:
    """A file, folder or link that was found."""

    path: str
    name: str
    """In the stream."""
    status: os.stat_result


def top_name(path: str) -> str:
    """What the top entry of a path is called in the stream; `.` stands for what is in a folder, without the folder."""
    name = path.rstrip("/").rpartition("/")[2]
    return "." if name in CONTENTS else name


def look(path: str, *, follow: bool) -> Entry:
    """The top entry of a path. A final link is followed where `follow` says so or a slash stands behind it.

    Raises:
        Problem: `no_such_file`, `file_denied`, `bad_value`.
    """
    through = follow or path.endswith("/") or top_name(path) == "."
    try:
        return Entry(path, top_name(path), os.stat(path) if through else os.lstat(path))  # noqa: PTH116
    except OSError as error:
        raise problem_of(error, path) from error
    except ValueError as error:
        raise Problem("bad_value", f"{shown(path)!r} is no path.") from error


def entries(top: Entry, report: Report) -> Iterator[Entry]:
    """The entry and all that is below it, folders before what is in them; links are not followed."""
    waiting = [top]
    while waiting:
        entry = waiting.pop()
        yield entry
        if not stat.S_ISDIR(entry.status.st_mode):
            continue
        try:
            with os.scandir(entry.path) as found:
                below = [Entry(one.path, f"{entry.name}/{one.name}", one.stat(follow_symlinks=False)) for one in found]
        except OSError as error:
            report.trouble(problem_of(error, entry.path))
            continue
        waiting += sorted(below, key=lambda one: one.name, reverse=True)


class Packer:
    """Writes a tar stream (PAX: any name, any size, times with fractions)."""

    def __init__(self, sink: Sink, report: Report) -> None:
        self._sink = sink
        self._report = report
        self._buffer = bytearray()

    def add(self, top: Entry) -> None:
        """An entry and all that is below it."""
        for entry in entries(top, self._report):
            self._add(entry)

    def add_text(self, name: str, text: str) -> None:
        """A file that is not on the disk."""
        data = text.encode("utf-8", "replace")
        info = tarfile.TarInfo(name)
        info.size = len(data)
        self._header(info)
        self._put(data + bytes(-len(data) % BLOCK))

    def end(self) -> None:
        """The two blocks that say that it is whole."""
        self._put(bytes(2 * BLOCK))
        self._flush()

    def _add(self, entry: Entry) -> None:
        status = entry.status
        info = tarfile.TarInfo(entry.name)
        info.mode = stat.S_IMODE(status.st_mode)
        info.mtime = _time(status)  # PAX has fractions of seconds
        if stat.S_ISREG(status.st_mode):
            self._add_file(entry, info)
        elif stat.S_ISDIR(status.st_mode):
            info.type = tarfile.DIRTYPE
            self._header(info)
        elif stat.S_ISLNK(status.st_mode):
            try:
                info.type, info.linkname = tarfile.SYMTYPE, os.readlink(entry.path)  # noqa: PTH115
            except OSError as error:
                self._report.trouble(problem_of(error, entry.path))
            else:
                self._header(info)
        else:
            detail = f"{shown(entry.path)} is no file, folder or link; it is left out."
            self._report.trouble(Problem("bad_value", detail, hint=""))

    def _add_file(self, entry: Entry, info: tarfile.TarInfo) -> None:
        try:
            descriptor = os.open(entry.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            self._report.trouble(problem_of(error, entry.path))
            return
        try:
            info.size = os.fstat(descriptor).st_size
            self._header(info)
            left = self._copy(descriptor, info.size)
        finally:
            os.close(descriptor)
        if left:
            detail = f"{shown(entry.path)} became shorter while it was read; its end is zeros."
            self._report.trouble(Problem("bad_value", detail, "Copy it again when nobody writes to it."))
            self._zeros(left)
        self._put(bytes(-info.size % BLOCK))
        self._report.files += 1

    def _copy(self, descriptor: int, size: int) -> int:
        """Returns how many bytes are missing."""
        while size:
            try:
                data = os.read(descriptor, min(size, CHUNK_BYTES))
            except OSError:
                return size
            if not data:
                return size
            size -= len(data)
            self._report.bytes += len(data)
            self._put(data)
        return 0

    def _zeros(self, size: int) -> None:
        while size:
            piece = min(size, CHUNK_BYTES)
            self._put(bytes(piece))
            size -= piece

    def _header(self, info: tarfile.TarInfo) -> None:
        self._put(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))

    def _put(self, data: bytes) -> None:
        if len(data) >= CHUNK_BYTES // 4:
            self._flush()
            self._sink.write(data)
            return
        self._buffer += data
        if len(self._buffer) >= CHUNK_BYTES // 4:
            self._flush()

    def _flush(self) -> None:
        if self._buffer:
            data, self._buffer = bytes(self._buffer), bytearray()
            self._sink.write(data)


def _time(status: os.stat_result) -> float | int:
    whole, rest = divmod(status.st_mtime_ns, 1_000_000_000)
    return status.st_mtime if rest else whole
