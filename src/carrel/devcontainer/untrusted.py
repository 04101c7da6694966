"""What is checked of merged metadata beside privileges: types, names of variables, the editor's trust. Pure.

devcontainer.json is checked when it is read; a feature's metadata and an image's label are somebody else's text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from carrel.core.problems import Problem
from carrel.devcontainer.customizations import is_about_trust
from carrel.devcontainer.inputs import Inputs
from carrel.devcontainer.metadata import CONFIGURATION_KEYS, Entry
from carrel.devcontainer.mounts import parse_mount
from carrel.devcontainer.notices import Notice, warning
from carrel.devcontainer.policy import refusal
from carrel.devcontainer.properties import PROPERTIES
from carrel.devcontainer.variable_names import is_name, usable

OWN = "devcontainer.json"


def sound_entries(entries: Sequence[Entry]) -> tuple[list[Entry], list[Notice]]:
    """The entries without values of a wrong type, and warnings about those."""
    sound: list[Entry] = []
    notices: list[Notice] = []
    for entry in entries:
        values = dict(entry.values)
        for key, value in entry.values.items() if entry.origin != OWN else ():
            if not _is_sound(key, value):
                del values[key]
                notices.append(
                    warning(key, "the value is of a wrong type, or none of the allowed, and is left out", entry.origin)
                )
            elif key in {"containerEnv", "remoteEnv"} and value:
                values[key], refused = usable(value, key, entry.origin)
                notices += refused
            elif key == "mounts" and value:
                values[key] = [mount for mount in value if _is_mount(mount)]
                if len(values[key]) != len(value):
                    notices.append(warning(key, "a mount without an absolute target is left out", entry.origin))
        sound.append(Entry(entry.origin, values))
    return sound, notices


def _is_sound(key: str, value: object) -> bool:
    if key == "entrypoint":
        return isinstance(value, str)
    if value is None or key not in CONFIGURATION_KEYS:
        return True
    return PROPERTIES[key].accepts(value) and PROPERTIES[key].has_value(value)


def _is_mount(mount: object) -> bool:
    try:
        parse_mount(mount)
    except Problem:
        return False
    return True


def check_names(inputs: Inputs) -> None:
    """Names of variables that features and configuration put into the image's build file.

    Raises:
        Problem: `bad_configuration`, `feature_failed`.
    """
    path = inputs.configuration.path
    for name in _keys(inputs.configuration.values.get("containerEnv")):
        if not is_name(name):
            detail = f"{path}: containerEnv: {name[:80]!r} is no name of an environment variable."
            raise Problem("bad_configuration", detail, extra={"file": path, "property": "containerEnv"})
    for feature in inputs.features:
        for name in _keys(feature.metadata.get("containerEnv")):
            if not is_name(name):
                detail = f"{feature.name}: containerEnv: {name[:80]!r} is no name of an environment variable."
                raise Problem("feature_failed", detail, extra={"property": "containerEnv"})


def _keys(value: object) -> Iterable[str]:
    return [str(key) for key in value] if isinstance(value, Mapping) else ()


def trust_notices(entries: Sequence[Entry]) -> list[Notice]:
    """Editor settings that are left out, since they would switch workspace trust off."""
    text = "the editor goes on asking whether the folder is trusted; the setting is left out"
    return [
        refusal("customizations", f"customizations.vscode.settings.{key}", text, entry.origin)
        for entry in entries
        for key in _keys(_vscode_settings(entry))
        if is_about_trust(key)
    ]


def _vscode_settings(entry: Entry) -> object:
    value: object = entry.values
    for key in ("customizations", "vscode", "settings"):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
