"""A template: its metadata, options and files (C429, C432, C433)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer.features.archive import Packed
from carrel.devcontainer.jsonc import parse_object
from carrel.devcontainer.notices import Notice, warning

METADATA_FILE = "devcontainer-template.json"
CONFIGURATIONS = (".devcontainer/devcontainer.json", ".devcontainer.json")


@dataclass(frozen=True)
class Template:
    """A template as it was published, or as it lies in a folder."""

    name: str
    """The reference, as the user wrote it."""
    metadata: Mapping[str, Any]
    """devcontainer-template.json."""
    files: Mapping[str, Packed] = field(default_factory=dict)
    """All files by path, in the archive's order."""
    digest: str = ""
    """Of the manifest; empty for a folder."""

    @property
    def options(self) -> Mapping[str, Mapping[str, Any]]:
        """Declared options: name to `type`, `default`, `enum`, `proposals`, `description`."""
        value = self.metadata.get("options")
        found = value if isinstance(value, Mapping) else {}
        return {name: option for name, option in found.items() if isinstance(option, Mapping)}

    @property
    def optional_paths(self) -> tuple[str, ...]:
        """Files, and `folder/*` for whole folders, that may be left out (C434)."""
        value = self.metadata.get("optionalPaths")
        return tuple(path for path in value if isinstance(path, str)) if isinstance(value, list) else ()


def template_from(files: Mapping[str, Packed], name: str, digest: str = "") -> Template:
    """A template made of its files.

    Raises:
        Problem: `template_failed`, it has no devcontainer-template.json with an id, or no devcontainer.json.
    """
    if METADATA_FILE not in files:
        raise template_problem(name, f"it has no {METADATA_FILE}", "Check the reference: it may name a feature.")
    try:
        metadata = parse_object(files[METADATA_FILE].content, f"{METADATA_FILE} of {name}").value
    except Problem as problem:
        raise Problem("template_failed", problem.detail, extra={"template": name}) from problem
    if not isinstance(metadata.get("id"), str) or not metadata["id"]:
        raise template_problem(name, f"its {METADATA_FILE} lacks 'id'")
    if not any(path in files for path in CONFIGURATIONS):
        raise template_problem(name, f"it has none of {' and '.join(CONFIGURATIONS)}")
    return Template(name, metadata, files, digest)


def template_problem(name: str, why: str, hint: str = "") -> Problem:
    """`template_failed` about a template."""
    detail = f"The template {name!r} cannot be used: {why}."
    return Problem("template_failed", detail, hint=hint, extra={"template": name})


def chosen_values(template: Template, given: Mapping[str, str | bool]) -> tuple[dict[str, str], tuple[Notice, ...]]:
    """What every option is: as given, else its default (C432, D34); and remarks about options that are not declared.

    Raises:
        Problem: `template_failed`, a value is not in the option's enum or not of its type (C433).
    """
    values: dict[str, str] = {}
    notices: list[Notice] = []
    for name, option in template.options.items():
        if name in given:
            values[name] = _checked(template, name, option, given[name])
        elif isinstance(option.get("default"), (str, bool, int, float)):
            values[name] = _text(option["default"])
    for name in (name for name in given if name not in values):
        values[name] = _text(given[name])
        notices.append(warning(name, "the template declares no such option", f"template {template.name}"))
    return values, tuple(notices)


def _checked(template: Template, name: str, option: Mapping[str, Any], value: str | bool) -> str:  # noqa: FBT001  a value
    text = _text(value)
    allowed = option.get("enum")
    if isinstance(allowed, list) and text not in map(_text, allowed):
        choice = ", ".join(map(_text, allowed))
        raise template_problem(template.name, f"{text!r} is not a value of {name!r}", f"Choose one of: {choice}.")
    if option.get("type") == "boolean" and text not in {"true", "false"}:
        raise template_problem(template.name, f"{name!r} is a boolean, not {text!r}", "Give `true` or `false`.")
    return text


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
