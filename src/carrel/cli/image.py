"""`carrel image`: images of workspaces, built before anybody waits for them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.output import clean_log, note
from carrel.core.problems import Problem

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.image_builds import ImageResult

app = typer.Typer(no_args_is_help=True, help="Images of workspaces: built from a workspace.yaml, or Carrel's own.")
BASE = "carrel/workspace-base:py3.11"
PLAIN = "carrel/workspace-plain:py3.11"


@app.command()
def build(file: Annotated[Path, typer.Argument(metavar="FILE", help="The workspace.yaml.")]) -> None:
    """Build the image that a workspace.yaml specifies, or pull the one that it names, and print its name."""
    from carrel.cli.long_forms import files  # noqa: PLC0415  YAML: only where a file is read
    from carrel.cli.long_forms.workspace import make_image  # noqa: PLC0415

    wanted = files.read_file(file)
    if wanted.definition.image_spec is None and not wanted.definition.image:
        raise Problem("bad_value", f"{file} has no `container_image`.", "docs/guides/images.md shows how to write one.")

    async def use(client: Client) -> ImageResult:
        return await make_image(client, wanted)

    _print(call(use))


@app.command("build-base")
def build_base(
    plain: Annotated[bool, typer.Option("--plain", help=f"Only {PLAIN}, without the packages for data.")] = False,
) -> None:
    """Build Carrel's own image for workspaces, and print its name. The first workspace that needs it would do it, too."""

    async def use(client: Client) -> ImageResult:
        from carrel.client.image_builds import ImageResult  # noqa: PLC0415  with httpx

        result = ImageResult()
        async for line in client.image_builds.build(image=PLAIN if plain else BASE, result=result):
            if line:
                note(f"    | {clean_log(line, colours=False)}")
        return result

    _print(call(use))


def _print(result: ImageResult) -> None:
    note("Built." if result.built else "It is there already.")
    print(result.pushed or result.image)
