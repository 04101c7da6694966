"""Where in a workspace.yaml is what the server refuses: its rules (policies, ceilings, the catalog) are known only there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from carrel.core.problems import Problem
from carrel.definition.misfits import Path as Place
from carrel.definition.problem import Fault
from carrel.definition.yaml_tree import UnreadableError, read_tree

SIZES = {"cpus": "cpu", "memory": "mem", "memory_bytes": "mem", "gpus": "gpu"}
"""Sizes as limits and the API call them, to what a file calls them."""
_NAMED: tuple[tuple[re.Pattern[str], Place], ...] = (
    (re.compile("ttl_seconds: "), ("ttl_seconds",)),
    (re.compile("accelerator: "), ("accelerator",)),
    (re.compile(r"schedule(\.\w+)?: "), ("schedule",)),
    (re.compile("There is no project "), ("project",)),
    (re.compile(r"There is no template |The template \S+ (has no version|was withdrawn)"), ("template",)),
    (re.compile("Parameters of the template: "), ("parameters",)),
)
"""How a refusal begins that is about a key."""


@contextmanager
def at_their_place(file: Path) -> Iterator[None]:
    """Refusals in here are told with their place in the file, where they have one."""
    try:
        yield
    except Problem as problem:
        if (found := placed(problem, file)) is problem:
            raise
        raise found from problem


def placed(problem: Problem, file: Path) -> Problem:
    """The problem with line and column, where it is about a key that the file has; else as it is."""
    place = _place(problem)
    if place is None:
        return problem
    try:
        tree = read_tree(file.read_bytes())
    except (OSError, UnreadableError):  # it was read a moment ago
        return problem
    if place[:1] not in tree.marks:
        return problem
    fault = Fault(tree.mark(place), problem.detail)
    found = {"line": fault.mark.line, "column": fault.mark.column, "message": problem.detail}
    return replace(problem, detail=f"{file}, {fault}", extra=problem.extra | {"faults": [found]})


def _place(problem: Problem) -> Place | None:
    if problem.kind == "over_quota" and problem.extra.get("level") == "workspace":
        return ("resources", SIZES.get(str(problem.extra.get("limit")), ""))
    if size := re.match(r"limits\.(\w+): ", problem.detail):
        return ("resources", SIZES.get(size[1], ""))
    return next((place for pattern, place in _NAMED if pattern.match(problem.detail)), None)
