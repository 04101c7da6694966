"""`carrel template`: write a template, check it before others use it, and put it into the catalog."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from carrel.cli import template_catalog, template_repository
from carrel.cli.output import clean, note
from carrel.core.problems import Problem

app = typer.Typer(no_args_is_help=True, help="Templates: folders with a template.yaml that workspaces are made from.")


class Starter(StrEnum):
    """What a new template begins with."""

    PYTHON = "python"
    ML = "ml"
    COMPOSE = "compose"


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="A new folder; its name is the template's.")],
    starter: Annotated[Starter, typer.Option("--starter", help="What it begins with.")] = Starter.PYTHON,
) -> None:
    """Write the folder of a new template."""
    from carrel.core.names import check_name  # noqa: PLC0415  what only this command needs
    from carrel.templates.folder import starter_files  # noqa: PLC0415

    name = check_name(folder.absolute().name, what="template")
    files = starter_files(starter)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Problem("bad_value", f"{folder} is there already, and not empty.", "Give a new folder.")
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.replace(f"\nname: {starter}\n".encode(), f"\nname: {name}\n".encode(), 1))
    note(f"{folder} is a template. Edit {folder / 'template.yaml'}; `carrel template validate {folder}` checks it.")


@app.command()
def validate(
    folders: Annotated[list[Path], typer.Argument(metavar="FOLDER...", help="Folders with a template.yaml.")],
) -> None:
    """Check templates, each choice of each parameter with them; all faults are told with line and column."""
    from carrel.templates.folder import files_of, read_template_folder  # noqa: PLC0415  what only this command needs

    for folder in folders:
        found = read_template_folder(files_of(folder), str(folder))
        for notice in found.notices:
            note(f"warning: {clean(notice)}")
        template = found.template
        parameters = ", ".join(one.name for one in template.parameters) or "none"
        note(f"{folder}: the template {template.name!r} is sound. Parameters: {parameters}.")


for name, function in (
    ("push", template_catalog.push),
    ("list", template_catalog.list_templates),
    ("show", template_catalog.show),
    ("delete", template_catalog.delete),
    ("sync", template_repository.sync),
):
    app.command(name)(function)
app.add_typer(template_repository.app, name="repository")
