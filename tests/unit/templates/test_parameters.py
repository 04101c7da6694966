"""Values of parameters: what people may say, may change, and keep when the template changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrel.core.problems import Problem
from carrel.core.template import Parameter, ParameterType, Template, Value
from carrel.definition.misfits import Misfit
from carrel.definition.scalars import Scalar, plain
from carrel.templates.fill import filled
from carrel.templates.parameters import changed, moved, values_of

BLOG = Template(
    "blog",
    parameters=(
        Parameter("python", ParameterType.CHOICE, default="3.11", choices=("3.10", "3.11"), mutable=True),
        Parameter("cpus", ParameterType.NUMBER, default=2, minimum=1, maximum=4, whole=True),
        Parameter("share", ParameterType.NUMBER, default=0.5),
        Parameter("debug", ParameterType.BOOLEAN, default=False),
        Parameter("branch", pattern="[a-z]+", description="of the repository"),
    ),
)


def refused(template: Template, given: dict[str, object]) -> str:
    with pytest.raises(Problem) as caught:
        values_of(template, given)
    assert caught.value.kind == "bad_value"
    return caught.value.detail


def test_what_is_not_said_has_its_default() -> None:
    expected = {"python": "3.11", "cpus": 2, "share": 0.5, "debug": False, "branch": "main"}
    assert values_of(BLOG, {"branch": "main"}) == expected


def test_values_are_taken_as_they_are_typed_on_a_command_line() -> None:
    given = {"python": "3.10", "cpus": "3", "share": "1e-1", "debug": "TRUE", "branch": "x"}
    assert values_of(BLOG, given) == {"python": "3.10", "cpus": 3, "share": 0.1, "debug": True, "branch": "x"}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("python", "3.1", "'3.1' is none of its choices (did you mean '3.11'?): 3.10, 3.11"),
        ("cpus", 0, "0 is too small; the least is 1"),
        ("cpus", 5, "5 is too large; the most is 4"),
        ("cpus", 1.5, "it should be a whole number, not 1.5"),
        ("cpus", "many", "it should be a number, not 'many'"),
        ("cpus", True, "it should be a number, not true or false"),
        ("share", "nan", "it should be a number, not 'nan'"),
        ("share", 1e16, "it is no number that can be counted with"),
        ("debug", 1, "it should be true or false, not a number"),
        ("branch", "Main", "'Main' does not match [a-z]+"),
        ("branch", "a\nb", "one line"),
        ("branch", None, "'branch': it is missing (of the repository)"),
        ("brnch", "x", "'brnch': the template has no such parameter (did you mean 'branch'?)"),
    ],
)
def test_what_does_not_fit_is_told_with_what_would_do(name: str, value: object, told: str) -> None:
    assert told in refused(BLOG, {"branch": "main", name: value})


def test_all_that_is_wrong_is_told_at_once() -> None:
    detail = refused(BLOG, {"cpus": 9, "other": 1})
    assert [word in detail for word in ("'cpus'", "'other'", "'branch'")] == [True] * 3


def test_a_value_that_is_mutable_is_changed_and_one_that_is_not_stays() -> None:
    before = values_of(BLOG, {"branch": "main"})
    assert changed(BLOG, before, {"python": "3.10", "cpus": 2})["python"] == "3.10"
    with pytest.raises(Problem, match="stay as they were when it was made: cpus, branch"):
        changed(BLOG, before, {"cpus": 3, "branch": "next"})


def test_another_version_keeps_what_fits_also_as_another_type() -> None:
    before = values_of(BLOG, {"branch": "main", "cpus": 3, "python": "3.10"})
    newer = Template(
        "blog",
        parameters=(
            Parameter("python", ParameterType.CHOICE, default="3.12", choices=("3.11", "3.12")),
            Parameter("cpus"),
            Parameter("debug", ParameterType.NUMBER, default=7),
            Parameter("fresh", default="new"),
        ),
    )
    assert moved(newer, before) == {"python": "3.12", "cpus": "3", "debug": 7, "fresh": "new"}


def test_another_version_that_asks_for_more_waits_for_a_person() -> None:
    with pytest.raises(Problem, match="'token': it is missing"):
        moved(Template("blog", parameters=(Parameter("token"),)), {"cpus": 3})


def test_places_are_filled_with_text_and_whole_ones_with_the_value_itself() -> None:
    values: dict[str, Value] = {"n": 3, "share": 0.5, "on": True, "text": "a"}
    value = {
        "a": "${parameters.n}",
        "b": ["x${parameters.text}-${parameters.share}"],
        "c": "${ parameters.on }",
        "d": 4,
    }
    assert plain(filled(value, values)) == {"a": 3, "b": ["xa-0.5"], "c": True, "d": 4}
    assert filled("${parameters.n}", values) == Scalar("3", 3)


def test_a_doubled_dollar_is_no_place() -> None:
    assert filled("$${parameters.n} ${parameters.n} $$ $HOME", {"n": 1}) == "${parameters.n} 1 $$ $HOME"


def test_a_place_that_names_nothing_is_told_where_it_is() -> None:
    with pytest.raises(Misfit) as caught:
        filled({"env": ["", "${parameters.x}"]}, {"y": "z"})
    assert caught.value.path == ("env", 1)


@given(st.text(alphabet="${}parmets.x ", max_size=30))
def test_what_a_value_holds_is_never_looked_at_again(text: str) -> None:
    assert filled("<${parameters.x}>", {"x": text, "parameters": "!"}) == f"<{text}>"
