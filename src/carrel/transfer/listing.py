"""What is in a folder."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import Any

from carrel.transfer.trouble import problem_of

_KINDS = ((stat.S_ISDIR, "folder"), (stat.S_ISREG, "file"), (stat.S_ISLNK, "link"))


def list_folder(path: str, limit: int) -> dict[str, Any]:
    """The entries of a folder by name, folders first; JSON-ready. Raises Problem `no_such_file`, `file_denied`."""
    found: list[dict[str, Any]] = []
    is_whole = True
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if len(found) >= limit:
                    is_whole = False
                    break
                with suppress(OSError):  # it is gone by now
                    found.append(_entry(entry))
        place = os.path.realpath(path)
    except OSError as error:
        raise problem_of(error, path) from error
    found.sort(key=lambda one: (one["kind"] != "folder" and one["target"] != "folder", one["name"]))
    return {"path": place, "items": found, "whole": is_whole}


def _entry(entry: os.DirEntry[str]) -> dict[str, Any]:
    status = entry.stat(follow_symlinks=False)
    kind = _kind(status.st_mode)
    target = ""
    if kind == "link":
        with suppress(OSError):
            target = _kind(entry.stat().st_mode)
    return {
        "name": entry.name,
        "kind": kind,
        "target": target,
        "size": status.st_size if kind == "file" else None,
        "modified": status.st_mtime,
        "mode": stat.S_IMODE(status.st_mode),
    }


def _kind(mode: int) -> str:
    return next((word for is_kind, word in _KINDS if is_kind(mode)), "other")
