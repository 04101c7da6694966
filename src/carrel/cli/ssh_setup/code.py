"""`carrel code`: VS Code or Cursor of the desktop, at the project's folder, over SSH."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from carrel.cli.calling import call
from carrel.cli.options import Name
from carrel.core.problems import Problem
from carrel.core.workspace import Phase

if TYPE_CHECKING:
    from carrel.client.client import Client

SECONDS = 20.0


def code(
    name: Name,
    cursor: Annotated[bool, typer.Option("--cursor", help="Cursor in the place of VS Code.")] = False,
    only_print: Annotated[bool, typer.Option("--print", help="Print the address instead of opening it.")] = False,
) -> None:
    """Open VS Code of the desktop at the project's folder (its extension Remote - SSH); `carrel config-ssh` comes first."""
    host, folder = call(lambda client: _place(client, name))
    uri = folder_uri(host, folder)
    if only_print:
        print(uri)
        return
    program = "cursor" if cursor else "code"
    found = shutil.which(program)
    if found is None:
        title = "Cursor" if cursor else "VS Code"
        hint = (
            f"In {title}: Command Palette, \"Shell Command: Install '{program}' command in PATH\". "
            f"`carrel open {name}` opens VS Code in the browser."
        )
        raise Problem("not_found", f"There is no command {program!r} on this machine.", hint)
    if not knows(host):
        raise Problem("bad_value", f"OpenSSH does not know {host}.", "Run `carrel config-ssh` once.")
    subprocess.run([found, "--folder-uri", uri], check=False)


async def _place(client: Client, name: str) -> tuple[str, str]:
    workspace = await client.workspaces.find(name)
    if workspace.phase != Phase.RUNNING:
        hint = f"`carrel start {workspace.name}` starts it."
        raise Problem("not_running", f"{workspace.name} is {workspace.phase}.", hint)
    own = (await client.session()).user == workspace.owner
    host = f"{workspace.name}.carrel" if own else f"{workspace.name}--{workspace.owner}.carrel"
    return host, await client.workspaces.folder(workspace.id)


def folder_uri(host: str, folder: str) -> str:
    """As VS Code's remote extension has it."""
    return f"vscode-remote://ssh-remote+{host}{quote(folder or '/')}"


def knows(host: str) -> bool:
    """Whether OpenSSH's client comes to this host by our ProxyCommand."""
    try:
        shown = subprocess.run(
            ["ssh", "-G", "--", host],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return any(line.startswith("proxycommand ") and "ssh-proxy" in line for line in shown.stdout.splitlines())
