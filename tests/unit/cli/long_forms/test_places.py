"""What the server refuses of a workspace.yaml is told with its line and column."""

from __future__ import annotations

from pathlib import Path

import pytest

from carrel.cli.long_forms.places import placed
from carrel.core.accelerators import check_accelerator
from carrel.core.problems import Problem
from carrel.core.quota import Ceilings, check_limits
from carrel.core.spec import Limits

TEXT = """\
name: paper
project: web
template: shop
parameters:
  team: blue
resources:
  cpu: "2"
  mem: 4Gi
accelerator: nvidia-tesla-t5
ttl_seconds: 60
schedule: {start: "08:00", time_zone: UTC}
"""
PLACES = {
    "ttl_seconds: 60 is too short; the installation's floor is 300.": (10, 14),
    "accelerator: there is no 'nvidia-tesla-t5'.": (9, 14),
    "schedule: neither a start nor a stop.": (11, 11),
    "limits.memory_bytes: 1 is not possible; the least is 1.67772e+07.": (8, 8),
    "There is no project 'web'.": (2, 10),
    "There is no template 'shop'.": (3, 11),
    "The template shop has no version '9'.": (3, 11),
    "Parameters of the template: 'team': it should be text.": (5, 3),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that nothing is wrong with but what a server knows."""
    path = tmp_path / "workspace.yaml"
    path.write_text(TEXT)
    return path


@pytest.mark.parametrize("detail", PLACES)
def test_a_refusal_that_names_a_key_is_told_with_its_place(file: Path, detail: str) -> None:
    line, column = PLACES[detail]
    found = placed(Problem("bad_value", detail, "A hint."), file)
    assert found.detail == f"{file}, line {line}, column {column}: {detail}"
    assert (found.kind, found.hint) == ("bad_value", "A hint.")
    assert found.extra["faults"] == [{"line": line, "column": column, "message": detail}]


def test_what_the_server_says_of_an_accelerator_and_a_ceiling_has_a_place(file: Path) -> None:
    with pytest.raises(Problem) as caught:
        check_accelerator("nvidia-tesla-t5")
    assert "line 9, column 14: accelerator: there is no" in placed(caught.value, file).detail
    with pytest.raises(Problem) as caught:
        check_limits(Limits(cpus=2.0), Ceilings(cpus=1.0))
    found = placed(caught.value, file)
    assert "line 7, column 8: The limit 'cpus': 2 asked for, at most 1 for one workspace" in found.detail
    assert found.extra["ceiling"] == 1.0


@pytest.mark.parametrize(
    "problem",
    [
        Problem("name_taken", "You already have a workspace 'paper'."),
        Problem("bad_value", "description: one line."),
        Problem("over_quota", "The limit 'running' of the user ana.", extra={"limit": "running", "level": "user"}),
    ],
    ids=["name", "key-that-is-not-there", "others-count"],
)
def test_what_is_about_no_key_of_the_file_stays_as_it_is(file: Path, problem: Problem) -> None:
    assert placed(problem, file) is problem


def test_a_key_that_the_file_does_not_have_is_not_placed(tmp_path: Path) -> None:
    file = tmp_path / "workspace.yaml"
    file.write_text("name: paper\n")
    problem = Problem("bad_value", "ttl_seconds: 60 is too short.")
    assert placed(problem, file) is problem
    assert placed(problem, tmp_path / "gone.yaml") is problem
