"""`carrel toolbox`: the tools that every workspace mounts, built once for each version of Carrel."""

from __future__ import annotations

import subprocess

import typer

from carrel.cli import local_server

app = typer.Typer(no_args_is_help=True, help="The tools that every workspace mounts; built once for each version.")


@app.command()
def build() -> None:
    """Build the toolbox unless it is there, and show the build's log. The first workspace would do it, too."""
    raise typer.Exit(_serve("build"))


@app.command()
def status() -> None:
    """Print the name of this version's toolbox; status 1 where it is not built yet."""
    raise typer.Exit(_serve("status"))


def _serve(what: str) -> int:
    """Runtimes belong to the server's side, so it is asked, in a process of its own."""
    return subprocess.run([*local_server.command(), "--toolbox", what], check=False).returncode
