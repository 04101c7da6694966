"""Where in a devcontainer.json a notice's property stands: `path:line:column`, as editors and compilers write it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from carrel.devcontainer.jsonc import Document, Position
from carrel.devcontainer.notices import Notice

OWN = "devcontainer.json"
"""`Notice.origin` of what the file itself says."""
_INDEX = re.compile(r"\[(\d+)\]")


def position_of(document: Document, key: str) -> Position | None:
    """The place of a property as notices write it: `mounts[1]`, `hostRequirements.cpus`, `features.<reference>.<option>`.

    Where the last part is not in the text, the place of what holds it.
    """
    path: tuple[str | int, ...] = ()
    value, rest, found = document.value, key.split(" ", 1)[0], None
    while rest:
        part = _first_key(value, rest)
        if part is None:
            break
        path, rest = (*path, part), _without(rest, part)
        value = value[part]
        found = document.positions.get(path, found)
    return found


def _first_key(value: object, rest: str) -> str | int | None:
    """The longest key of `value` that `rest` begins with: references have dots, too."""
    if isinstance(value, Mapping):
        keys = [key for key in value if key and (rest == key or rest.startswith((f"{key}.", f"{key}[")))]
        return max(keys, key=len, default=None)
    match = _INDEX.match(rest)
    return int(match[1]) if match and isinstance(value, list) and int(match[1]) < len(value) else None


def _without(rest: str, part: str | int) -> str:
    return (rest.removeprefix(part) if isinstance(part, str) else _INDEX.sub("", rest, count=1)).removeprefix(".")


def located(notice: Notice, path: str, document: Document | None) -> str:
    """A notice in one line: `path:line:column: level: key: message`; of another origin: `origin: level: ...`."""
    if notice.origin != OWN:
        return f"{notice.place or notice.origin}: {notice}"
    position = position_of(document, notice.key) if document is not None else None
    return f"{path}:{position.line}:{position.column}: {notice}" if position else f"{path}: {notice}"
