"""The program behind the subsystem `carrel-files`: run as the remote user, its rights are those of the file system.

Standard error has one JSON object a line: `begin`, then any number of `trouble`, at last `done` or `problem`.
"""

from __future__ import annotations

import json
import os
import signal
import stat
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from carrel.core.files import FilesRequest, Form, Operation
from carrel.core.problems import Problem
from carrel.core.records import load
from carrel.transfer.listing import list_folder
from carrel.transfer.pack import Entry, Packer, look
from carrel.transfer.report import Report
from carrel.transfer.tree import Tree
from carrel.transfer.trouble import problem_of, shown
from carrel.transfer.unpack import Wanted, unpack
from carrel.transfer.zip_stream import write_zip

CHUNK_BYTES = 1 << 20
FRAME_HEAD = struct.Struct(">I")
LARGEST_FRAME_BYTES = 4 << 20
LEFT_OUT = "COULD NOT BE READ.txt"
"""A file at the end of a download, where a part of it is missing: a browser shows nothing else of it."""


def files_command(request: str) -> tuple[str, ...]:
    """The argv of this program for a request."""
    return (sys.executable, "-I", "-m", "carrel.agent.files", request)


class _Input:
    """Standard input."""

    def read(self, size: int) -> bytes:
        return os.read(0, size)


class _Output:
    """Standard output."""

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(1, view) :]


def tell(kind: str, document: Any) -> None:
    """One line on standard error."""
    os.write(2, json.dumps({kind: document}, separators=(",", ":")).encode() + b"\n")


def perform(request: FilesRequest) -> Report:
    """Do it. Raises Problem."""
    report = Report(lambda problem: tell("trouble", problem.document()))
    paths = [expanded(path) for path in request.paths]
    if request.operation is Operation.LIST:
        _Output().write(json.dumps(list_folder(paths[0], request.limit)).encode())
    elif request.operation is Operation.SEND:
        _send(request, [look(path, follow=request.follow) for path in paths], report)
    elif request.form is Form.FILE:
        _receive_file(request, paths[0], report)
    else:
        tell("begin", {})
        unpack(_Input(), Wanted(paths[0], request.names), report)
    return report


def _send(request: FilesRequest, entries: list[Entry], report: Report) -> None:
    first = entries[0]
    is_file = stat.S_ISREG(first.status.st_mode)
    if request.plain and is_file and len(entries) == 1:
        _send_file(first, report)
        return
    size = first.status.st_size if is_file and len(entries) == 1 else None
    tell("begin", {"name": first.name, "folder": stat.S_ISDIR(first.status.st_mode), "size": size})
    if request.form is Form.ZIP:
        write_zip(entries, _Output(), report, LEFT_OUT)
        return
    packer = Packer(_Output(), report)
    for entry in entries:
        packer.add(entry)
    packer.end()


def _send_file(entry: Entry, report: Report) -> None:
    try:
        descriptor = os.open(entry.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise problem_of(error, entry.path) from error
    size = os.fstat(descriptor).st_size
    tell("begin", {"name": entry.name, "plain": True, "size": size, "modified": entry.status.st_mtime})
    output = _Output()
    while report.bytes < size:
        data = os.read(descriptor, min(CHUNK_BYTES, size - report.bytes))
        if not data:
            raise Problem("bad_value", f"{shown(entry.path)} became shorter while it was read.")
        output.write(data)
        report.bytes += len(data)
    report.files = 1


def _receive_file(request: FilesRequest, path: str, report: Report) -> None:
    """Standard input into one file, which appears when it is whole."""
    above, _, name = path.rpartition("/")
    if name in {"", ".", ".."}:
        raise Problem("bad_value", f"{shown(path)!r} is no name of a file.")
    folder = above or ("/" if path.startswith("/") else ".")
    try:
        if request.parents:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103
        tree = Tree(folder)
    except OSError as error:
        raise problem_of(error, folder) from error
    try:
        mode = _mode_now(path)
        if mode is not None and not request.overwrite:
            raise Problem("file_exists", f"{shown(path)}.")
        _check_space(folder, request.size)
        tell("begin", {})
        report.bytes = tree.write_file((name,), _frames(), mode=mode or 0o644, mtime=None, overwrite=request.overwrite)
        report.files = 1
    except OSError as error:
        raise problem_of(error, path) from error
    finally:
        tree.close()


def _mode_now(path: str) -> int | None:
    """Permissions of what is there, which a new content keeps; None: nothing is there."""
    try:
        status = Path(path).lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(status.st_mode):
        raise Problem("file_exists", f"{shown(path)} is a folder.", "Choose another name.")
    return stat.S_IMODE(status.st_mode) if stat.S_ISREG(status.st_mode) else 0o644


def _check_space(folder: str, size: int | None) -> None:
    """Refuse at once what cannot fit. Raises Problem `no_space`."""
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    if size is not None and size > free:
        raise Problem("no_space", f"It has {size} bytes, and {free} are free there.", "Free space there.")


def _frames() -> Iterator[bytes]:
    """Pieces of the content on standard input, each after its length in four bytes; one of no length is the end.

    An input that merely stops is an upload that broke off, and is never taken for a whole one.
    """
    while size := FRAME_HEAD.unpack(_exactly(FRAME_HEAD.size))[0]:
        if size > LARGEST_FRAME_BYTES:
            raise Problem("bad_value", "The content is not in frames.")
        yield _exactly(size)


def _exactly(size: int) -> bytes:
    pieces = []
    while size:
        data = os.read(0, size)
        if not data:
            raise Problem("bad_value", "The upload broke off.", "Send it again: nothing of it was kept.")
        size -= len(data)
        pieces.append(data)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _end(_number: int, _frame: object) -> None:
    """A signal ends the program in order: what is half written is removed."""
    raise SystemExit(1)


def expanded(path: str) -> str:
    """`~` and `~/...` are below the home; an empty path is the workspace folder."""
    if path == "~" or path.startswith("~/"):
        return os.environ.get("HOME", "/") + path[1:]
    return path or "."


def main() -> int:
    """Serve the one request of the command line; returns the exit status."""
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    try:
        report = perform(load(FilesRequest, json.loads(sys.argv[1])))
    except Problem as problem:
        tell("problem", problem.document())
        return 1
    except BrokenPipeError:  # who asked is gone
        return 1
    except OSError as error:
        tell("problem", problem_of(error, "").document())
        return 1
    except ValueError as error:
        tell("problem", Problem("bad_value", f"{error}.").document())
        return 1
    tell("done", {"files": report.files, "bytes": report.bytes, "troubles": report.troubles})
    return 0


if __name__ == "__main__":
    sys.exit(main())
