"""Paths inside a source: normalised, and never outside it, whatever links say."""

from __future__ import annotations

import posixpath

from carrel.core.problems import Problem

MAX_FILE_BYTES = 8 * 1024 * 1024
MAX_LINKS = 40


def clean(path: str) -> str:
    """`path` relative to the source's root, without `.` and `..`; the root is the empty string.

    Raises:
        Problem: `refused_by_policy`: the path leads out of the source.
    """
    if "\0" in path:
        raise Problem("refused_by_policy", "A path has a zero byte in it.")
    normal = posixpath.normpath(path or ".")
    if normal == ".." or normal.startswith(("/", "../")):
        raise outside(path)
    return "" if normal == "." else normal


def follow(link: str, target: str) -> str:
    """Where the symbolic link at `link` (cleaned) leads, relative to the root.

    Raises:
        Problem: `refused_by_policy`: to an absolute path, or out of the source.
    """
    if target.startswith("/"):
        raise outside(link)
    return clean(posixpath.join(posixpath.dirname(link), target))


def outside(path: str) -> Problem:
    """The problem of a path or link that leaves the source."""
    return Problem(
        "refused_by_policy", f"{path[:200]!r} leads out of the source.", hint="Use a path inside the repository."
    )


def too_large(path: str) -> Problem:
    """The problem of a file that is too large to be a configuration file."""
    return Problem("too_large", f"{path[:200]!r} is larger than {MAX_FILE_BYTES // 1024 // 1024} MiB.")
