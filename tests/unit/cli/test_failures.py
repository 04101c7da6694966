"""How failures are told, and the status they exit with."""

from __future__ import annotations

import pytest

from carrel.cli.failures import EXIT_CODES, exit_code, report
from carrel.core.problems import PROBLEMS, Problem


@pytest.mark.parametrize("kind", PROBLEMS)
def test_every_problem_has_a_documented_status(kind: str) -> None:
    assert exit_code(Problem(kind)) in set(EXIT_CODES) - {0, 2}


@pytest.mark.parametrize(
    ("kind", "status"), [("not_found", 3), ("not_authenticated", 4), ("unavailable", 5), ("build_failed", 1)]
)
def test_the_status_says_what_kind_it_is(kind: str, status: int) -> None:
    assert exit_code(Problem(kind)) == status


def test_title_detail_hint(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem("name_taken", "blog is taken.\nThe\x1b[2J second line.", extra={"request_id": "abc"})
    assert report(problem) == 1
    assert capsys.readouterr().err.splitlines() == [
        "The name is taken: blog is taken.",
        "  The second line.",
        "hint: Choose another name, or delete the workspace that has it.",
        "request id: abc",
    ]
