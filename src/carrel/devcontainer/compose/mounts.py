"""Volumes of a service, short and long, with sources of binds as absolute paths of the repository."""

from __future__ import annotations

import posixpath
import re
from typing import Any

_WINDOWS = re.compile(r"[A-Za-z]:(\\|/[^:]*:/)")
"""`C:\\x:/x`, `C:/x:/x`; not a volume with a name of one letter (`v:/x`)."""


def long_mount(value: Any, folder: str) -> dict[str, Any]:
    """A mount in either form as the long form.

    Args:
        value: as it is written.
        folder: absolute folder that relative sources start at.

    Raises:
        ValueError: it is no mount.
    """
    if isinstance(value, dict):
        mount = dict(value)
        mount["target"] = _target(mount.get("target"))
        mount["type"] = str(mount.get("type") or "volume")
        if mount["type"] == "bind":
            mount["source"] = bind_source(str(mount.get("source") or ""), folder)
        return mount
    if not isinstance(value, str) or not value:
        message = f"{value!r} is no volume"
        raise ValueError(message)
    drive, rest = (value[:2], value[2:]) if _WINDOWS.match(value) else ("", value)
    parts = rest.split(":")
    if len(parts) == 1 and not drive:
        return {"type": "volume", "target": _target(parts[0])}
    if len(parts) not in {2, 3}:
        message = f"{value!r} is no volume"
        raise ValueError(message)
    source = drive + parts[0]
    is_bind = source.startswith((".", "/", "~")) or bool(drive)
    mount = {
        "type": "bind" if is_bind else "volume",
        "source": bind_source(source, folder) if is_bind else source,
        "target": _target(parts[1]),
    }
    if len(parts) == 3 and "ro" in parts[2].split(","):
        mount["read_only"] = True
    return mount


def bind_source(source: str, folder: str) -> str:
    """A bind's source as an absolute path; somebody's home folder or drive is a place outside every repository."""
    if source.startswith("~") or re.match("[A-Za-z]:", source):
        return f"/{source}"
    return posixpath.normpath(posixpath.join(folder, source))


def _target(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith("/"):
        message = f"a volume needs an absolute target, found {value!r}"
        raise ValueError(message)
    return posixpath.normpath(value)
