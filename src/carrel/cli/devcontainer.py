"""`carrel devcontainer`: a folder's devcontainer.json, read, built and kept up to date; no server is needed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from carrel.cli.options import Output
from carrel.cli.output import Format
from carrel.cli.running import run_typer

app = typer.Typer(no_args_is_help=True, help="A folder's devcontainer.json: read it, build its image. Needs no server.")


def run_devcontainer(arguments: Sequence[str]) -> int:
    """Run a command of this group alone; returns the exit status."""
    return run_typer(app, arguments, "carrel devcontainer")


Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The repository's folder.", show_default="here")]
Config = Annotated[str, typer.Option("--config", metavar="PATH", help="The devcontainer.json to use, relative to it.")]
Frozen = Annotated[bool, typer.Option("--frozen-lockfile", help="Fail where the lockfile is absent or would change.")]
NoLock = Annotated[bool, typer.Option("--no-lockfile", help="Neither read nor write the lockfile.")]


@app.command()
def read(
    folder: Folder = Path(),
    config: Config = "",
    merged: Annotated[
        bool, typer.Option("--merged/--no-merged", help="With the merged configuration, for which the image is needed.")
    ] = True,
) -> None:
    """Print the configuration, and what it comes to with its image and features, as JSON.

    Warnings go to stderr as `FILE:LINE:COLUMN: warning: ...`. The members are those of the reference CLI's
    `read-configuration`, and `configurations`: all that the folder has.
    """
    _standalone("read", folder, config=config, merged=merged)


@app.command()
def build(
    folder: Folder = Path(),
    config: Config = "",
    image_name: Annotated[
        list[str] | None, typer.Option("--image-name", metavar="NAME", help="Name for the image; may be repeated.")
    ] = None,
    push: Annotated[bool, typer.Option("--push", help="Push it under these names.")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Build every step anew.")] = False,
    cache_from: Annotated[
        list[str] | None, typer.Option("--cache-from", metavar="IMAGE", help="Image whose layers may be used.")
    ] = None,
    platform: Annotated[
        str, typer.Option("--platform", metavar="OS/ARCH", help="Platform to build for (BuildKit only).")
    ] = "",
    frozen: Frozen = False,
    no_lockfile: NoLock = False,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", metavar="GRANT", help="Grant what the policy refuses.")
    ] = None,
    output: Output = Format.TABLE,
) -> None:
    """Build the image with this machine's engine and print its name; the build's log goes to stderr.

    The name is a hash of all that goes in: an unchanged environment builds nothing, and `carrel up` finds the image.
    """
    _standalone(
        "build",
        folder,
        config=config,
        image_names=image_name or [],
        push=push,
        no_cache=no_cache,
        cache_from=cache_from or [],
        platform=platform,
        lockfile=_lockfile(frozen=frozen, ignored=no_lockfile),
        allow=allow or [],
        output=output.value,
    )


@app.command()
def features(
    folder: Folder = Path(), config: Config = "", no_lockfile: NoLock = False, output: Output = Format.TABLE
) -> None:
    """List the features in the order in which they are installed, with digests and options; JSON has their metadata."""
    lockfile = _lockfile(frozen=False, ignored=no_lockfile)
    _standalone("features", folder, config=config, lockfile=lockfile, output=output.value)


@app.command()
def outdated(folder: Folder = Path(), config: Config = "", output: Output = Format.TABLE) -> None:
    """List the features with the version they have, the newest that their reference allows, and the newest of all."""
    _standalone("outdated", folder, config=config, output=output.value)


@app.command()
def upgrade(
    folder: Folder = Path(),
    config: Config = "",
    feature: Annotated[str, typer.Option("--feature", help="Feature whose version is changed first.")] = "",
    target_version: Annotated[
        str, typer.Option("--target-version", metavar="VERSION", help="Its version: 1, 1.2 or 1.2.3.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the lockfile and write nothing.")] = False,
    output: Output = Format.TABLE,
) -> None:
    """Write the lockfile anew, from what the registries have now."""
    asked = {"feature": feature, "target_version": target_version, "dry_run": dry_run, "output": output.value}
    _standalone("upgrade", folder, config=config, **asked)


templates = typer.Typer(
    no_args_is_help=True, help="Templates: what a repository without a configuration can begin with."
)
app.add_typer(templates, name="templates")


@templates.command("list")
def list_templates(
    collection: Annotated[
        str, typer.Argument(metavar="COLLECTION", help="Registry and namespace.", show_default=True)
    ] = "ghcr.io/devcontainers/templates",
    output: Output = Format.TABLE,
) -> None:
    """List the templates of a collection."""
    _standalone("list_templates", Path(), reference=collection, output=output.value)


@templates.command("apply")
def apply_template(
    template: Annotated[str, typer.Argument(metavar="TEMPLATE", help="Reference: REGISTRY/NAMESPACE/ID:VERSION.")],
    folder: Folder = Path(),
    options: Annotated[
        list[str] | None, typer.Option("--option", metavar="NAME=VALUE", help="An option; may be repeated.")
    ] = None,
    features: Annotated[
        list[str] | None, typer.Option("--feature", metavar="REFERENCE", help="A feature to add; may be repeated.")
    ] = None,
    omit: Annotated[
        list[str] | None, typer.Option("--omit", metavar="PATH", help="A file, or FOLDER/*, to leave out.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
    output: Output = Format.TABLE,
) -> None:
    """Write a template's files into a folder, and print their paths."""
    for text in options or []:
        if "=" not in text:
            raise typer.BadParameter(f"{text!r} has no `=`", param_hint="--option")
    _standalone(
        "apply_template",
        folder,
        reference=template,
        options=dict(text.split("=", 1) for text in options or []),
        additional_features={reference: {} for reference in features or []},
        omit_paths=omit or [],
        overwrite=overwrite,
        output=output.value,
    )


def _lockfile(*, frozen: bool, ignored: bool) -> str:
    if frozen and ignored:
        raise typer.BadParameter("--frozen-lockfile and --no-lockfile exclude each other.")
    return "frozen" if frozen else "ignore" if ignored else "use"


def _standalone(verb: str, folder: Path, **asked: Any) -> NoReturn:
    """Engine and runtimes belong to the other side of the house (ADR 0015): their process takes this one's place."""
    request = json.dumps({"folder": str(folder.expanduser().resolve()), **asked})
    argv = [sys.executable, "-P", "-m", "carrel.standalone", verb, request]
    os.execv(argv[0], argv)  # noqa: S606  our own interpreter
