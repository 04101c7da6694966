"""The tar that is put into the primary container before each start. Pure."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """A file of the archive, or a folder where `content` is None."""

    path: str
    """Absolute."""
    content: bytes | None = None
    mode: int = 0o644
    owner: tuple[int, int] = (0, 0)


def archive(entries: list[Entry]) -> bytes:
    """A tar that is extracted at the root folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for entry in entries:
            member = tarfile.TarInfo(entry.path.lstrip("/"))
            member.mode = entry.mode
            member.uid, member.gid = entry.owner
            if entry.content is None:
                member.type = tarfile.DIRTYPE
                tar.addfile(member)
            else:
                member.size = len(entry.content)
                tar.addfile(member, io.BytesIO(entry.content))
    return buffer.getvalue()


def boot_entries(folder: str, files: Mapping[str, bytes]) -> list[Entry]:
    """The boot folder, open to root only, and its files."""
    inside = [Entry(f"{folder}/{name}", content, 0o600) for name, content in files.items()]
    return [Entry(folder, mode=0o700), *inside]


def certificate_entries(path: str, bundle: bytes | None) -> list[Entry]:
    """The organisation's certificates, where every user can read them."""
    if not bundle:
        return []
    return [Entry(path.rsplit("/", 1)[0], mode=0o755), Entry(path, bundle)]
