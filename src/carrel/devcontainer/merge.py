"""The merged configuration: metadata entries in label order (image, features, devcontainer.json), one rule per property.

The result has the shape that the reference's `read-configuration --include-merged-configuration` prints.
Source: containers.dev "Merge logic"; C103-C131, deviations D23, D24.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from carrel.devcontainer.metadata import HOOKS
from carrel.devcontainer.mounts import target_of
from carrel.devcontainer.requirements import merge_requirements

Values = Sequence[Mapping[str, Any]]
_LOCALHOST = re.compile(r"localhost:[0-9]{1,9}")
_REPLACED = (*HOOKS, "customizations", "entrypoint", "shutdownAction")
"""Singular keys that leave the merged view (C130); their plurals are set below."""


def merge(configuration: Mapping[str, Any], entries: Values) -> dict[str, Any]:
    """The merged configuration.

    Args:
        configuration: devcontainer.json after legacy folding and substitution; what is not in the table comes from it.
        entries: the substituted values of all metadata entries, the configuration's own last.
    """
    merged = {key: value for key, value in configuration.items() if key not in _REPLACED}
    for key, (source, rule) in _RULES.items():
        value = rule(entries, source)
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = value
    return merged


def _any(entries: Values, key: str) -> bool:
    return any(bool(entry.get(key)) for entry in entries)


def _union(entries: Values, key: str) -> list[Any] | None:
    return _unique(item for entry in entries for item in _list(entry.get(key))) or None


def _collect(entries: Values, key: str) -> list[Any] | None:
    return [entry[key] for entry in entries if entry.get(key)] or None


def _hooks(entries: Values, key: str) -> list[Any]:
    return [entry[key] for entry in entries if _is_truthy(entry.get(key))]


def _is_truthy(value: Any) -> bool:
    """JavaScript's notion: an empty array or object counts, an empty string does not."""
    return isinstance(value, (list, Mapping)) or bool(value)


def _last(entries: Values, key: str) -> Any:
    return next((entry[key] for entry in reversed(entries) if _is_truthy(entry.get(key))), None)


def _last_boolean(entries: Values, key: str) -> bool | None:
    return next((entry[key] for entry in reversed(entries) if isinstance(entry.get(key), bool)), None)


def _per_key(entries: Values, key: str) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for entry in entries:
        if isinstance(entry.get(key), Mapping):
            result |= entry[key]
    return result


def _mounts(entries: Values, key: str) -> list[Any] | None:
    kept: list[Any] = []
    seen: set[str] = set()
    for mount in reversed([mount for entry in entries for mount in _list(entry.get(key))]):
        target = target_of(mount)
        if target not in seen:
            seen.add(target)
            kept.insert(0, mount)
    return kept or None


def _customizations(entries: Values, key: str) -> dict[str, list[Any]] | None:
    result: dict[str, list[Any]] = {}
    for entry in entries:
        if isinstance(entry.get(key), Mapping):
            for tool, value in entry[key].items():
                result.setdefault(tool, []).append(value)
    return result or None


def _ports(entries: Values, key: str) -> list[int | str] | None:
    """`3000` and `"localhost:3000"` are the same port; `"3000"` is another key (C121, C122)."""
    named = [
        f"localhost:{port}" if isinstance(port, int) else port for entry in entries for port in _list(entry.get(key))
    ]
    ports = [
        int(port.split(":")[1]) if isinstance(port, str) and _LOCALHOST.fullmatch(port) else port
        for port in _unique(named)
    ]
    return ports or None


def _requirements(entries: Values, _key: str) -> dict[str, Any] | None:
    return merge_requirements(entries)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _unique(values: Iterable[Any]) -> list[Any]:
    result: list[Any] = []
    for value in values:
        if value not in result:
            result.append(value)
    return result


_RULES: dict[str, tuple[str, Callable[[Values, str], Any]]] = {
    "init": ("init", _any),
    "privileged": ("privileged", _any),
    "capAdd": ("capAdd", _union),
    "securityOpt": ("securityOpt", _union),
    "entrypoints": ("entrypoint", _collect),
    "mounts": ("mounts", _mounts),
    "customizations": ("customizations", _customizations),
    **{f"{hook}s": (hook, _hooks) for hook in HOOKS},
    "waitFor": ("waitFor", _last),
    "remoteUser": ("remoteUser", _last),
    "containerUser": ("containerUser", _last),
    "userEnvProbe": ("userEnvProbe", _last),
    "remoteEnv": ("remoteEnv", _per_key),
    "containerEnv": ("containerEnv", _per_key),
    "overrideCommand": ("overrideCommand", _last_boolean),
    "portsAttributes": ("portsAttributes", _per_key),
    "otherPortsAttributes": ("otherPortsAttributes", _last),
    "forwardPorts": ("forwardPorts", _ports),
    "shutdownAction": ("shutdownAction", _last),
    "updateRemoteUserUID": ("updateRemoteUserUID", _last_boolean),
    "hostRequirements": ("hostRequirements", _requirements),
}
"""Key of the merged view -> (key of the entries, rule)."""
