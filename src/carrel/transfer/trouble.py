"""What the operating system said about a file, as a problem."""

from __future__ import annotations

import errno
import os

from carrel.core.problems import Problem

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_KINDS = {
    errno.ENOENT: "no_such_file",
    errno.ENOTDIR: "no_such_file",
    errno.EACCES: "file_denied",
    errno.EPERM: "file_denied",
    errno.EROFS: "file_denied",
    errno.EEXIST: "file_exists",
    errno.ENOTEMPTY: "file_exists",
    errno.EISDIR: "file_exists",
}
SHOWN_CHARACTERS = 300


def problem_of(error: OSError, path: str) -> Problem:
    """The problem of an error with a file; `path` as the person knows it."""
    words = os.strerror(error.errno) if error.errno else str(error)
    if error.errno in FULL:
        hint = "Free space there and copy again; no half file was left."
        return Problem("no_space", f"{shown(path)}: {words}.", hint)
    if error.errno == errno.ELOOP:
        return Problem("file_denied", f"{shown(path)}: a link is in the way, and is not followed.", "Remove the link.")
    return Problem(_KINDS.get(error.errno or 0, "bad_value"), f"{shown(path)}: {words}.")


def shown(path: str) -> str:
    """A path for people: whatever its bytes are."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return text if len(text) <= SHOWN_CHARACTERS else f"...{text[-SHOWN_CHARACTERS:]}"
