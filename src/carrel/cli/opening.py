"""`carrel open`, and the way into an app: a link that signs the browser in once and leads on."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote, urlsplit

import typer

from carrel.cli.calling import call
from carrel.cli.options import Name
from carrel.cli.output import note
from carrel.core.problems import Problem
from carrel.core.workspace import Phase

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Workspace

EDITOR = "code"
"""The app that `open` opens where none is named."""


def open_command(
    name: Name,
    app: Annotated[str, typer.Option("--app", help="An app, or the number of a port.")] = EDITOR,
    only_print: Annotated[bool, typer.Option("--print", help="Print the link instead of opening a browser.")] = False,
) -> None:
    """Open VS Code, or another app, in the browser.

    The link signs the browser in, once, within a few minutes. Without a graphical session it is printed.
    """

    async def link(client: Client) -> str:
        workspace = await client.workspaces.find(name)
        if workspace.phase != Phase.RUNNING:
            raise Problem("not_running", f"{workspace.name} is {workspace.phase}.")
        return await entry_link(client, await address_of(client, workspace, app))

    url = call(link)
    if only_print or not open_in_browser(url):
        print(url)


async def address_of(client: Client, workspace: Workspace, app: str) -> str:
    """The address of an app, or of a port that something listens on. Raises `no_such_app`."""
    found = next((one.url for one in workspace.apps if one.name == app), None)
    if found is None and app.isdecimal():
        found = next((port.url for port in await client.workspaces.ports(workspace.id) if port.port == int(app)), None)
    if found is None:
        names = ", ".join(one.name for one in workspace.apps) or "none"
        raise Problem("no_such_app", f"{workspace.name} has no app or port {app!r}; its apps: {names}.")
    return found


async def entry_link(client: Client, address: str) -> str:
    """A one-time link that signs a browser in and leads on to an app's own host."""
    parts = urlsplit(address)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    link = (await client.login_link()).url
    if parts.netloc == urlsplit(link).netloc:  # a page of the dashboard: the terminal
        return f"{link}&next={quote(path, safe='')}"
    way = f"/app-login?host={quote(parts.hostname or '', safe='')}&path={quote(path or '/', safe='')}"
    return f"{link}&next={quote(way, safe='')}"


def has_browser() -> bool:
    """Whether there is a graphical session to open a browser in."""
    return sys.platform == "darwin" or any(os.environ.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"))


def open_in_browser(url: str) -> bool:
    """Open the address where that is possible; whether it was."""
    if not has_browser():
        return False
    import webbrowser  # noqa: PLC0415  rarely needed

    if not webbrowser.open(url):
        return False
    note("Opened in your browser.")
    return True
