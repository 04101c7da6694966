"""Problems say what to do; who comes too often is told when it is worth coming again."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from carrel.core import problems
from carrel.core.problems import too_many_requests

SOURCES = Path(problems.__file__).parents[1]


@pytest.mark.parametrize(("wait", "seconds"), [(0.0, 1), (-5.0, 1), (0.2, 1), (1.0, 1), (59.01, 60)])
def test_who_comes_too_often_waits_whole_seconds_that_are_enough(wait: float, seconds: int) -> None:
    document = too_many_requests("Too often.", wait).document()
    assert (document["status"], document["retry_after"], document["hint"]) == (
        429,
        seconds,
        f"Try again in {seconds} s.",
    )


def test_nobody_is_sent_away_without_being_told_for_how_long() -> None:
    for file in sorted(SOURCES.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if "too_many_requests" not in text or file == Path(problems.__file__):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Problem":
                said = [one.value for one in node.args[:1] if isinstance(one, ast.Constant)]
                assert said != ["too_many_requests"], f"{file.name}:{node.lineno}: core.problems.too_many_requests"
