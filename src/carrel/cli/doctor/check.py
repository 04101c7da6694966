"""What one check of the doctor's says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    """Something is slower, or will be missed later."""
    FAIL = "fail"
    """Workspaces cannot run."""


@dataclass(frozen=True)
class Check:
    """One line of the doctor's."""

    name: str
    level: Level
    detail: str
    hint: str = ""
    """What to do; empty where all is well."""


def ok(name: str, detail: str) -> Check:
    """All is well."""
    return Check(name, Level.OK, detail)


def warn(name: str, detail: str, hint: str) -> Check:
    """It works, but not as well as it could."""
    return Check(name, Level.WARN, detail, hint)


def fail(name: str, detail: str, hint: str) -> Check:
    """It does not work."""
    return Check(name, Level.FAIL, detail, hint)
