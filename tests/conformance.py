"""Which items of the Dev Containers conformance list have a test: `python -m tests.conformance` prints the table.

The list numbers what the specification and its reference implementation do, C001 to C466. A test says which it proves with
`@pytest.mark.conformance("C001")`; the marks are read from the source, without running anything.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
_LEVELS = {
    "u": """
        001-035 039-073 084-093 096-098 103-131 142-144 177-179 182-183 186 188 204-206 208-239 256-284 326-333
        369-370 403 406-408 412-413 415 429 431-446
    """,
    "r": """
        285 295-325 334-340 430
    """,
    "e": """
        036-038 074 076-083 094-095 099-102 132-141 145-176 180-181 184-185 187 189-203 240-255 286-294 341-350
        352-368 371-402 404-405 409-411 414 416-420 423-428 447-451
    """,
    "k": """
        075 207 351 421-422 452-466
    """,
}
"""What an item's proof needs: u nothing, r a registry, e a Docker Engine, k Kubernetes."""
PROVED_NOW = ("u", "r", "e")
"""Level k comes with the Kubernetes runtime."""
MISSING = """
    067 102 451
"""
"""Items of these levels without a test; this list only ever gets shorter. 067, a linked worktree's common folder, is an option
that Carrel does not have; 102 and 451 are about containers that somebody else made, which Carrel does not take over."""


def items() -> dict[str, str]:
    """Number -> level."""
    return {number: level for level, text in _LEVELS.items() for number in _numbers(text)}


def missing_by_name() -> set[str]:
    """What `MISSING` says."""
    return set(_numbers(MISSING))


def marked() -> dict[str, set[str]]:
    """Number -> files with a test that carries it."""
    result: dict[str, set[str]] = {}
    for path in sorted(TESTS.rglob("*.py")):
        for number in _marks(ast.parse(path.read_text())):
            result.setdefault(number, set()).add(str(path.relative_to(TESTS)))
    return result


def without_test() -> list[str]:
    """Numbers of the levels to be proved now that no test carries."""
    have = marked()
    return [number for number, level in sorted(items().items()) if level in PROVED_NOW and number not in have]


def _marks(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.conformance":
            for argument in node.args:
                yield str(ast.literal_eval(argument))


def _numbers(text: str) -> Iterator[str]:
    for part in text.split():
        first, _, last = part.partition("-")
        for number in range(int(first), int(last or first) + 1):
            yield f"C{number:03}"


if __name__ == "__main__":
    have = marked()
    for level in _LEVELS:
        numbers = [number for number, one in sorted(items().items()) if one == level]
        absent = [number for number in numbers if number not in have]
        sys.stdout.write(
            f"{level}: {len(numbers) - len(absent)} of {len(numbers)}; without a test: {' '.join(absent) or 'none'}\n"
        )
    sys.stdout.write(
        f"to be taken off MISSING: {' '.join(sorted(missing_by_name() - set(without_test()))) or 'none'}\n"
    )
