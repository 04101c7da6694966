"""Puts files into a source where nothing is, or what is there is known; a program of throw-away containers as well.

The standard library and nothing else: as a program it runs on the toolbox's Python. stdin: one line of JSON, the order:
`root`, and `files`, each `path`, `content` (base64; null: it is to go), `replaces` (sha256 of what it may take the place
of; empty: of nothing), `executable`. stdout: one line of JSON, `kept`: the paths that were left as they are.

No link is ever followed, and each folder is opened from the one above it: whatever becomes a link meanwhile leads nowhere.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterable, Mapping
from typing import Any

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
PARTIAL = ".carrel-placing"


def place(root: str, files: Iterable[Mapping[str, Any]]) -> list[str]:
    """Place them below the folder `root`; returns the paths that were left as they are, because somebody else's is there.

    Raises OSError: it cannot be written. A repetition does what was left to do.
    """
    kept = []
    for file in files:
        *folders, name = file["path"].split("/")
        if any(part in {"", ".", "..", ".git"} for part in (*folders, name)):
            kept.append(file["path"])
            continue
        wanted = None if file["content"] is None else base64.b64decode(file["content"])
        folder = open_folder(root, folders, make=wanted is not None and not file["replaces"])
        try:
            if not settle(folder, name, wanted, file):
                kept.append(file["path"])
        finally:
            if folder is not None:
                os.close(folder)
    return kept


def open_folder(root: str, names: list[str], *, make: bool) -> int | None:
    """A folder below `root`, made where it is absent, with the owner of the one above it.

    None: it is absent, or a link or a file is on the way.
    """
    folder = os.open(root, FOLDER)
    for name in names:
        try:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, 0o755, dir_fd=folder)
                    like_its_folder(folder, name)
            below = os.open(name, FOLDER, dir_fd=folder)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno in {40, 20}:  # ELOOP, ENOTDIR: a link
                return None
            raise
        finally:
            os.close(folder)
        folder = below
    return folder


def like_its_folder(folder: int, name: str) -> None:
    """Give a new entry to the owner of its folder."""
    owner = os.fstat(folder)
    if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(name, owner.st_uid, owner.st_gid, dir_fd=folder, follow_symlinks=False)


def settle(folder: int | None, name: str, wanted: bytes | None, file: Mapping[str, Any]) -> bool:
    """Bring one file about; whether it is as it was wanted."""
    found = None if folder is None else status_of(folder, name)
    if found is None:
        if wanted is None:
            return True
        if folder is None or file["replaces"]:  # a link on the way; or somebody removed it
            return False
        write(folder, name, wanted, executable=file["executable"], before=None)
        return True
    if folder is None or not stat.S_ISREG(found.st_mode):
        return False
    now = digest_of(folder, name)
    if wanted is not None and now == hashlib.sha256(wanted).hexdigest():
        return True
    if now != file["replaces"]:
        return False
    if wanted is None:
        os.unlink(name, dir_fd=folder)
    else:
        write(folder, name, wanted, executable=file["executable"], before=found)
    return True


def status_of(folder: int, name: str) -> os.stat_result | None:
    """What is there, links not followed; None: nothing."""
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def digest_of(folder: int, name: str) -> str:
    """sha256 of a regular file; empty where it became something else."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return ""
    with os.fdopen(descriptor, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(folder: int, name: str, content: bytes, *, executable: bool, before: os.stat_result | None) -> None:
    """Write a file, in one rename, with the owner of its folder, or owner and mode of the one before."""
    partial = f"{PARTIAL}-{os.getpid()}"
    mode = stat.S_IMODE(before.st_mode) & 0o777 if before else 0o644
    with contextlib.suppress(FileNotFoundError):
        os.unlink(partial, dir_fd=folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(partial, flags, 0o600, dir_fd=folder), "wb") as file:
            file.write(content)
            owner = before or os.fstat(folder)
            if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            os.fchmod(file.fileno(), mode | (0o111 if executable else 0))
        os.rename(partial, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(partial, dir_fd=folder)
        raise


def main() -> None:
    """Do what the order says."""
    order: dict[str, Any] = json.loads(sys.stdin.readline())
    try:
        answer: dict[str, Any] = {"kept": place(order["root"], order["files"])}
    except OSError as error:
        kind = "no_space" if error.errno in {28, 122} else "engine_error"
        answer = {"problem": kind, "detail": f"writing the files of the template: {error}"}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.exit("problem" in answer)


if __name__ == "__main__":
    main()
