"""Host names of apps: `<app>--<workspace>--<owner>.<apps domain>`; parse and format side by side.

Grammar: label = app "--" workspace "--" owner; app is a name or a port number; no part contains "--".
A label longer than 63 characters (RFC 1035) keeps its first 54 and gets "-" and 8 hex digits of its hash; such a
label is resolved by the store's index of labels, not by parsing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

MAX_LABEL_LENGTH = 63
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
    return f"{label[:54].rstrip('-')}-{hashlib.sha256(label.encode()).hexdigest()[:8]}"


def parse_label(label: str) -> AppAddress | None:
    """The parts of a label, or None where it is not of the form (also when it was shortened)."""
    parts = label.casefold().split("--")
    if len(label) > MAX_LABEL_LENGTH or len(parts) != 3 or not all(_PART.fullmatch(part) for part in parts):
        return None
    return AppAddress(*parts)


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
