"""Small texts that ask for much time or memory: read or refused at once, by the process that serves everybody."""

from __future__ import annotations

import pytest

from carrel.core.problems import Problem
from carrel.devcontainer.build_policy import judge_dockerfile
from carrel.devcontainer.compose.document import parse
from carrel.devcontainer.compose.dotenv import parse_env
from carrel.devcontainer.compose.interpolation import BadTemplateError, interpolate
from carrel.devcontainer.configuration import BuildSettings
from carrel.devcontainer.dockerfile import KnownValues, base_image, parse_dockerfile
from carrel.devcontainer.dockerfile_values import values_of
from carrel.devcontainer.jsonc import parse_object
from carrel.devcontainer.policy import Policy
from carrel.devcontainer.variables import substitute

MANY = 200_000
"""What is quadratic takes minutes with it, and the test's time limit ends it."""
pytestmark = pytest.mark.timeout(20)


@pytest.mark.parametrize("text", ["${" * MANY, "}" + "${" * MANY, "${\n" * MANY + "}", "${a}" * MANY])
def test_references_are_read_in_one_pass(text: str) -> None:
    assert substitute(text, lambda whole, _name, _arguments: whole) == text


@pytest.mark.parametrize("lines", ["\n" * MANY, " " * MANY, "# x\n" * MANY, "RUN a\n" * 50_000])
def test_dockerfiles_are_read_in_one_pass(lines: str) -> None:
    assert len(parse_dockerfile(f"FROM x\n{lines}").stages) == 1


def test_variables_that_hold_each_other_twice_fill_no_memory() -> None:
    doubled = "".join(f"ARG A{one + 1}=$A{one}$A{one}\n" for one in range(40))
    text = f"ARG A0=xxxxxxxxxx\n{doubled}FROM $A40\n"
    assert len(base_image(parse_dockerfile(text), KnownValues())) < 20_000
    with pytest.raises(Problem, match="cannot be known"):
        judge_dockerfile(text, BuildSettings("Dockerfile", "."), values_of(text, {}), Policy())
    doubled = "".join(f"A{one + 1}=$A{one}$A{one}\n" for one in range(40))
    with pytest.raises(ValueError, match=r"\.env:\d+: .*longer than"):
        parse_env(f"A0=xxxxxxxxxx\n{doubled}", {}, ".env")
    with pytest.raises(BadTemplateError, match="longer than"):
        interpolate("$A" * 1000, {"A": "x" * 10_000})


def test_what_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(BadTemplateError, match="nested too deeply"):
        interpolate("${A:-" * MANY + "}" * MANY, {})


def test_anchors_that_repeat_a_long_text_are_refused() -> None:
    text = f"x-a: &a {'y' * 100_000}\nx-b: [{', '.join(['*a'] * 1000)}]\n"
    with pytest.raises(Problem, match="more values than are allowed"):
        parse(text.encode(), "compose.yml")


def test_stages_and_continued_lines_have_an_end() -> None:
    with pytest.raises(Problem, match="stages"):
        parse_dockerfile("FROM x\n" * 1000)
    text = "FROM x\n" + "RUN a \\\n" * 50_000
    with pytest.raises(Problem, match="too long"):
        judge_dockerfile(text, BuildSettings("Dockerfile", "."), values_of(text, {}), Policy())


def test_values_without_end_are_not_kept_with_their_places() -> None:
    text = '{"a": ' + "[" * 90 + "0," * 400_000 + "]" * 90 + "}"
    with pytest.raises(Problem, match="more than 50000 values"):
        parse_object(text)
