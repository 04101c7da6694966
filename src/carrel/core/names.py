"""Names that people give: checked at the door, case-folded, safe as a DNS label."""

from __future__ import annotations

import re

from carrel.core.problems import Problem

MAX_NAME_LENGTH = 40
_NAME = re.compile(r"[a-z]([a-z0-9]|-(?!-))*")
_RESERVED = frozenset({"localhost", "www", "api", "carrel", "static", "login"})


def check_name(text: str, *, what: str = "workspace") -> str:
    """`text` case-folded, if it is usable as the name of a `what`.

    A name has 1 to 40 characters: letters, digits and single hyphens, starting with a letter and not ending with a
    hyphen. `--` separates the parts of host names, so no name contains it (design.md section 5).

    Raises:
        Problem: `bad_name`, saying what is wrong and a name that would do.
    """
    name = text.casefold() if text.isascii() else ""  # U+212A is a Kelvin, and no k
    if len(name) <= MAX_NAME_LENGTH and _NAME.fullmatch(name) and not name.endswith("-") and name not in _RESERVED:
        return name
    suggestion = suggest_name(text)
    raise Problem(
        "bad_name",
        f"{text[:80]!r} cannot be the name of a {what}.",
        hint=f"Try {suggestion!r}: 1 to 40 letters, digits and single hyphens, starting with a letter.",
    )


def suggest_name(text: str) -> str:
    """The nearest usable name: what a repository's or folder's name becomes."""
    name = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
    name = re.sub(r"^[0-9-]+", "", name)[:MAX_NAME_LENGTH].strip("-")
    return name if name and name not in _RESERVED else "workspace"


def name_from_source(url_or_path: str) -> str:
    """The name for a workspace of a repository or folder: its last path component without `.git`."""
    last = url_or_path.rstrip("/").replace("\\", "/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    return suggest_name(last.removesuffix(".git"))
