"""A JSON value as the text of a variable: what the reference, a JavaScript program, makes of it."""

from __future__ import annotations

from typing import Any


def text_of(value: Any) -> str:
    """`true`, `2`, `2.5`, the text itself; null is `null`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
