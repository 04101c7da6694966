"""`carrel server`: in the foreground, or in the background; never imported here, always a process of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from carrel.cli import local_server
from carrel.cli.failures import exit_code
from carrel.cli.options import Output
from carrel.cli.output import Format, note, print_facts, print_json
from carrel.cli.server_address import data_dir
from carrel.core.problems import Problem

app = typer.Typer(invoke_without_command=True)


@app.callback()
def server(
    context: typer.Context,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0: any.")] = None,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "",
    folder: Annotated[Path | None, typer.Option("--data-dir", help="Folder of database, keys and token.")] = None,
    config: Annotated[Path | None, typer.Option("--config", help="A TOML file of settings.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any setting (docs/reference/settings.md); may be repeated."),
    ] = None,
) -> None:
    """Run a server in the foreground, until Ctrl-C.

    `carrel server start` runs the local one in the background instead, as `carrel up` does where none runs.
    """
    if context.invoked_subcommand is not None:
        return
    options: dict[str, object] = {"port": port, "host": host or None, "data_dir": folder}
    chosen = [f"{name}={value}" for name, value in options.items() if value is not None]
    for text in settings or []:
        if "=" not in text:
            raise typer.BadParameter(f"{text!r} has no `=`", param_hint="--set")
        chosen.append(text)
    arguments = [word for text in chosen for word in ("--set", text)]
    if config is not None:
        arguments += ["--config", str(config)]
    argv = [*local_server.command(), *arguments]
    os.execv(argv[0], argv)  # noqa: S606  our own interpreter; the server takes this process's place


@app.command()
def start() -> None:
    """Start the local server in the background, unless it runs."""
    found = local_server.ensure_running(data_dir(), note)
    note(f"The server runs at {found.url}; `carrel login` opens the dashboard.")


@app.command()
def stop() -> None:
    """Stop the local server. Workspaces go on."""
    note("The server is stopped." if local_server.stop(data_dir()) else "The local server does not run.")


@app.command("rotate-keys")
def rotate_keys(
    drop_old: Annotated[
        bool, typer.Option("--drop-old", help="Then remove the keys from the file that nothing needs any more.")
    ] = False,
    prepare: Annotated[
        bool,
        typer.Option("--prepare", help="Only put a fresh key into the file, to be copied to other servers first."),
    ] = False,
    folder: Annotated[Path | None, typer.Option("--data-dir", help="Folder of database and keys.")] = None,
    config: Annotated[Path | None, typer.Option("--config", help="The server's TOML file of settings.")] = None,
) -> None:
    """Seal all secrets with a fresh key, also while servers run. One that was interrupted goes on.

    Run it where the server's key file is, as the server's user. Backups of the database need the keys of their time.
    """
    arguments = ["--set", f"data_dir={folder}"] if folder is not None else []
    arguments += ["--config", str(config)] if config is not None else []
    for what in ("prepare",) if prepare else ("rotate", "drop") if drop_old else ("rotate",):
        done = subprocess.run([*local_server.command(), "--keys", what, *arguments], check=False)
        if done.returncode:
            raise typer.Exit(done.returncode)


@app.command()
def status(output: Output = Format.TABLE) -> None:
    """Say whether the local server runs, where, and whether it is ready."""
    folder = data_dir()
    found = local_server.answering(folder)
    log = str(local_server.log_file(folder))
    problems = local_server.readiness(found.url) if found else []
    if output is Format.JSON:
        url = found.url if found else None
        print_json({"runs": found is not None, "url": url, "problems": problems, "data_dir": str(folder), "log": log})
    else:
        ready = "; ".join(problems) or "yes"
        print_facts(
            [
                ("Server", f"runs at {found.url}" if found else "does not run"),
                ("Ready", ready if found else ""),
                ("Data folder", str(folder)),
                ("Log", log),
            ]
        )
    if found is None:
        raise typer.Exit(exit_code(Problem("unavailable")))
