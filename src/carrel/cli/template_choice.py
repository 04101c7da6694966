"""What a person says of a template when a workspace is made of it: options of the command line, and answers."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import typer

from carrel.cli.output import clean, note
from carrel.core.problems import Problem

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Workspace
    from carrel.client.templates import Template, TemplateParameter

ParameterOptions = list[str] | None
PARAMETER_HELP = "A parameter of the template; may be repeated."


@dataclass(frozen=True)
class TemplateChoice:
    """Which template, and with what."""

    name: str
    version: str = ""
    """Empty: the newest."""
    parameters: dict[str, str] = field(default_factory=dict)
    size: str = ""

    def creation(self) -> dict[str, Any]:
        """The member of a request that makes a workspace."""
        size = {"size": self.size} if self.size else {}
        return {"name": self.name, "version": self.version, "parameters": dict(self.parameters), **size}

    def change(self, found: Workspace) -> dict[str, Any]:
        """The member of an update: only what differs; empty: nothing does. What was not said stays as it is."""
        kept = (found.definition or {}).get("template") or {}
        before = {name: shown_value(value) for name, value in kept.get("parameters", {}).items()}
        parameters = {name: value for name, value in self.parameters.items() if before.get(name) != value}
        present = str(found.template.version) if found.template else ""
        version = self.version or present
        size = {"size": self.size} if self.size and self.size != kept.get("size") else {}
        if not parameters and not size and version == present:
            return {}
        return {"name": self.name, "version": version, "parameters": parameters, **size}


def check_same_template(found: Workspace, choice: TemplateChoice) -> None:
    """Raise `bad_value` for a workspace that was made of another template, or of none: it stays what it is."""
    if found.template is None or found.template.name != choice.name:
        of = f"of the template {found.template.name}" if found.template else "without a template"
        hint = "Make a new one with --name."
        raise Problem("bad_value", f"{found.name} was made {of}, not of {choice.name}.", hint)


def parse_choice(name: str, version: str, options: ParameterOptions, size: str) -> TemplateChoice | None:
    """The choice; None: no template. `NAME@VERSION` is as a workspace.yaml has it. Raises `bad_value`."""
    if not name:
        if version or options or size:
            raise Problem("bad_value", "A parameter, a version and --size are those of a template.", "Give --template.")
        return None
    plain, _, after = name.partition("@")
    return TemplateChoice(plain, version or after, parse_parameters(options), size)


def parse_parameters(options: ParameterOptions) -> dict[str, str]:
    """Values by name, of `NAME=VALUE`. Raises `bad_value`."""
    found: dict[str, str] = {}
    for option in options or ():
        name, equals, value = option.partition("=")
        if not equals or not name:
            raise Problem("bad_value", f"--parameter {option}: there is no value.", "Write NAME=VALUE.")
        found[name] = value
    return found


def shown_value(value: object) -> str:
    """A value as it would be typed."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.15g}" if isinstance(value, int | float) else str(value)


def may_ask() -> bool:
    """Whether somebody can answer: what a template wants to know is no question that may be left out."""
    return sys.stdin.isatty()


async def find_template(client: Client, name: str, project: str = "", version: str = "") -> Template:
    """The template of the project where a workspace would be made, else everybody's. Raises `not_found`."""
    if project:
        return await client.templates.get(name, project, version)
    preferences = await client.preferences()
    project = preferences.project or str((await client.server()).settings.get("default_project") or "")
    try:
        return await client.templates.get(name, project, version)
    except Problem as problem:
        if problem.kind != "not_found" or not project:
            raise
    return await client.templates.get(name, "", version)  # one may not know the project, and see everybody's


def ask_for_parameters(
    template: Template, known: dict[str, str], before: dict[str, object] | None = None
) -> dict[str, str]:
    """`known` with what the person answers for parameters that have no default, and none in `before`."""
    wanted = [
        one
        for one in template.parameters
        if one.default is None and one.name not in known and one.name not in (before or {})
    ]
    if not wanted:
        return known
    note(f"The template {clean(template.name)} wants to know:")
    return known | {one.name: _ask(one) for one in wanted}


def _ask(parameter: TemplateParameter) -> str:
    if parameter.description:
        note(f"  {clean(parameter.description)}")
    question = f"  {clean(parameter.title or parameter.name)}{_range(parameter)}"
    while True:
        # Not typer's prompt: it writes a space to stdout, which is the result's.
        print(f"{question}: ", end="", file=sys.stderr, flush=True)
        answer = sys.stdin.readline()
        if not answer:
            raise typer.Abort
        fault = _fault(parameter, answer.strip()) if answer.strip() else "It has to be said."
        if not fault:
            return answer.strip()
        note(f"  {clean(fault)}")


def _range(parameter: TemplateParameter) -> str:
    """What may be answered, in brackets."""
    if parameter.type == "choice":
        return f" ({', '.join(clean(one) for one in parameter.choices)})"
    if parameter.type == "boolean":
        return " (true or false)"
    least, most = parameter.minimum, parameter.maximum
    bounds = [f"at least {least:g}" if least is not None else "", f"at most {most:g}" if most is not None else ""]
    said = ", ".join(part for part in bounds if part)
    return f" ({said})" if said else ""


def _fault(parameter: TemplateParameter, answer: str) -> str:
    """Why the answer will not do; empty: it will. What a newer server has besides is for the server to say."""
    from carrel.core.template import Parameter, ParameterType  # noqa: PLC0415  only where somebody is asked
    from carrel.templates.parameters import accepted  # noqa: PLC0415

    if parameter.type not in set(ParameterType):
        return ""
    plain = Parameter(
        parameter.name,
        ParameterType(parameter.type),
        choices=tuple(parameter.choices),
        minimum=parameter.minimum,
        maximum=parameter.maximum,
        whole=parameter.whole,
        pattern=parameter.pattern,
    )
    try:
        accepted(plain, answer)
    except ValueError as error:
        return str(error)
    return ""
