"""Reading a tar stream that anybody may have made: every size is bounded before it is believed.

The standard library's reader holds extended headers in memory whatever size they claim, and every member that it saw.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from carrel.core.problems import Problem

BLOCK = 512
CHUNK_BYTES = 1 << 20
LARGEST_HEADER_BYTES = 1 << 20
"""Of one extended header: a name has at most 4096 bytes, but other records may stand beside it."""
MOST_HEADERS = 16
"""Extended headers of one member."""
LATEST_TIME = 2.0**40
"""Seconds since 1970; file systems know no later ones."""
_RECORD = re.compile(rb"(\d{1,8}) ([^=\n]{1,256})=")


class Source(Protocol):
    """Where the stream comes from."""

    def read(self, size: int) -> bytes:
        """At least one byte and at most `size`; empty at the end."""


class Kind(Enum):
    """What a member is."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    HARD_LINK = "hard link"
    OTHER = "other"
    """Devices, pipes, forms that are not known: left out."""


_KINDS = {
    tarfile.REGTYPE: Kind.FILE,
    tarfile.AREGTYPE: Kind.FILE,
    tarfile.CONTTYPE: Kind.FILE,
    tarfile.DIRTYPE: Kind.FOLDER,
    tarfile.SYMTYPE: Kind.LINK,
    tarfile.LNKTYPE: Kind.HARD_LINK,
}


@dataclass(frozen=True)
class Member:
    """One entry of the stream."""

    name: str
    kind: Kind
    size: int = 0
    """Bytes of content that follow."""
    mode: int = 0o644
    mtime: float = 0.0
    target: str = ""
    """Of a link."""


class TarMembers:
    """Iterates over the members; the content of each is read with `content` before the next."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._left = 0
        """Bytes of content that were not read yet."""
        self._padding = 0

    def __iter__(self) -> Iterator[Member]:
        """The members in order.

        Raises:
            Problem: `bad_archive`: it is no tar stream, or its end is missing.
        """
        while (member := self._next()) is not None:
            yield member
            for _ in self.content():
                pass
        while self._source.read(CHUNK_BYTES):  # what stands after the end
            pass

    def content(self) -> Iterator[bytes]:
        """The content of the member that was given last, in pieces."""
        while self._left:
            data = self._source.read(min(self._left, CHUNK_BYTES))
            if not data:
                raise _truncated()
            self._left -= len(data)
            yield data
        padding, self._padding = self._padding, 0
        self._exactly(padding)

    def _next(self) -> Member | None:
        extended: dict[str, bytes] = {}
        for _ in range(MOST_HEADERS):
            block = self._exactly(BLOCK)
            if not block.strip(b"\0"):
                return None
            try:
                info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
            except (tarfile.HeaderError, ValueError) as error:
                raise Problem("bad_archive", "It is no tar stream, or it is damaged.") from error
            if info.type not in {tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.XGLTYPE, b"L", b"K"}:
                return self._member(info, extended)
            body = self._header_body(info.size)
            if info.type == tarfile.GNUTYPE_LONGNAME:
                extended["path"] = body.partition(b"\0")[0]
            elif info.type == tarfile.GNUTYPE_LONGLINK:
                extended["linkpath"] = body.partition(b"\0")[0]
            elif info.type != tarfile.XGLTYPE:
                extended |= _records(body)
        raise Problem("bad_archive", "A member has too many headers.")

    def _header_body(self, size: int) -> bytes:
        if not 0 <= size <= LARGEST_HEADER_BYTES:
            raise Problem("bad_archive", "A header is too large.")
        body = self._exactly(size)
        self._exactly(-size % BLOCK)
        return body

    def _member(self, info: tarfile.TarInfo, extended: dict[str, bytes]) -> Member:
        kind = _KINDS.get(info.type, Kind.OTHER)
        if any(key.startswith("GNU.sparse") for key in extended):
            kind = Kind.OTHER
        name = extended["path"].decode("utf-8", "surrogateescape") if "path" in extended else info.name
        target = extended["linkpath"].decode("utf-8", "surrogateescape") if "linkpath" in extended else info.linkname
        if kind is Kind.FILE and info.type == tarfile.AREGTYPE and name.endswith("/"):
            kind = Kind.FOLDER
        try:
            size = int(extended.get("size", info.size))
            mtime = float(extended.get("mtime", info.mtime))
        except ValueError as error:
            raise Problem("bad_archive", "A number in it is none.") from error
        if size < 0:
            raise Problem("bad_archive", "A size in it is negative.")
        mtime = mtime if 0 <= mtime < LATEST_TIME else 0.0
        has_content = kind in {Kind.FILE, Kind.OTHER}
        self._left = size if has_content else 0
        self._padding = -self._left % BLOCK
        return Member(name, kind, self._left, info.mode & 0o7777, mtime, target)

    def _exactly(self, size: int) -> bytes:
        pieces = []
        while size:
            data = self._source.read(size)
            if not data:
                raise _truncated()
            size -= len(data)
            pieces.append(data)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _truncated() -> Problem:
    return Problem("bad_archive", "It ends before its end: the other side stopped, or the connection was lost.")


def _records(body: bytes) -> dict[str, bytes]:
    """The records of a pax header: each is `LENGTH KEY=VALUE` and a newline."""
    found: dict[str, bytes] = {}
    position = 0
    while position < len(body) and body[position]:
        match = _RECORD.match(body, position)
        length = int(match[1]) if match else 0
        end = position + length
        if match is None or end > len(body) or end <= match.end() or body[end - 1 : end] != b"\n":
            raise Problem("bad_archive", "A header is malformed.")
        found[match[2].decode("utf-8", "replace")] = body[match.end() : end - 1]
        position = end
    return found
