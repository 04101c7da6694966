"""Files and folders as a zip stream, for people whose browser unpacks nothing else."""

from __future__ import annotations

import os
import stat
import time
import zipfile
from collections.abc import Iterable
from typing import IO, cast

from carrel.core.problems import Problem
from carrel.transfer.pack import Entry, Sink, entries
from carrel.transfer.report import Report
from carrel.transfer.trouble import problem_of

CHUNK_BYTES = 1 << 20
FASTEST = 1


class _Stream:
    """As much of a file as the zip writer asks for; it cannot be sought in."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._buffer = bytearray()

    def write(self, data: bytes) -> int:
        self._buffer += data
        if len(self._buffer) >= CHUNK_BYTES // 4:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if self._buffer:
            data, self._buffer = bytes(self._buffer), bytearray()
            self._sink.write(data)


def write_zip(tops: Iterable[Entry], sink: Sink, report: Report, left_out: str) -> None:
    """Write them; what could not be read is listed in a file of the name `left_out` at the end."""
    stream = _Stream(sink)
    missing: list[str] = []
    tell = report.tell

    def note(problem: Problem) -> None:
        missing.append(problem.detail)
        tell(problem)

    report.tell = note
    with zipfile.ZipFile(
        cast("IO[bytes]", stream), "w", zipfile.ZIP_DEFLATED, compresslevel=FASTEST, strict_timestamps=False
    ) as archive:
        for top in tops:
            for entry in entries(top, report):
                _add(archive, entry, report)
        if missing:
            archive.writestr(left_out, "\n".join(missing) + "\n")
    stream.flush()


def _add(archive: zipfile.ZipFile, entry: Entry, report: Report) -> None:
    mode = entry.status.st_mode
    name = os.fsencode(entry.name).decode("utf-8", "replace").replace("\0", "").removeprefix("./")
    if name == ".":
        return
    when = time.localtime(max(entry.status.st_mtime, 0))[:6]
    info = zipfile.ZipInfo(f"{name}/" if stat.S_ISDIR(mode) else name, max(when, (1980, 1, 1, 0, 0, 0)))
    info.external_attr = mode << 16 | (0x10 if stat.S_ISDIR(mode) else 0)
    info.compress_type = zipfile.ZIP_DEFLATED
    try:
        if stat.S_ISREG(mode):
            _add_file(archive, info, entry, report)
        elif stat.S_ISDIR(mode):
            archive.writestr(info, b"")
        elif stat.S_ISLNK(mode):
            archive.writestr(info, os.fsencode(os.readlink(entry.path)))  # noqa: PTH115
        else:
            report.trouble(Problem("bad_value", f"{entry.name} is no file, folder or link; it is left out.", hint=""))
    except OSError as error:
        report.trouble(problem_of(error, entry.path))


def _add_file(archive: zipfile.ZipFile, info: zipfile.ZipInfo, entry: Entry, report: Report) -> None:
    descriptor = os.open(entry.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb", buffering=0) as file, archive.open(info, "w", force_zip64=True) as into:
        while data := file.read(CHUNK_BYTES):
            into.write(data)
            report.bytes += len(data)
    report.files += 1
