"""What a process of its own has to be told; everything else it asks the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.component_token import VARIABLE, read_component_token


@dataclass(frozen=True)
class Options:
    """Of one process."""

    server_url: str
    """Where the server answers."""
    token: Secret
    host: str = "127.0.0.1"
    port: int = 0
    """0: any free port."""
    grace_seconds: float = 30.0
    """What is under way has to end within this time once the process is told to."""


def token_from(environ: Mapping[str, str], file: Path | None) -> Secret:
    """The component token: of a file, else of the environment. Raises `bad_value`."""
    if file is not None:
        return read_component_token(file)
    if environ.get(VARIABLE):
        return Secret(environ[VARIABLE])
    hint = "Give --token-file (the server's `component-token`), or the environment variable CARREL_COMPONENT_TOKEN."
    raise Problem("bad_value", "There is no component token.", hint)


def checked_url(url: str) -> str:
    """The server's address. Raises `bad_value`."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Problem("bad_value", f"{url!r} is not the address of a server.", "For example http://127.0.0.1:7070.")
    return url.rstrip("/")
