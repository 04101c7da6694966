"""Ports of a service, short and long: only the container's side counts, nothing is published on the host."""

from __future__ import annotations

import re
from typing import Any

_SHORT = re.compile(
    r"(?:(?P<host>\[[^\]]*\]|[^:/]+(?=:[^:]*:)):)?(?:(?P<published>[0-9-]*):)?(?P<target>[0-9-]+)(?:/(?P<protocol>\w+))?"
)
_MAX_PORT = 65535
_MAX_RANGE = 1000


def long_ports(value: Any) -> list[dict[str, Any]]:
    """A port in either form as long forms, a range as one for each port.

    Raises:
        ValueError: it is no port.
    """
    if isinstance(value, dict):
        target = _number(value.get("target"))
        return [
            {
                **value,
                "target": target,
                "protocol": value.get("protocol") or "tcp",
                "published": _text(value.get("published")),
            }
        ]
    match = None if isinstance(value, bool) else _SHORT.fullmatch(str(value))
    if match is None:
        message = f"{value!r} is no port"
        raise ValueError(message)
    targets = _range(match["target"])
    published = _range(match["published"]) if match["published"] else []
    if published and len(published) != len(targets):
        published = [published[0]] * len(targets) if len(targets) == 1 else []
    host = {"host_ip": match["host"].strip("[]")} if match["host"] else {}
    return [
        {"target": target, "protocol": match["protocol"] or "tcp", "published": str(published[index]) if published else "", **host}
        for index, target in enumerate(targets)
    ]  # fmt: skip


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _number(value: Any) -> int:
    if isinstance(value, bool) or not str(value).isdigit() or int(value) > _MAX_PORT:
        message = f"{value!r} is no port"
        raise ValueError(message)
    return int(value)


def _range(text: str) -> list[int]:
    first, dash, last = text.partition("-")
    start, end = _number(first), _number(last) if dash else _number(first)
    if end < start or end - start > _MAX_RANGE:
        message = f"{text!r} is no range of ports"
        raise ValueError(message)
    return list(range(start, end + 1))
