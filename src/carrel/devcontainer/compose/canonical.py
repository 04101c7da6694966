"""Short syntaxes as long ones, and relative paths as absolute ones, before files are merged.

Lists of `NAME=value` become mappings, `build: path` becomes `build: {context: path}`, a list of `depends_on` becomes a
mapping, ports and volumes become long forms. Source: compose-spec 05-services, 13-merge.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from carrel.devcontainer.compose.document import Override, Reset
from carrel.devcontainer.compose.mounts import bind_source, long_mount
from carrel.devcontainer.compose.ports import long_ports

Shape = Callable[[Any, str], Any]


def canonical_service(values: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """A service in its long form.

    Args:
        values: after interpolation.
        folder: absolute folder of the file's project.

    Raises:
        BadShapeError: with the key.
    """
    return {key: _shaped(key, value, folder) for key, value in values.items()}


class BadShapeError(ValueError):
    """A value that has none of the forms of its key."""

    def __init__(self, key: str, message: str) -> None:
        """`key` of the service."""
        super().__init__(message)
        self.key = key


def _shaped(key: str, value: Any, folder: str) -> Any:
    shape = SHAPES.get(key)
    if isinstance(value, Reset) or shape is None or value is None:
        return value
    if isinstance(value, Override):
        return Override(_shaped(key, value.value, folder))
    try:
        return shape(value, folder)
    except ValueError as error:
        raise BadShapeError(key, str(error)) from error


def pairs(value: Any, _folder: str = "", separator: str = "=") -> dict[str, Any]:
    """`[A=b, C]` or `{A: b, C: null}` as a mapping with texts; None: a name without a value."""
    if isinstance(value, Mapping):
        return {
            str(name): item if isinstance(item, (Reset, Override)) else text_of(item) for name, item in value.items()
        }
    result: dict[str, Any] = {}
    for item in _list(value):
        name, found, rest = text(item).partition(separator)
        result[name] = rest if found else None
    return result


def text_of(value: Any) -> str | None:
    """A scalar as the text that a process sees."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return text(value)


def text(value: Any) -> str:
    """A scalar as text. Raises ValueError for a list or a mapping."""
    if isinstance(value, (list, dict)) or value is None:
        message = f"expected a text, found {value!r}"
        raise ValueError(message)
    return str(value)


def words(value: Any, _folder: str = "") -> list[str]:
    """A command: a list of words, or a line that is split as a shell does (C193)."""
    if isinstance(value, str):
        return shlex.split(value)
    return [text(item) for item in _list(value)]


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        message = f"expected a list, found {value!r}"
        raise ValueError(message)
    return value


def _texts(value: Any, _folder: str) -> list[Any]:
    return [text(item) for item in (value if isinstance(value, list) else [value])]


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        message = f"expected a mapping, found {value!r}"
        raise ValueError(message)
    return dict(value)


def _build(value: Any, folder: str) -> dict[str, Any]:
    build: dict[str, Any] = {"context": value} if isinstance(value, str) else _mapping(value)
    context = str(build.get("context") or ".")
    if not any(mark in context for mark in ("://", "git@")):
        context = posixpath.normpath(posixpath.join(folder, context))
    build["context"] = context
    for key in ("args", "labels"):
        if isinstance(build.get(key), (list, Mapping)):
            build[key] = pairs(build[key])
    return build


def _depends_on(value: Any, _folder: str) -> dict[str, Any]:
    if isinstance(value, list):
        return {text(name): {"condition": "service_started", "required": True} for name in value}
    return {
        name: item
        if isinstance(item, Reset)
        else {"condition": "service_started", "required": True, **_mapping(item or {})}
        for name, item in _mapping(value).items()
    }


def _networks(value: Any, _folder: str) -> dict[str, Any]:
    return (
        {text(name): {} for name in value}
        if isinstance(value, list)
        else {k: v or {} for k, v in _mapping(value).items()}
    )


def _ports(value: Any, _folder: str) -> list[Any]:
    return [port for item in _list(value) for port in long_ports(item)]


def _volumes(value: Any, folder: str) -> list[Any]:
    return [long_mount(item, folder) for item in _list(value)]


def _env_files(value: Any, folder: str) -> list[Any]:
    files = []
    for item in value if isinstance(value, list) else [value]:
        one = dict(item) if isinstance(item, dict) else {"path": text(item)}
        one["path"] = posixpath.normpath(posixpath.join(folder, text(one.get("path"))))
        files.append({"required": True, **one})
    return files


def _files(value: Any, _folder: str) -> list[Any]:
    """`secrets` and `configs` of a service."""
    return [dict(item) if isinstance(item, dict) else {"source": text(item)} for item in _list(value)]


def _healthcheck(value: Any, _folder: str) -> dict[str, Any]:
    check = _mapping(value)
    if isinstance(check.get("test"), str):
        check["test"] = ["CMD-SHELL", check["test"]]
    return check


def _hosts(value: Any, _folder: str) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {str(name): item if isinstance(item, list) else text(item) for name, item in value.items()}
    found: dict[str, Any] = {}
    for item in _list(value):
        name, mark, address = text(item).replace("=", ":", 1).partition(":")
        if not mark:
            message = f"{item!r} is no name:address"
            raise ValueError(message)
        found[name] = address
    return found


SHAPES: dict[str, Shape] = {
    "annotations": pairs,
    "build": _build,
    "command": words,
    "configs": _files,
    "depends_on": _depends_on,
    "dns": _texts,
    "dns_search": _texts,
    "entrypoint": words,
    "env_file": _env_files,
    "environment": pairs,
    "expose": _texts,
    "extra_hosts": _hosts,
    "healthcheck": _healthcheck,
    "labels": pairs,
    "networks": _networks,
    "ports": _ports,
    "profiles": _texts,
    "secrets": _files,
    "sysctls": pairs,
    "tmpfs": _texts,
    "volumes": _volumes,
}
"""Key of a service -> how its forms become one."""


def canonical_file(values: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """The top level in its long form: services, and the sources of secrets and configs.

    Raises:
        BadShapeError: with the key as `services.app.ports`.
    """
    result = dict(values)
    services: dict[str, Any] = {}
    for name, service in (values.get("services") or {}).items():
        inner = service.value if isinstance(service, Override) else service
        if not isinstance(inner, Mapping):
            services[name] = service
            continue
        try:
            long = canonical_service(inner, folder)
        except BadShapeError as error:
            raise BadShapeError(f"services.{name}.{error.key}", str(error)) from error
        services[name] = Override(long) if isinstance(service, Override) else long
    if services:
        result["services"] = services
    for kind in ("secrets", "configs"):
        entries = values.get(kind)
        if isinstance(entries, Mapping):
            result[kind] = {name: _source(entry, folder) for name, entry in entries.items()}
    return result


def _source(entry: Any, folder: str) -> Any:
    if isinstance(entry, Mapping) and isinstance(entry.get("file"), str):
        return {**entry, "file": bind_source(entry["file"], folder)}
    return entry
