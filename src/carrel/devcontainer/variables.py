"""Variable references `${name:argument:...}` in the values of a configuration, in three passes.

1. `local_pass`: localEnv, env, localWorkspaceFolder*, containerWorkspaceFolder*; when the file is read.
2. `id_pass`: devcontainerId; when the workspace is known.
3. `container_pass`: containerEnv; when the container's environment is known.

A reference ends at the first `}`; nothing nests; `$$` is no escape; unknown names stay as they are; keys are not touched.
Source: containers.dev "Variables in devcontainer.json"; C028-C055, deviations D18-D22.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from carrel.core.problems import Problem

Replace = Callable[[str, str, list[str]], str]
"""(whole reference, name, arguments) -> replacement."""


@dataclass(frozen=True)
class Scope:
    """What the local pass knows."""

    local_env: Mapping[str, str] = field(default_factory=dict)
    """The workspace's own map (user and organisation variables); never the server's environment (C034)."""
    local_folder: str | None = None
    container_folder: str | None = None


def substitute(value: Any, replacement: Replace) -> Any:
    """`value` with every reference in its strings replaced, at any depth."""
    if isinstance(value, str):
        return _replaced(value, replacement)
    if isinstance(value, list):
        return [substitute(item, replacement) for item in value]
    if isinstance(value, Mapping):
        return {key: substitute(item, replacement) for key, item in value.items()}
    return value


def _replaced(text: str, replacement: Replace) -> str:
    """A reference begins with `${` and ends at the first `}` of its line; one pass, also over a text that means ill."""
    parts: list[str] = []
    at, line_end, closing = 0, -1, -1
    while (start := text.find("${", at)) >= 0:
        if start > line_end:
            line_end = _find(text, "\n", start)
        if closing <= start + 1:
            closing = _find(text, "}", start + 2)
        if closing >= line_end:  # no reference in the rest of this line
            parts.append(text[at:line_end])
            at = line_end
            continue
        name, *arguments = text[start + 2 : closing].split(":")
        parts += [text[at:start], replacement(text[start : closing + 1], name, arguments)]
        at = closing + 1
    return "".join([*parts, text[at:]])


def _find(text: str, sign: str, start: int) -> int:
    found = text.find(sign, start)
    return len(text) if found < 0 else found


def _from_environment(whole: str, arguments: list[str], environment: Mapping[str, str]) -> str:
    if not arguments:
        raise Problem("bad_configuration", f"'{whole}' gives no name of an environment variable.")
    default = arguments[1] if len(arguments) > 1 else ""
    return environment.get(arguments[0], default)


def local_pass(value: Any, scope: Scope) -> Any:
    """First pass. The container folder may itself refer to local values (C043).

    Raises:
        Problem: `bad_configuration` for `${localEnv}` without a name.
    """
    if scope.container_folder is not None:
        folder = substitute(
            scope.container_folder, lambda whole, name, arguments: _local(whole, name, arguments, scope)
        )
        scope = replace(scope, container_folder=folder)
    return substitute(value, lambda whole, name, arguments: _local(whole, name, arguments, scope))


def _local(whole: str, name: str, arguments: list[str], scope: Scope) -> str:
    if name in {"env", "localEnv"}:
        return _from_environment(whole, arguments, scope.local_env)
    folder = {
        "localWorkspaceFolder": scope.local_folder,
        "localWorkspaceFolderBasename": _basename(scope.local_folder),
        "containerWorkspaceFolder": scope.container_folder,
        "containerWorkspaceFolderBasename": _basename(scope.container_folder),
    }.get(name)
    return whole if folder is None else folder


def _basename(path: str | None) -> str | None:
    return None if path is None else posixpath.basename(path.rstrip("/"))


def id_pass(value: Any, devcontainer_id: str) -> Any:
    """Second pass: `${devcontainerId}`."""
    return substitute(value, lambda whole, name, _: devcontainer_id if name == "devcontainerId" else whole)


def container_pass(value: Any, environment: Mapping[str, str]) -> Any:
    """Third pass: `${containerEnv:NAME:default}`."""

    def replacement(whole: str, name: str, arguments: list[str]) -> str:
        return _from_environment(whole, arguments, environment) if name == "containerEnv" else whole

    return substitute(value, replacement)


def mentions(value: Any, name: str) -> bool:
    """Whether any string in `value` refers to the variable `name`."""
    found = False

    def look(whole: str, seen: str, _: list[str]) -> str:
        nonlocal found
        found = found or seen == name
        return whole

    substitute(value, look)
    return found
