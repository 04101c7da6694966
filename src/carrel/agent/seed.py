"""`python -m carrel.agent.seed IMAGE_HOME VOLUME_HOME`: brings what a new image has in the home into the home volume.

Runs as root in a throw-away container of the new image. What the volume lacks is added; what it has unmodified since the
last seeding is brought up to date; what a person changed or deleted stays so. Standard library only.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

MANIFEST = ".carrel/seed.json"
"""In the volume: what was seeded, to tell it from what people did."""
CHUNK = 1 << 20


@dataclass(frozen=True)
class Entry:
    """What one path was when it was seeded."""

    kind: str
    """`folder`, `file` or `link`."""
    mode: int
    size: int = 0
    mtime_ns: int = 0
    content: str = ""
    """SHA-256 of a file, target of a link."""


@dataclass
class Tally:
    """What was done."""

    added: int = 0
    updated: int = 0
    kept: int = 0
    """Changed or deleted by a person."""


def seed(image: Path, volume: Path) -> Tally:
    """Bring `image` into `volume`. Raises OSError; what was done until then is remembered."""
    manifest = _read_manifest(volume)
    tally = Tally()
    try:
        for path, found in _walk(image):
            _bring(path, found, image, volume, manifest, tally)
    finally:
        _write_manifest(volume, manifest)
    return tally


def _walk(image: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Folders, files and links under `image`, parents first, on its own file system."""
    device = image.lstat().st_dev
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        with os.scandir(image / folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                path = f"{folder}/{entry.name}" if folder else entry.name
                found = entry.stat(follow_symlinks=False)
                if path == MANIFEST.partition("/")[0] or found.st_dev != device:
                    continue
                if stat.S_ISDIR(found.st_mode):
                    waiting.append(path)
                if stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode):
                    yield path, found


def _bring(
    path: str, found: os.stat_result, image: Path, volume: Path, manifest: dict[str, Entry], tally: Tally
) -> None:
    source, target = image / path, volume / path
    if not _has_real_parents(volume, path):
        tally.kept += 1
        return
    known = manifest.get(path)
    try:
        present = target.lstat()
    except FileNotFoundError:
        if known is not None:
            tally.kept += 1
            return
        manifest[path] = _copy(source, found, target)
        tally.added += 1
        return
    entry = describe(source, found)
    current = describe(target, present, known)
    if current.kind == entry.kind and current.content == entry.content:
        manifest[path] = current
    elif known is not None and current.kind == known.kind == entry.kind and current.content == known.content:
        manifest[path] = _copy(source, found, target)
        tally.updated += 1
    else:
        tally.kept += 1


def _has_real_parents(volume: Path, path: str) -> bool:
    """Whether every folder above `path` is there and is no link: a person may have moved one elsewhere."""
    folder = volume
    for part in path.split("/")[:-1]:
        folder /= part
        try:
            if not stat.S_ISDIR(folder.lstat().st_mode):
                return False
        except FileNotFoundError:
            return False
    return True


def describe(path: Path, found: os.stat_result, known: Entry | None = None) -> Entry:
    """What `path` is; a file of the known size and time is taken to have the known content."""
    mode = stat.S_IMODE(found.st_mode)
    if stat.S_ISDIR(found.st_mode):
        return Entry("folder", mode)
    if stat.S_ISLNK(found.st_mode):
        return Entry("link", 0, content=str(path.readlink()))
    if not stat.S_ISREG(found.st_mode):
        return Entry("other", mode)
    same = known is not None and (known.size, known.mtime_ns) == (found.st_size, found.st_mtime_ns)
    content = known.content if known is not None and same else _digest(path)
    return Entry("file", mode, found.st_size, found.st_mtime_ns, content)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(source: Path, found: os.stat_result, target: Path) -> Entry:
    """Put `source` in the place of `target`, whole or not at all, with owner, mode and times."""
    if stat.S_ISDIR(found.st_mode):
        target.mkdir()
        _own(target, found)
        target.chmod(stat.S_IMODE(found.st_mode))
        return describe(target, target.lstat())
    temporary = target.with_name(f".{target.name[:200]}.carrel-seed")
    temporary.unlink(missing_ok=True)
    try:
        if stat.S_ISLNK(found.st_mode):
            temporary.symlink_to(source.readlink())
            _own(temporary, found)
        else:
            _copy_content(source, temporary)
            _own(temporary, found)
            temporary.chmod(stat.S_IMODE(found.st_mode))
            os.utime(temporary, ns=(found.st_atime_ns, found.st_mtime_ns))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return describe(target, target.lstat())


def _copy_content(source: Path, target: Path) -> None:
    with source.open("rb") as reader, target.open("xb") as writer:
        while piece := reader.read(CHUNK):
            writer.write(piece)


def _own(path: Path, found: os.stat_result) -> None:
    if os.geteuid() == 0:
        os.chown(path, found.st_uid, found.st_gid, follow_symlinks=False)


def _read_manifest(volume: Path) -> dict[str, Entry]:
    try:
        text = (volume / MANIFEST).read_text()
        return {path: Entry(**entry) for path, entry in json.loads(text).items()}
    except (OSError, ValueError, TypeError):
        return {}


def _write_manifest(volume: Path, manifest: Mapping[str, Entry]) -> None:
    path = volume / MANIFEST
    path.parent.mkdir(mode=0o755, exist_ok=True)
    temporary = path.with_suffix(".new")
    content: dict[str, Any] = {name: asdict(entry) for name, entry in sorted(manifest.items())}
    temporary.write_text(json.dumps(content, indent=0))
    temporary.replace(path)
    for made in (path.parent, path):
        _own(made, volume.lstat())


def main(argv: list[str]) -> int:
    """Seed, and say what was done."""
    if len(argv) != 2:
        print(__doc__, file=sys.stderr)  # noqa: T201  a program of its own
        return 2
    try:
        tally = seed(Path(argv[0]), Path(argv[1]))
    except OSError as error:
        print(f"seed: {error}", file=sys.stderr)  # noqa: T201
        return 1
    print(f"home: {tally.added} added, {tally.updated} updated, {tally.kept} left as they were")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
