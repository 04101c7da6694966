"""The secret by which a server knows the proxies and gateways of its installation that are processes of their own."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from carrel.core.problems import Problem
from carrel.core.secret import Secret

PREFIX: Final = "carrel_component_"
VARIABLE: Final = "CARREL_COMPONENT_TOKEN"
"""Environment variable with the token itself, for processes that have no such file."""
_LEAST_LENGTH: Final = 32


def make_component_token(path: Path) -> Secret:
    """The token of a file, made where there is none. Raises as `read_component_token` does."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(PREFIX + secrets.token_urlsafe(32) + "\n")
        try:
            os.link(fresh, path)
        except FileExistsError:  # another server of this installation was first
            pass
        finally:
            fresh.unlink()
    return read_component_token(path)


def read_component_token(path: Path) -> Secret:
    """The token of a file.

    Raises:
        Problem: `bad_value` where there is none, others may read it, or it is too short to be a secret.
    """
    hint = "It is the server's setting component_token_file (docs/guides/scaling.md)."
    try:
        if path.stat().st_mode & 0o077:
            raise Problem("bad_value", f"Others may read {path}.", f"Run `chmod 600 {path}`.")
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Problem("bad_value", f"The component token cannot be read from {path}: {error}.", hint) from error
    if len(text) < _LEAST_LENGTH:
        raise Problem("bad_value", f"{path} has no component token: at least {_LEAST_LENGTH} characters.", hint)
    return Secret(text)
