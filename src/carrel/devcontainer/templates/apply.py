"""Applying a template: options put in their places, paths left out, features added. Pure (C431-C438).

Source: containers.dev "Templates"; deviation D34.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer.features.archive import Packed
from carrel.devcontainer.jsonc import parse_object
from carrel.devcontainer.jsonc_edit import set_property
from carrel.devcontainer.notices import Notice, warning
from carrel.devcontainer.templates.record import METADATA_FILE, Template, chosen_values, template_problem

_NEVER = frozenset({METADATA_FILE, "README.md", "NOTES.md"})
_OPTION = re.compile(rb"\$\{templateOption:\s*(\w+?)\s*\}", re.ASCII)


@dataclass(frozen=True)
class AddedFeature:
    """A feature to add to the configuration."""

    reference: str
    options: Mapping[str, Any] | str | bool = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """What a person wants of a template."""

    options: Mapping[str, str | bool] = field(default_factory=dict)
    omit_paths: Sequence[str] = ()
    """A file, or `folder/*`."""
    features: Sequence[AddedFeature] = ()


@dataclass(frozen=True)
class Applied:
    """The files that a template gives."""

    files: Mapping[str, Packed]
    """In the template's order."""
    notices: tuple[Notice, ...] = ()

    def as_json(self) -> str:
        """The answer of the reference's `templates apply`, without the end of the line (C437)."""
        return json.dumps({"files": [f"./{path}" for path in self.files]}, separators=(",", ":"), ensure_ascii=False)


def apply_template(template: Template, choice: Choice | None = None) -> Applied:
    """The files of a template for one choice; nothing is written, see `write_files`.

    Raises:
        Problem: `template_failed`, an option's value is not allowed, or there is no configuration to add features to;
            `bad_configuration`, the configuration is not readable once the options are in it.
    """
    choice = choice or Choice()
    values, notices = chosen_values(template, choice.options)
    files = {
        path: Packed(_substituted(file.content, values), file.executable)
        for path, file in template.files.items()
        if path not in _NEVER and not _is_omitted(path, choice.omit_paths)
    }
    if choice.features:
        path = next((path for path in files if path.endswith("devcontainer.json")), None)
        if path is None:
            raise template_problem(template.name, "there is no devcontainer.json to add features to")
        files[path] = Packed(_with_features(files[path].content, path, choice.features), files[path].executable)
    return Applied(files, (*notices, *_omission_notices(template, choice.omit_paths)))


def _is_omitted(path: str, omitted: Sequence[str]) -> bool:
    return any(path.startswith(one[:-1]) if one.endswith("/*") else path == one for one in omitted)


def _omission_notices(template: Template, omitted: Sequence[str]) -> list[Notice]:
    known = template.optional_paths
    origin = f"template {template.name}"
    return [
        warning("optionalPaths", f"{one!r} is left out, although the template does not say that it may be", origin)
        for one in omitted
        if one not in known and not _is_omitted(one, [path for path in known if path.endswith("/*")])
    ]


def _substituted(content: bytes, values: Mapping[str, str]) -> bytes:
    """Options in their places; an unknown one gives nothing. Binary files stay as they are (C438)."""
    if b"\x00" in content:
        return content
    try:
        content.decode()
    except UnicodeDecodeError:
        return content
    return _OPTION.sub(lambda match: values.get(match[1].decode(), "").encode(), content)


def _with_features(content: bytes, path: str, features: Sequence[AddedFeature]) -> bytes:
    """The configuration with further features; comments and layout stay (C436)."""
    text = content.decode()
    if not parse_object(text, path).value.get("features"):
        text = set_property(text, ["features"], {})
    for feature in features:
        options = feature.options if isinstance(feature.options, (str, bool)) else dict(feature.options)
        try:
            text = set_property(text, ["features", feature.reference], options)
        except ValueError as error:
            raise Problem("bad_configuration", f"`features` of {path} is no object.", extra={"file": path}) from error
    return text.encode()
