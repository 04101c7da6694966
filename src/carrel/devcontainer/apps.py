"""customizations.carrel of image, features and devcontainer.json: apps, with a notice for all that is not as it should be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from carrel.core.agent import App
from carrel.core.apps import nearest, read_apps
from carrel.devcontainer.metadata import Entry
from carrel.devcontainer.notices import Notice, warning
from carrel.devcontainer.variables import container_pass

PLACE = "customizations.carrel"
KEYS = ("apps",)
"""What Carrel's part may hold."""


@dataclass(frozen=True)
class WantedApps:
    """The apps of an environment."""

    apps: tuple[App, ...] = ()
    adjusted: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What is said about Carrel's own, by name."""
    notices: tuple[Notice, ...] = ()


def apps_of(entries: Sequence[Entry]) -> WantedApps:
    """The apps of all entries; of two with one name the last counts."""
    apps: dict[str, App] = {}
    adjusted: dict[str, dict[str, Any]] = {}
    notices: list[Notice] = []
    for entry in entries:
        own = _own(entry)
        if own is None:
            continue
        if not isinstance(own, Mapping):
            notices.append(warning(PLACE, "should be an object; it is not used", entry.origin))
            continue
        notices += [
            warning(f"{PLACE}.{str(key)[:80]}", f"unknown{nearest(str(key), KEYS)}; nothing reads it", entry.origin)
            for key in own
            if key not in KEYS
        ]
        if "apps" in own:
            written = read_apps(own["apps"])
            apps |= {app.name: app for app in written.apps}
            for name, members in written.adjusted.items():
                adjusted[name] = {**adjusted.get(name, {}), **members}
            notices += [warning(f"{PLACE}.apps{one.key}", one.message, entry.origin) for one in written.complaints]
    notices += _same_port(apps.values())
    return WantedApps(tuple(apps.values()), adjusted, tuple(notices))


def adjust(app: App, adjusted: Mapping[str, Mapping[str, Any]]) -> App:
    """One of Carrel's own apps, as the configuration wants it."""
    members = {key: value for key, value in adjusted.get(app.name, {}).items() if key != "name"}
    return replace(app, **cast("Any", members))


def at_container(app: App, env: Mapping[str, str]) -> App:
    """The app with `${containerEnv:X}` replaced in command and environment."""
    command = app.command
    if command is not None:
        passed = container_pass(command if isinstance(command, str) else list(command), env)
        command = passed if isinstance(passed, str) else tuple(passed)
    return replace(app, command=command, env=container_pass(dict(app.env), env))


def _own(entry: Entry) -> object:
    customizations = entry.values.get("customizations")
    return customizations.get("carrel") if isinstance(customizations, Mapping) else None


def _same_port(apps: Iterable[App]) -> list[Notice]:
    taken: dict[int, str] = {}
    notices = []
    for app in apps:
        if app.port and app.command is not None:
            other = taken.setdefault(app.port, app.name)
            if other != app.name:
                text = f"{app.name} and {other} both want to listen on port {app.port}: only one of them can run"
                notices.append(warning(f"{PLACE}.apps", text))
    return notices
