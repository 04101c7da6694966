"""Unpacking a feature's archive into memory, safely: nothing that leaves the folder, bounded in files, bytes and ratio."""

from __future__ import annotations

import io
import posixpath
import tarfile
import zlib
from dataclasses import dataclass

from carrel.core.problems import Problem


@dataclass(frozen=True)
class ArchiveLimits:
    """Ceilings of one archive."""

    files: int = 5000
    bytes: int = 64 * 2**20
    """Of all content, unpacked."""
    ratio: int = 200
    """Unpacked to packed size."""


_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Packed:
    """A file of an archive."""

    content: bytes
    executable: bool = False


def unpack(content: bytes, name: str, limits: ArchiveLimits | None = None) -> dict[str, bytes]:
    """Files of an archive by relative path; see `unpack_files`."""
    return {path: file.content for path, file in unpack_files(content, name, limits).items()}


def unpack_files(content: bytes, name: str, limits: ArchiveLimits | None = None) -> dict[str, Packed]:
    """Files of a plain or gzip-compressed tar (C298, C299) by relative path. Links inside the archive become copies.

    Raises:
        Problem: `feature_failed`, it is no archive, is too large, or has an entry that is absolute, has `..`,
            is a device, is setuid, or links outside.
    """
    limits = limits or ArchiveLimits()
    plain = _decompress(content, name, limits)
    try:
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
            return _read(archive, name, limits)
    except (tarfile.TarError, EOFError, ValueError, OSError, OverflowError, RecursionError) as error:
        raise _refused(name, f"it is not a readable tar archive ({type(error).__name__})") from error


def _refused(name: str, why: str) -> Problem:
    hint = "Tell its publisher; a feature or template is a small archive of plain files."
    return Problem("feature_failed", f"The archive of {name} is refused: {why}.", hint=hint, extra={"feature": name})


def _decompress(content: bytes, name: str, limits: ArchiveLimits) -> bytes:
    if not content.startswith(_GZIP):
        return content
    ceiling = min(limits.bytes + limits.files * 1024, max(len(content), 4096) * limits.ratio)
    stream = zlib.decompressobj(wbits=31)
    try:
        plain = stream.decompress(content, ceiling)
    except zlib.error as error:
        raise _refused(name, "its compression is damaged") from error
    if stream.unconsumed_tail:
        raise _refused(name, f"it unpacks to more than {ceiling} bytes")
    return plain


def _read(archive: tarfile.TarFile, name: str, limits: ArchiveLimits) -> dict[str, Packed]:
    files: dict[str, Packed] = {}
    total = 0
    count = 0
    for member in archive:
        count += 1
        path = _path(member.name, name)
        if count > limits.files:
            raise _refused(name, f"it has more than {limits.files} entries")
        if member.size < 0:
            raise _refused(name, f"{member.name!r} has a negative size")
        if member.mode & 0o6000:
            raise _refused(name, f"{member.name!r} is setuid or setgid")
        if member.isdir():
            continue
        if member.issym() or member.islnk():
            files[path] = _linked(member, path, name, files)
        elif member.isreg():
            if member.size > limits.bytes - total:
                raise _refused(name, f"its content is larger than {limits.bytes} bytes")
            source = archive.extractfile(member)
            files[path] = Packed(source.read() if source else b"", bool(member.mode & 0o100))
        else:
            raise _refused(name, f"{member.name!r} is a device or another special file")
        total += len(files[path].content)
        if total > limits.bytes:
            raise _refused(name, f"its content is larger than {limits.bytes} bytes")
    return files


def _path(written: str, name: str) -> str:
    if written.startswith("/") or "\\" in written or "\x00" in written or ".." in written.split("/"):
        raise _refused(name, f"the path {written[:100]!r} leaves the folder")
    return posixpath.normpath(written)


def _linked(member: tarfile.TarInfo, path: str, name: str, files: dict[str, Packed]) -> Packed:
    start = posixpath.dirname(path) if member.issym() else ""
    target = posixpath.normpath(posixpath.join(start, member.linkname))
    if member.linkname.startswith("/") or target.startswith("../") or target == "..":
        raise _refused(name, f"the link {member.name!r} leaves the folder")
    if target not in files:
        raise _refused(name, f"the link {member.name!r} points to nothing that precedes it")
    return files[target]
