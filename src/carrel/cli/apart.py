"""`carrel proxy` and `carrel gateway`: processes of their own beside a server; never imported here."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from carrel.cli.server_address import data_dir

Server = Annotated[str, typer.Option("--server", metavar="URL", envvar="CARREL_URL", help="Where the server answers.")]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file", help="The server's component token; else CARREL_COMPONENT_TOKEN, else the data folder's."
    ),
]
Host = Annotated[str, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0: any.")]
Grace = Annotated[
    float,
    typer.Option("--grace", min=0, metavar="SECONDS", help="Time that what is under way has to end after SIGTERM."),
]


def proxy(
    server: Server = "http://127.0.0.1:7070",
    token_file: TokenFile = None,
    host: Host = "127.0.0.1",
    port: Port = 7080,
    grace: Grace = 30.0,
) -> None:
    """Run a proxy for apps apart from the server, until SIGTERM; as many as are wanted (docs/guides/scaling.md)."""
    _become("proxy", server, token_file, host, port, grace)


def gateway(
    server: Server = "http://127.0.0.1:7070",
    token_file: TokenFile = None,
    host: Host = "127.0.0.1",
    port: Port = 7081,
    grace: Grace = 30.0,
) -> None:
    """Run an SSH gateway apart from the server, until SIGTERM; as many as are wanted (docs/guides/scaling.md)."""
    _become("gateway", server, token_file, host, port, grace)


def _become(kind: str, server: str, token_file: Path | None, host: str, port: int, grace: float) -> None:
    own = data_dir() / "component-token"
    if token_file is None and not os.environ.get("CARREL_COMPONENT_TOKEN") and own.exists():
        token_file = own
    argv = [sys.executable, "-P", "-m", "carrel.apart", kind, "--server", server]
    argv += ["--host", host, "--port", str(port), "--grace", str(grace)]
    if token_file is not None:
        argv += ["--token-file", str(token_file)]
    os.execv(argv[0], argv)  # noqa: S606  our own interpreter; it takes this process's place
