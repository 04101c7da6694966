"""Merges what an image has in its home folder into the home volume; runs in a throw-away container of that image.

stdin: one line of JSON, the order: `home` (the image's folder), `volume` (where the home volume is mounted), `image` (id),
`previous` (path to description, of the last seed). stdout: one line of JSON with the counts. The user's changes win: a
file is added where it is absent and was not seeded before, and renewed where it is as the last seed left it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MANIFEST = ".carrel-seed.json"


def describe(path: Path) -> str:
    """What is there: `d`, `l:<target>`, `f:<sha256>`; empty for nothing and for what is never seeded."""
    try:
        status = path.lstat()
    except OSError:
        return ""
    if stat.S_ISLNK(status.st_mode):
        return f"l:{path.readlink()}"
    if stat.S_ISDIR(status.st_mode):
        return "d"
    if stat.S_ISREG(status.st_mode):
        with path.open("rb") as file:
            return f"f:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    return ""


def walk(folder: Path, prefix: str = "") -> Iterator[tuple[str, Path]]:
    """Everything below `folder`, parents first; links are not followed."""
    for entry in sorted(folder.iterdir()):
        path = f"{prefix}{entry.name}"
        yield path, entry
        if entry.is_dir() and not entry.is_symlink():
            yield from walk(entry, f"{path}/")


def copy(source: Path, target: Path) -> None:
    """Copy one entry with owner, mode and times; a file appears at once and whole."""
    status = source.lstat()
    if stat.S_ISDIR(status.st_mode):
        target.mkdir(exist_ok=True)
    else:
        new = target.with_name(f"{target.name}.carrel-new")
        new.unlink(missing_ok=True)
        shutil.copy2(source, new, follow_symlinks=False)
        os.chown(new, status.st_uid, status.st_gid, follow_symlinks=False)
        if not stat.S_ISLNK(status.st_mode):
            new.chmod(stat.S_IMODE(status.st_mode))
        new.replace(target)
        return
    os.chown(target, status.st_uid, status.st_gid)
    target.chmod(stat.S_IMODE(status.st_mode))


def merge(home: Path, volume: Path, previous: dict[str, str]) -> tuple[dict[str, str], dict[str, int]]:
    """Merge; returns the descriptions of what was seeded, and counts."""
    seeded, counts = dict(previous), {"added": 0, "renewed": 0, "kept": 0}
    closed: set[str] = set()
    for path, source in walk(home) if home.is_dir() and not home.is_symlink() else ():
        wanted = describe(source)
        parent = path.rpartition("/")[0]
        if not wanted or path == MANIFEST:
            continue
        target = volume / path
        before, now = previous.get(path, ""), describe(target)
        seeded[path] = wanted
        if parent in closed:
            closed.add(path)
        elif not now and not before:
            copy(source, target)
            counts["added"] += 1
        elif now == wanted:
            continue
        elif now and now == before and now != "d" and wanted != "d":
            copy(source, target)
            counts["renewed"] += 1
        else:
            counts["kept"] += 1
            closed.add(path)  # a folder that the user deleted, or replaced by something else
    return seeded, counts


def main() -> None:
    """Do what the order says."""
    order: dict[str, Any] = json.loads(sys.stdin.readline())
    volume = Path(order["volume"])
    try:
        seeded, counts = merge(Path(order["home"]), volume, order["previous"])
        new = volume / f"{MANIFEST}.new"
        new.unlink(missing_ok=True)
        new.write_text(json.dumps({"image": order["image"], "files": seeded}))
        new.replace(volume / MANIFEST)
    except OSError as error:
        kind = "no_space" if error.errno in {28, 122} else "engine_error"
        sys.stdout.write(json.dumps({"problem": kind, "detail": f"seeding the home folder: {error}"}) + "\n")
        sys.exit(1)
    sys.stdout.write(json.dumps(counts) + "\n")


if __name__ == "__main__":
    main()
