"""A definition from its members, as requests and templates have them; a file's keys are in keys.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from carrel.core.definition import Definition, ImageSpec
from carrel.core.problems import Problem
from carrel.core.records import dump
from carrel.core.schedule import OFF, Schedule
from carrel.definition.image import read_image
from carrel.definition.misfits import Misfit, Read, inside
from carrel.definition.values import (
    read_accelerator,
    read_description,
    read_env,
    read_on_startup,
    read_schedule,
    read_secrets,
    read_template,
    read_written_apps,
)

MEMBERS: Final[Mapping[str, Read]] = {
    "description": read_description,
    "image": read_image,
    "accelerator": read_accelerator,
    "on_startup": read_on_startup,
    "env": read_env,
    "wanted_secrets": read_secrets,
    "apps": read_written_apps,
    "schedule": read_schedule,
    "template": read_template,
}
"""Members of a request, and how each is read."""
ENVIRONMENT: Final = ("image", "image_spec", "accelerator", "on_startup", "env", "secrets", "apps")
"""Members of Definition that the environment depends on: a running workspace is made anew with them."""


def read_members(values: Mapping[str, object]) -> dict[str, Any]:
    """Members of Definition, of those that are there.

    Raises:
        Problem: `bad_value` names the member.
    """
    members: dict[str, Any] = {}
    for name, value in values.items():
        try:
            with inside(name):
                members |= members_of_definition(name, MEMBERS[name](value))
        except Misfit as error:
            raise Problem("bad_value", f"{error}.") from error
    return members


def members_of_definition(name: str, value: Any) -> dict[str, Any]:
    """A value that was read, as the members of Definition that it stands for."""
    if name == "image":
        is_spec = isinstance(value, ImageSpec)
        return {"image": "" if is_spec else value or "", "image_spec": value if is_spec else None}
    return {"secrets" if name == "wanted_secrets" else name: value}


def written_members(definition: Definition | None) -> dict[str, Any] | None:
    """The inverse: JSON values by the names that requests have; None where nothing was said."""
    if definition is None:
        return None
    written: dict[str, Any] = {name: getattr(definition, name) for name in MEMBERS if hasattr(definition, name)}
    written["image"] = definition.image_spec or definition.image
    written["wanted_secrets"] = definition.secrets
    return {name: dump(value) for name, value in written.items()} | {"schedule": _schedule(definition.schedule)}


def _schedule(schedule: Schedule | None) -> dict[str, Any] | None:
    return None if schedule is None else {**dump(schedule), "off": schedule == OFF}
