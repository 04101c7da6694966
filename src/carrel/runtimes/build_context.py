"""What belongs to a build context and what its content hash is; the same for volumes, folders and the fake.

Rules of .dockerignore: https://docs.docker.com/build/concepts/context/#dockerignore-files and moby/patternmatcher.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from typing import Literal

EntryKind = Literal["file", "folder", "link"]


class IgnoreRules:
    """The rules of one .dockerignore; the last one that matches a path or a folder above it decides."""

    def __init__(self, text: str) -> None:
        """Parse `text`; a rule that is no valid pattern matches nothing."""
        self._rules = [rule for line in text.removeprefix("\ufeff").splitlines() if (rule := _parse(line))]

    def excludes(self, path: str) -> bool:
        """Whether `path` (relative to the context, with `/`) stays out."""
        if not self._rules:
            return False
        prefixes = _prefixes(path)
        excluded = False
        for again, pattern in self._rules:
            if excluded != again:
                continue  # it could not change the outcome
            if any(pattern.fullmatch(prefix) for prefix in prefixes):
                excluded = not again
        return excluded

    @property
    def may_include_again(self) -> bool:
        """Whether something inside an excluded folder may belong to the context (`!` rules)."""
        return any(again for again, _ in self._rules)


def _prefixes(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


def _parse(line: str) -> tuple[bool, re.Pattern[str]] | None:
    if line.startswith("#"):
        return None
    text = line.strip()
    again = text.startswith("!")
    text = text.removeprefix("!").strip()
    if not text:
        return None
    cleaned = posixpath.normpath(text)
    cleaned = cleaned.lstrip("/") or "/"
    try:
        return again, re.compile(_regular_expression(cleaned), re.DOTALL)
    except re.error:
        return None


def _regular_expression(pattern: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(pattern):
        c = pattern[at]
        if pattern.startswith("**", at):
            at += 2
            if pattern.startswith("/", at):
                at += 1
                out.append("(?:.*/)?")
            else:
                out.append(".*")
            continue
        if c == "\\" and at + 1 < len(pattern):
            out.append(re.escape(pattern[at + 1]))
            at += 2
            continue
        if c == "[" and (end := pattern.find("]", at + 2)) > 0:
            inner = pattern[at + 1 : end]
            out.append("[" + inner.replace("[", "\\[") + "]")
            at = end + 1
            continue
        out.append({"*": "[^/]*", "?": "[^/]"}.get(c, re.escape(c)))
        at += 1
    return "".join(out)


class ContextDigest:
    """Content hash of a context: paths, kinds, execute bits and contents; not owners or times, in any order of adding."""

    def __init__(self) -> None:
        """Nothing added yet."""
        self._entries: list[str] = []

    def add(self, path: str, kind: EntryKind, content: str = "", *, executable: bool = False) -> None:
        """Add one entry; `content` is the SHA-256 (hex) of a file, or a link's target."""
        self._entries.append("\0".join((path, kind, "x" if executable else "-", content)))

    def hexdigest(self) -> str:
        """64 hex digits."""
        return hashlib.sha256("\n".join(sorted(self._entries)).encode(errors="surrogateescape")).hexdigest()
