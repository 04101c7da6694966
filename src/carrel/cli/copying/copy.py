"""One copy: out of a workspace, into one, or from one into another."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import IO

from carrel.cli.copying.channel import Transfer
from carrel.cli.copying.place import Copying, Place
from carrel.cli.copying.progress import CountedSink, CountedSource, Progress
from carrel.cli.server_address import ServerAddress
from carrel.core.problems import Problem
from carrel.transfer.pack import Entry, Packer, Sink, look, top_name
from carrel.transfer.report import Report
from carrel.transfer.tar_members import Source
from carrel.transfer.unpack import Wanted, unpack

CHUNK_BYTES = 256 * 1024


class Copy:
    """Carries out one copying."""

    def __init__(self, copying: Copying, server: ServerAddress, ids: Callable[[str], str], report: Report) -> None:
        """`ids` tells the id of a workspace by its name."""
        self._copying = copying
        self._server = server
        self._ids = ids
        self._report = report

    def run(self, *, follow: bool, quiet: bool) -> None:
        """Copy. Raises Problem; single files that cannot be copied are told by the report."""
        sources, destination = self._copying.sources, self._copying.destination
        progress = Progress(f"{sources[0]} -> {destination}", shown=not quiet)
        with ExitStack() as stack:
            stack.callback(progress.end)
            if destination.workspace:
                names = None if sources[0].is_stream else self._copying.names()
                reading = self._reading(sources, stack, progress, follow=follow) if sources[0].workspace else None
                opening: dict[str, object] = {"operation": "receive", "paths": [destination.path], "names": names}
                into = stack.enter_context(closing(self._transfer(destination, opening)))
                if reading is not None:
                    self._pass_on(reading, into, progress)
                    reading.finish()
                else:
                    self._send(sources, CountedSink(into, progress), progress, follow=follow)
                into.end()
                self._count(into)
                return
            reading = self._reading(sources, stack, progress, follow=follow)
            if destination.is_stream:
                self._pass_on(reading, _Stdout(), progress)
            else:
                unpack(CountedSource(reading, progress), Wanted(destination.path, self._copying.names()), self._report)
            reading.finish()

    def _transfer(self, place: Place, opening: dict[str, object]) -> Transfer:
        return Transfer(self._server, self._ids(place.workspace), opening, self._report)

    def _reading(self, sources: tuple[Place, ...], stack: ExitStack, progress: Progress, *, follow: bool) -> Transfer:
        """The stream out of a workspace, once it is known that there is one."""
        opening: dict[str, object] = {
            "operation": "send",
            "paths": [source.path for source in sources],
            "follow": follow,
        }
        reading = stack.enter_context(closing(self._transfer(sources[0], opening)))
        progress.total = reading.begin().get("size")
        return reading

    def _send(self, sources: tuple[Place, ...], sink: Sink, progress: Progress, *, follow: bool) -> None:
        """What is on this machine."""
        if sources[0].is_stream:
            stdin = _Stdin(sys.stdin.buffer)
            while data := stdin.read(CHUNK_BYTES):
                sink.write(data)
            return
        entries = [_look(source.path, follow=follow) for source in sources]
        if len(entries) == 1:
            progress.total = entries[0].status.st_size if top_name(sources[0].path) != "." else None
        packer = Packer(sink, self._report)
        for entry in entries:
            packer.add(entry)
        packer.end()

    def _pass_on(self, source: Source, sink: Sink, progress: Progress) -> None:
        while data := source.read(CHUNK_BYTES):
            sink.write(data)
            progress.add(len(data))

    def _count(self, into: Transfer) -> None:
        done = into.done or {}
        self._report.files = int(done.get("files", 0))
        self._report.bytes = int(done.get("bytes", 0))


def _look(path: str, *, follow: bool) -> Entry:
    """As `look`, in the words of this machine."""
    try:
        return look(path, follow=follow)
    except Problem as problem:
        if problem.kind != "no_such_file":
            raise
        hint = "This path is on this machine; NAME:PATH is in a workspace."
        raise Problem(problem.kind, problem.detail, hint) from problem


class _Stdout:
    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(1, view) :]


class _Stdin:
    def __init__(self, stream: IO[bytes]) -> None:
        if stream.isatty():
            raise Problem(
                "bad_value", "Standard input is a terminal.", "Pipe a tar stream into it: tar c . | carrel cp - NAME:"
            )
        self._descriptor = stream.fileno()

    def read(self, size: int) -> bytes:
        return os.read(self._descriptor, size)
