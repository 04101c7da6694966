"""Misfits of a file as people read them: with line and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from carrel.core.problems import Problem


@dataclass(frozen=True)
class Mark:
    """A place in a file, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Fault:
    """Something wrong in a file."""

    mark: Mark
    message: str

    def __str__(self) -> str:
        """As people read it."""
        return f"line {self.mark.line}, column {self.mark.column}: {self.message}"


def problem_of(faults: Sequence[Fault], file: str, reference: str = "workspace-yaml.md") -> Problem:
    """`bad_value`, with a line for each fault, in the order of the file."""
    ordered = sorted(faults, key=lambda fault: (fault.mark.line, fault.mark.column))
    places = [{"line": f.mark.line, "column": f.mark.column, "message": f.message} for f in ordered]
    detail = "\n".join([f"{file}, {ordered[0]}", *(f"{file}, {fault}" for fault in ordered[1:])])
    hint = f"docs/reference/{reference} lists all keys."
    return Problem("bad_value", detail, hint, {"faults": places})
