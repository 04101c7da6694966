"""Registry credentials of the installation, from a file in the form of Docker's `config.json`."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.server.registry_helpers import from_helpers

REFRESH_TOKEN_USER = "<token>"  # noqa: S105  the user name that marks a refresh token (C312)
DOCKER_HUB = "https://index.docker.io/v1/"


def read_registry_auth(path: Path, *, helpers: bool = False) -> Mapping[str, tuple[str, Secret]]:
    """Registry host to user name and password; empty where there is no such file.

    Args:
        path: the file.
        helpers: whether credential helpers (`credsStore`, `credHelpers`) are run: they are programs of one user's desktop.

    Raises:
        Problem: `bad_value`, the file is not of this form.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        entries = dict(document.get("auths") or {})
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        hint = "Write it with `docker login`, or name another file in the setting registry_auth."
        raise Problem("bad_value", f"The registry credentials {path} cannot be read: {error}.", hint) from error
    if not helpers and (document.get("credsStore") or document.get("credHelpers")):
        import structlog  # noqa: PLC0415  0.05 s, and rarely needed

        structlog.get_logger(__name__).warning("credential_helpers_ignored", file=str(path))
    found = {host: credential for host, entry in entries.items() if (credential := _credential(entry)) is not None}
    found |= dict(from_helpers(document)) if helpers else {}
    return {_short(host): credential for host, credential in found.items()}


def _short(host: str) -> str:
    return "docker.io" if host == DOCKER_HUB else host.removeprefix("https://").rstrip("/")


def _credential(entry: Any) -> tuple[str, Secret] | None:
    if not isinstance(entry, dict):
        return None
    if entry.get("identitytoken"):
        return REFRESH_TOKEN_USER, Secret(str(entry["identitytoken"]))
    try:
        user, colon, password = b64decode(str(entry.get("auth") or ""), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (user, Secret(password)) if colon else None
