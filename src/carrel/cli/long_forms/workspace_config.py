"""`carrel create workspace-config`: a workspace.yaml to begin with."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from carrel.cli.output import note
from carrel.core.problems import Problem


class Init(StrEnum):
    """What the file begins with."""

    BASE_IMAGE = "base_image"
    CUSTOM_IMAGE = "custom_image"


def create(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where it is written: workspace.yaml")],
    init: Annotated[Init, typer.Option("--init", help="With an image as it is, or with one that is built.")],
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a workspace.yaml to begin with: with an image as it is, or with the specification of one that is built."""
    from carrel.core.names import suggest_name  # noqa: PLC0415  --help needs none of it
    from carrel.definition.starters import starter  # noqa: PLC0415

    name = suggest_name(file.absolute().parent.name)
    text = starter(init.value, str(file), name)
    try:
        with file.open("w" if force else "x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError as error:
        raise Problem("file_exists", f"{file} is there already.", "Give another name, or --force.") from error
    except OSError as error:
        raise Problem("bad_value", f"{file} cannot be written: {error.strerror}.") from error
    print(f"Created: {file}")
    note(f"Look it over, then: carrel create workspace {file}")
