"""One devcontainer.json as it was read: parsed, checked, old keys folded, local variables replaced."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from carrel.core.problems import Problem
from carrel.devcontainer.checks import check, wrong
from carrel.devcontainer.jsonc import Document, parse_object
from carrel.devcontainer.legacy import fold_legacy
from carrel.devcontainer.notices import Notice, warning
from carrel.devcontainer.scalars import text_of
from carrel.devcontainer.variables import Scope, local_pass
from carrel.devcontainer.workspace_folder import Place, WorkspaceFolder, scope_for, workspace_folder

SourceKind = Literal["image", "dockerfile", "compose", "none"]


@dataclass(frozen=True)
class Configuration:
    """A configuration at its place in the repository."""

    path: str
    """Relative to the repository's root; relative paths in the file start at its folder (C006, C007)."""
    raw: Mapping[str, Any]
    """After folding of old keys, before substitution: what metadata labels record (C093)."""
    values: Mapping[str, Any]
    """With local variables replaced."""
    scope: Scope
    """What the local pass knew; image and feature metadata are read with the same (C054)."""
    workspace: WorkspaceFolder
    notices: tuple[Notice, ...] = ()
    document: Document | None = field(default=None, compare=False, repr=False)
    """The text's values with their places; None for one that nobody wrote."""

    @property
    def source(self) -> SourceKind:
        """Which of the three sources makes the container (C017-C022)."""
        return source_kind(self.values)

    def resolve(self, relative: str) -> str:
        """A path of the file relative to the repository's root; see `inside` for the check."""
        return inside(posixpath.join(posixpath.dirname(self.path), relative), relative, self)

    def build(self) -> BuildSettings:
        """The settings of a Dockerfile build."""
        return _build_settings(self)


@dataclass(frozen=True)
class BuildSettings:
    """`build` and its old forms; paths are relative to the repository's root."""

    dockerfile: str
    context: str
    args: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    cache_from: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    origin: str = "devcontainer.json"
    """Who asks for the build, for notices."""


def read(content: str | bytes, path: str, place: Place, local_env: Mapping[str, str] | None = None) -> Configuration:
    """Read one file.

    Raises:
        Problem: `bad_configuration` with file, line and column where known.
    """
    document = parse_object(content, path)
    notices = check(document, path)
    raw = fold_legacy(document.value)
    scope = scope_for(raw, place, local_env or {})
    values = local_pass(raw, scope)
    return Configuration(
        path,
        raw,
        values,
        scope,
        workspace_folder(raw, place, local_env or {}),
        (*notices, *_source_notices(values, document, path)),
        document,
    )


def source_kind(values: Mapping[str, Any]) -> SourceKind:
    """Image, Dockerfile or Compose (C017-C022).

    Raises:
        Problem: `bad_configuration`, Compose together with another source (C018).
    """
    build = values.get("build")
    dockerfile = bool(values.get("dockerFile")) or (isinstance(build, Mapping) and bool(build.get("dockerfile")))
    compose = values.get("dockerComposeFile") is not None
    if compose and (dockerfile or values.get("image")):
        other = "a Dockerfile" if dockerfile else "image"
        raise Problem("bad_configuration", f"dockerComposeFile and {other} are both given; keep one of them.")
    if compose:
        return "compose"
    if dockerfile:
        return "dockerfile"
    return "image" if values.get("image") else "none"


def _source_notices(values: Mapping[str, Any], document: Document, path: str) -> tuple[Notice, ...]:
    notices: list[Notice] = []
    try:
        kind = source_kind(values)
    except Problem as problem:
        what = problem.detail.removeprefix("dockerComposeFile ").rstrip(".")
        raise wrong(document, path, ("dockerComposeFile",), what) from problem
    if kind == "dockerfile" and values.get("image"):
        notices.append(warning("image", "a Dockerfile is given as well and wins"))
    if kind == "compose" and not values.get("service"):
        raise wrong(document, path, ("dockerComposeFile",), "needs `service`: the name of the service to work in")
    if kind != "compose" and values.get("service"):
        notices.append(warning("service", "has no meaning without dockerComposeFile"))
    if kind != "compose" and ("workspaceMount" in values) != ("workspaceFolder" in values):
        given, absent = (
            ("workspaceMount", "workspaceFolder")
            if "workspaceMount" in values
            else ("workspaceFolder", "workspaceMount")
        )
        notices.append(warning(given, f"{absent} is not given with it; the default is used"))
    return tuple(notices)


def inside(path: str, written: str, configuration: Configuration | None = None) -> str:
    """`path` normalised; it must stay in the repository.

    Raises:
        Problem: `refused_by_policy`, it leaves the repository; with the place of `written` in the configuration.
    """
    normal = posixpath.normpath(path)
    if not (written.startswith("/") or normal == ".." or normal.startswith("../") or "\x00" in path):
        return normal
    text, hint = f"The path {written[:300]!r} leaves the repository.", "Move the file into the repository."
    if configuration is None:
        raise Problem("refused_by_policy", text, hint)
    found = next((keys for keys in _PATHS if _at(configuration.values, keys) in (written, [written])), ())
    position = configuration.document.positions.get(found) if configuration.document else None
    place = f"{configuration.path}, line {position.line}" if position else configuration.path
    extra = {"file": configuration.path, "property": ".".join(found) or "path"}
    raise Problem(
        "refused_by_policy", f"{place}: {text}", hint, {**extra, "line": position.line} if position else extra
    )


_PATHS = (("build", "dockerfile"), ("build", "context"), ("dockerFile",), ("context",), ("dockerComposeFile",))
"""Properties that name files and folders of the repository."""


def _at(values: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


def _build_settings(configuration: Configuration) -> BuildSettings:
    values = configuration.values
    build = values.get("build") or {}
    legacy = values.get("dockerFile")
    written = legacy or build.get("dockerfile") or ""
    dockerfile = configuration.resolve(written)
    context = values.get("context") if legacy else build.get("context")
    context = context if context is not None else build.get("context")
    cache = build.get("cacheFrom") or []
    return BuildSettings(
        dockerfile=dockerfile,
        context=configuration.resolve(context) if context is not None else posixpath.dirname(dockerfile) or ".",
        args={str(key): text_of(value) for key, value in (build.get("args") or {}).items()},
        target=build.get("target") or "",
        cache_from=(cache,) if isinstance(cache, str) else tuple(cache),
        options=tuple(build.get("options") or ()),
    )
