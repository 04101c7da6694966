"""`secrets` of a configuration: what a repository would like to have; the values are Carrel secrets (C369)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class DeclaredSecret:
    """A secret that the repository would like to have (C369)."""

    name: str
    description: str = ""
    documentation_url: str = ""


def declared_secrets(values: Mapping[str, Any]) -> tuple[DeclaredSecret, ...]:
    """The secrets that are named as variables can be; others are left out."""
    declared = values.get("secrets")
    if not isinstance(declared, Mapping):
        return ()
    rows = {str(name): value if isinstance(value, Mapping) else {} for name, value in declared.items()}
    return tuple(
        DeclaredSecret(name, str(row.get("description") or ""), str(row.get("documentationUrl") or ""))
        for name, row in rows.items()
        if name.isidentifier() and name.isascii()
    )
