"""Host names of apps: `<app>--<workspace>--<owner>.<apps domain>`; parse and format side by side.

Grammar: label = app "--" workspace "--" owner; app is a name or a port number; no part contains "--".
A label longer than 63 characters (RFC 1035) is shortened to app "--" begin "-" 8 hex digits of its hash, where begin is
that of workspace "-" owner: it has two parts, so it is never taken for a whole one, and is resolved by the store.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

MAX_LABEL_LENGTH = 63
HASH_LENGTH = 8
_PART = re.compile(r"[a-z0-9]([a-z0-9]|-(?!-))*")


@dataclass(frozen=True)
class AppAddress:
    """Which app of which workspace of which owner."""

    app: str
    workspace: str
    owner: str


def app_label(address: AppAddress) -> str:
    """The DNS label of an app, at most 63 characters."""
    label = f"{address.app}--{address.workspace}--{address.owner}"
    if len(label) <= MAX_LABEL_LENGTH:
        return label
    room = MAX_LABEL_LENGTH - len(address.app) - len("--") - HASH_LENGTH - 1
    rest = f"{address.workspace}-{address.owner}"[:room].rstrip("-")
    return f"{address.app}--{rest}-{hashlib.sha256(label.encode()).hexdigest()[:HASH_LENGTH]}"


def parse_label(label: str) -> AppAddress | None:
    """The parts of a label, or None where it is not of the form (also when it was shortened)."""
    parts = label.casefold().split("--")
    if len(label) > MAX_LABEL_LENGTH or len(parts) != 3 or not all(_PART.fullmatch(part) for part in parts):
        return None
    return AppAddress(*parts)


def app_of(host: str) -> str:
    """The app's name or the port that a label, or a host name that begins with one, has."""
    return host.casefold().partition("--")[0]


def app_host(address: AppAddress, apps_domain: str) -> str:
    """Host name of an app, without port."""
    return f"{app_label(address)}.{apps_domain}"


def label_of_host(host: str, apps_domain: str) -> str | None:
    """The app label in a Host header's value (port allowed), or None where the host is not below the apps domain."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    name = name.casefold().rstrip(".")
    suffix = "." + apps_domain.casefold()
    if not name.endswith(suffix):
        return None
    label = name[: -len(suffix)]
    return label if label and "." not in label else None
