"""What is said of a template on the command line: options, answers, and what of it an existing workspace lacks."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
import typer
from tests.unit.cli.long_forms.workspaces import workspace

from carrel.cli.template_choice import (
    TemplateChoice,
    ask_for_parameters,
    check_same_template,
    parse_choice,
    parse_parameters,
    shown_value,
)
from carrel.cli.upgrade import hint_of, said_of, template_of
from carrel.client.documents import TemplateOfWorkspace, Workspace
from carrel.client.templates import Template, TemplateParameter
from carrel.core.problems import Problem

MEMBERS: dict[str, Any] = {"title": "", "description": "", "choices": [], "pattern": "", "mutable": False}
NUMBER = {"minimum": None, "maximum": None, "whole": False}


def made_of(version: int = 2, newest: int = 2, update: str = "on_demand", **parameters: object) -> Workspace:
    template = TemplateOfWorkspace(
        name="web",
        project="",
        version=version,
        newest=newest,
        update_available=version < newest,
        update=update,
        withdrawn=False,
    )
    use = {"name": "web", "version": str(version), "parameters": parameters}
    return workspace(template=template, definition={"template": use})


def asking(*parameters: dict[str, Any]) -> Template:
    known = {**MEMBERS, **NUMBER, "default": None}
    members: dict[str, Any] = {
        "name": "web",
        "parameters": [TemplateParameter.model_validate({**known, **one}) for one in parameters],
    }
    return Template.model_construct(**members)


def test_a_choice_is_made_of_options() -> None:
    choice = parse_choice("web@3", "", ["python=3.12", "text=a=b", "empty="], "large")
    assert choice == TemplateChoice("web", "3", {"python": "3.12", "text": "a=b", "empty": ""}, "large")
    assert choice.creation() == {
        "name": "web",
        "version": "3",
        "parameters": {"python": "3.12", "text": "a=b", "empty": ""},
        "size": "large",
    }
    assert parse_choice("", "", None, "") is None


@pytest.mark.parametrize("words", [["python"], ["=3"]], ids=["no value", "no name"])
def test_a_parameter_without_a_name_or_a_value_is_refused(words: list[str]) -> None:
    with pytest.raises(Problem, match="there is no value"):
        parse_parameters(words)


@pytest.mark.parametrize(("parameters", "size"), [(["a=1"], ""), (None, "large")], ids=["parameter", "size"])
def test_what_is_a_templates_needs_one(parameters: list[str] | None, size: str) -> None:
    with pytest.raises(Problem, match="those of a template"):
        parse_choice("", "", parameters, size)


def test_an_existing_workspace_is_told_only_what_differs() -> None:
    found = made_of(version=2, newest=3, python="3.12", gpus=1.0, debug=True)
    assert TemplateChoice("web").change(found) == {}
    assert TemplateChoice("web", parameters={"python": "3.12", "gpus": "1", "debug": "true"}).change(found) == {}
    other = TemplateChoice("web", parameters={"python": "3.13", "gpus": "1"}).change(found)
    assert other == {"name": "web", "version": "2", "parameters": {"python": "3.13"}}
    assert TemplateChoice("web", "3").change(found) == {"name": "web", "version": "3", "parameters": {}}


def test_a_workspace_stays_one_of_its_template() -> None:
    check_same_template(made_of(), TemplateChoice("web"))
    with pytest.raises(Problem, match="paper was made of the template web, not of data"):
        check_same_template(made_of(), TemplateChoice("data"))
    with pytest.raises(Problem, match="paper was made without a template, not of data"):
        check_same_template(workspace(), TemplateChoice("data"))


def test_a_person_is_asked_until_the_answer_will_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("many\n9\n\n3\n"))
    cores = {"name": "cores", "type": "number", "title": "How many", "minimum": 1, "maximum": 4, "description": "Of it"}
    template = asking(cores, {"name": "known", "type": "string"}, {"name": "free", "type": "string", "default": "x"})
    assert ask_for_parameters(template, {"known": "1"}) == {"known": "1", "cores": "3"}
    told = capsys.readouterr()
    assert told.out == "", "the result's alone"
    question = "  How many (at least 1, at most 4): "
    said = ("it should be a number, not 'many'", "9 is too large; the most is 4", "It has to be said.")
    lines = "".join(f"{question}  {sentence}\n" for sentence in said)
    assert told.err == f"The template web wants to know:\n  Of it\n{lines}{question}"


@pytest.mark.parametrize(
    ("parameter", "question"),
    [
        ({"name": "a", "type": "choice", "choices": ["x", "y"]}, "  a (x, y): "),
        ({"name": "a", "type": "boolean"}, "  a (true or false): "),
        ({"name": "a", "type": "string"}, "  a: "),
        ({"name": "a", "type": "of a newer server"}, "  a: "),
    ],
    ids=["choice", "boolean", "string", "newer"],
)
def test_a_question_says_what_may_be_answered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], parameter: dict[str, Any], question: str
) -> None:
    answer = "true" if parameter["type"] == "boolean" else "x"
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{answer}\n"))
    assert ask_for_parameters(asking(parameter), {}) == {"a": answer}
    assert capsys.readouterr().err.endswith(question)


def test_who_ends_the_input_ends_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(typer.Abort):
        ask_for_parameters(asking({"name": "a", "type": "string"}), {})


def test_nobody_is_asked_what_is_known_already(capsys: pytest.CaptureFixture[str]) -> None:
    template = asking({"name": "a", "type": "string"}, {"name": "b", "type": "string"})
    assert ask_for_parameters(template, {"a": "1"}, {"b": "2"}) == {"a": "1"}
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (2.0, "2"), (0.5, "0.5"), ("a b", "a b")], ids=str)
def test_values_are_shown_as_they_are_typed(value: object, text: str) -> None:
    assert shown_value(value) == text


def test_a_newer_version_is_named_with_the_way_to_it() -> None:
    assert hint_of(workspace()) == ""
    assert hint_of(made_of(3, 3)) == ""
    assert "version 3 of its template web is there, and it has 2: `carrel upgrade paper`" in hint_of(made_of(2, 3))
    assert "is taken at its next start" in hint_of(made_of(2, 3, "at_start"))


def test_what_became_of_an_upgrade_is_said() -> None:
    running = made_of(3, 3).model_copy(update={"phase": "running"})
    assert said_of(made_of(2, 3), running) == "paper has version 3 of the template web now (it had 2)."
    stopped = made_of(3, 3).model_copy(update={"phase": "stopped"})
    assert said_of(made_of(2, 3), stopped).endswith("it takes effect at the next start.")
    assert said_of(made_of(3, 3), made_of(3, 3)).endswith("version 3 of the template web already; the newest.")
    assert said_of(made_of(2, 3), made_of(2, 3)).endswith("already; the newest is 3.")
    assert "were changed" in said_of(made_of(3, 3, a="1"), made_of(3, 3, a="2"))


def test_a_workspace_of_no_template_has_none_to_take() -> None:
    with pytest.raises(Problem, match="paper was made from no template"):
        template_of(workspace())
