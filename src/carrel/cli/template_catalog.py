"""`carrel template push`, `list`, `show`, `delete`: the catalog of the server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Output
from carrel.cli.output import Format, clean, note, paint, print_facts, print_json, print_table
from carrel.cli.quantities import format_moment, format_size
from carrel.cli.template_choice import find_template, shown_value
from carrel.core.problems import Problem

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.templates import Template, TemplateItem, TemplateParameter, TemplateSize

EVERYBODY = "everybody"
"""In the place of a project's name, for people."""
TemplateName = Annotated[str, typer.Argument(metavar="TEMPLATE", help="The template's name.")]
Project = Annotated[str, typer.Option("--project", metavar="P", help="Whose it is; without it, everybody's.")]


def push(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder with a template.yaml.")],
    project: Project = "",
) -> None:
    """Put a template into the catalog of the server; a change of it is a new version."""
    from carrel.templates.folder import files_of, read_template_folder  # noqa: PLC0415  what only this command needs

    files = files_of(folder)
    found = read_template_folder(files, str(folder))
    for notice in found.notices:
        note(f"warning: {clean(notice)}")
    name = found.template.name

    async def use(client: Client) -> tuple[int, Template]:
        before = next((one.version for one in await client.templates.list() if _is(one, name, project)), 0)
        return before, await client.templates.push(name, files, project)

    before, made = call(use)
    if made.version == before:
        note(f"{name} is in the catalog as it is here: version {made.version}.")
        return
    note(f"{name} is in the catalog of {project or EVERYBODY}: version {made.version}.")
    if before and made.workspaces:
        note(f"Workspaces of it: {made.workspaces}. {_how_they_follow(made)}")
    elif not before:
        note(f"`carrel up --template {name}` makes a workspace of it.")


def _is(one: TemplateItem, name: str, project: str) -> bool:
    return (one.name, one.project) == (name, project)


def _how_they_follow(template: Template) -> str:
    if template.update == "at_start":
        return "They take it at their next start."
    return "`carrel upgrade NAME` has one take it."


def list_templates(
    project: Annotated[
        str, typer.Option("--project", metavar="P", help="Those for this project: its own, and everybody's.")
    ] = "",
    output: Output = Format.TABLE,
) -> None:
    """List the templates that you may see."""
    found = call(lambda client: client.templates.list(project))
    if output is Format.JSON:
        print_json(found)
        return
    if not found:
        note("The catalog is empty. `carrel template push FOLDER` puts a template there.")
        return
    rows = [(one.name, one.project or EVERYBODY, str(one.version), _state(one), _line(one)) for one in found]
    print_table(("NAME", "PROJECT", "VERSION", "STATE", "TITLE"), rows, {"STATE": _style})
    for one in found:
        if one.problem:
            note(f"warning: {one.name}: {clean(one.problem)}")


def _state(template: TemplateItem) -> str:
    return "withdrawn" if template.withdrawn else "has a problem" if template.problem else "ready"


def _style(state: str) -> str:
    return {"ready": "green", "withdrawn": "dim"}.get(state, "yellow")


def _line(template: TemplateItem) -> str:
    return " ".join(part for part in (template.icon, template.title or template.description) if part)


def show(
    name: TemplateName,
    project: Annotated[str, typer.Option("--project", metavar="P", help="Whose; else yours, else everybody's.")] = "",
    version: Annotated[str, typer.Option("--version", metavar="N", help="Without it, the newest.")] = "",
    output: Output = Format.TABLE,
) -> None:
    """Show a template: what it asks for, what it makes, and its versions."""
    found = call(lambda client: find_template(client, name, project, version))
    if output is Format.JSON:
        print_json(found)
        return
    print_facts(_facts(found))
    if found.parameters:
        print()
        rows = [(one.name, one.type, _default(one), _what(one)) for one in found.parameters]
        print_table(("PARAMETER", "TYPE", "DEFAULT", "WHAT IT IS"), rows)
    if found.sizes:
        print()
        print_table(("SIZE", "RESOURCES"), [(size, _resources(one)) for size, one in found.sizes.items()])
    if found.versions:
        print()
        rows = [
            (str(one.number), format_moment(one.created_at), one.created_by, one.commit[:12] or "-")
            for one in found.versions
        ]
        print_table(("VERSION", "SINCE", "BY", "COMMIT"), rows)
    for notice in found.notices:
        note(f"warning: {clean(notice)}")
    if found.problem:
        note(paint(f"problem: {clean(found.problem)}", "red", sys.stderr))


def _facts(found: Template) -> list[tuple[str, str]]:
    updates = {"at_start": "at the next start of a workspace", "on_demand": "when a workspace's owner says so"}
    policy = {key: value for key, value in found.policy.items() if value is not None}
    return [
        ("Name", found.name),
        ("Of", found.project or EVERYBODY),
        ("Title", f"{found.icon} {found.title}".strip()),
        ("Description", found.description),
        ("Version", str(found.version)),
        ("From", " ".join(part for part in ("a repository", found.folder) if part) if found.repository_id else ""),
        ("Commit", found.commit[:12]),
        ("State", _state(found)),
        ("At most", _resources(found.ceiling) if found.ceiling else ""),
        ("Grants", ", ".join(found.grants)),
        ("Policy", ", ".join(f"{key} {shown_value(value)}" for key, value in policy.items())),
        ("New versions", updates.get(found.update, found.update)),
        ("Files", ", ".join(one.path for one in found.files)),
        ("Workspaces", str(found.workspaces)),
    ]


def _default(parameter: TemplateParameter) -> str:
    return "(to be said)" if parameter.default is None else shown_value(parameter.default) or "(empty)"


def _what(parameter: TemplateParameter) -> str:
    parts = [parameter.title or parameter.description]
    if parameter.choices:
        parts.append(f"one of {', '.join(parameter.choices)}")
    if not parameter.mutable:
        parts.append("stays as it was said")
    return "; ".join(part for part in parts if part)


def _resources(size: TemplateSize) -> str:
    parts = (
        f"{size.cpus:g} CPUs" if size.cpus else "",
        format_size(size.memory_bytes) if size.memory_bytes else "",
        f"{size.gpus} GPUs" if size.gpus else "",
    )
    return ", ".join(part for part in parts if part)


def delete(
    name: TemplateName,
    project: Project = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Take a template out of the catalog. Workspaces of it go on as they are."""
    question = f"Take {name} out of the catalog of {project or EVERYBODY}?"
    if not yes:
        if not sys.stdin.isatty():
            raise Problem("bad_value", question, "Nobody can answer here: give --yes.")
        if not typer.confirm(question, err=True):
            raise typer.Exit(1)
    call(lambda client: client.templates.delete(name, project))
    note(f"{name} is in the catalog no longer; workspaces of it go on.")
