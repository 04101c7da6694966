"""Merging Compose files: mappings key by key, lists appended, single values replaced, with the exceptions of the specification.

Source: compose-spec 13-merge: `command`, `entrypoint` and `healthcheck.test` are replaced; ports, volumes, secrets and
configs are told apart by what they are for; `!reset` and `!override`. Both sides are canonical.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from carrel.devcontainer.compose.document import Override, Reset

_REPLACED = (
    ("services", "*", "command"),
    ("services", "*", "entrypoint"),
    ("services", "*", "healthcheck", "test"),
)


def _port(value: Any) -> Any:
    return (value.get("host_ip"), value.get("target"), value.get("published"), value.get("protocol"))


def _target(value: Any) -> Any:
    return value.get("target") or value.get("source")


def _path(value: Any) -> Any:
    return value.get("path")


def _itself(value: Any) -> Any:
    return str(value)


_IDENTITIES: dict[str, Callable[[Any], Any]] = {
    "ports": _port,
    "volumes": _target,
    "secrets": _target,
    "configs": _target,
    "env_file": _path,
    **dict.fromkeys(
        ("cap_add", "cap_drop", "dns", "dns_opt", "dns_search", "expose", "links", "profiles", "tmpfs"), _itself
    ),
}
"""Lists of a service whose entries are unique: by what; a later one takes the earlier one's place."""


def merge(base: Any, over: Any, path: tuple[str, ...] = ()) -> Any:
    """`over` on top of `base`; a whole file at the empty path, a service at ("services", NAME)."""
    if isinstance(over, (Reset, Override)):
        return over
    if isinstance(base, (Reset, Override)):
        base = plain(base)
    if over is None or base is None:
        return base if over is None else over
    if _is_replaced(path):
        return over
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        if path[2:] == ("logging",) and over.get("driver") not in {None, base.get("driver")}:
            return dict(over)
        return _merge_mappings(base, over, path)
    if isinstance(base, list) and isinstance(over, list):
        return _unique([*base, *over], path)
    return over


def _is_replaced(path: tuple[str, ...]) -> bool:
    return len(path) > 2 and (path[0], "*", *path[2:]) in _REPLACED


def _merge_mappings(base: Mapping[str, Any], over: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    result = dict(base)
    for key, value in over.items():
        if isinstance(value, Reset):
            result.pop(key, None)
        elif isinstance(value, Override):
            result[key] = plain(value)
        elif key in result and not (value is None and path[2:] in {("environment",), ("build", "args")}):
            result[key] = merge(result[key], value, (*path, str(key)))
        else:
            result[key] = value
    return result


def _unique(values: list[Any], path: tuple[str, ...]) -> list[Any]:
    identity = _IDENTITIES.get(path[2]) if len(path) == 3 and path[0] == "services" else None
    if identity is None:
        return values
    return list({identity(value): value for value in values}.values())


def plain(value: Any) -> Any:
    """`value` without the marks of `!reset` and `!override`."""
    if isinstance(value, Override):
        return plain(value.value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items() if not isinstance(item, Reset)}
    if isinstance(value, list):
        return [plain(item) for item in value if not isinstance(item, Reset)]
    return None if isinstance(value, Reset) else value
