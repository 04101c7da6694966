"""Credentials from the programs that Docker keeps them with, and from the reference CLI's variable (C311, C312).

Only for a server of one user on one machine, and for commands without a server: they are that user's own.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

from carrel.core.secret import Secret

OCI_AUTH_VARIABLE = "DEVCONTAINERS_OCI_AUTH"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_SECONDS = 10


def from_variable(text: str) -> Mapping[str, tuple[str, Secret]]:
    """`host|user|token,...`: registry host to user name and token; what is not of this form is left out."""
    parts = [entry.strip().split("|") for entry in text.split(",")]
    return {part[0]: (part[1], Secret(part[2])) for part in parts if len(part) == 3 and all(part)}


def from_helpers(document: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, Secret]]]:
    """Ask the helpers that a Docker `config.json` names for the hosts that it names; one that fails is left out."""
    named = document.get("credHelpers")
    helpers = dict(named) if isinstance(named, dict) else {}
    store, entries = document.get("credsStore"), document.get("auths")
    if isinstance(store, str) and isinstance(entries, dict):
        kept = {host: store for host, entry in entries.items() if not (isinstance(entry, dict) and entry.get("auth"))}
        helpers = {**kept, **helpers}
    for host, helper in helpers.items():
        if isinstance(helper, str) and _NAME.fullmatch(helper):
            credential = _ask(helper, host)
            if credential is not None:
                yield host, credential


def _ask(helper: str, host: str) -> tuple[str, Secret] | None:
    try:
        done = subprocess.run(
            [f"docker-credential-{helper}", "get"],
            input=host,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
        found = json.loads(done.stdout)
        return str(found["Username"]), Secret(str(found["Secret"]))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        import structlog  # noqa: PLC0415  0.05 s, and rarely needed

        structlog.get_logger(__name__).warning("credential_helper_failed", helper=helper, host=host)
        return None
