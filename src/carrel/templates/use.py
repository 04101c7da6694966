"""What a template makes of a workspace: its keys with the parameters' values in their places, read as a workspace.yaml's are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from carrel.core.apps import nearest
from carrel.core.definition import Definition
from carrel.core.problems import Problem
from carrel.core.project import ProjectPolicy
from carrel.core.template import Size, Template, Value
from carrel.definition.image import read_requirements
from carrel.definition.members import members_of_definition
from carrel.definition.misfits import Misfit, inside
from carrel.templates.fill import filled, places
from carrel.templates.folder import TemplateFolder, requirements_of
from carrel.templates.keys import IN_WORKSPACE
from carrel.templates.read import check_size

OF_POLICY = ("ttl_seconds", "schedule")
"""Keys of `workspace` that are policy where no parameter is in them: they apply to who says nothing else."""


@dataclass(frozen=True)
class Filled:
    """What a version says of one workspace; None or empty: nothing."""

    source: tuple[str, str] = ("", "")
    """Address and ref, as they are written."""
    devcontainer: str = ""
    size: Size = field(default_factory=Size)
    ttl_seconds: int | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    definition: Definition = field(default_factory=Definition)
    has_configuration: bool = False
    """A devcontainer configuration lies beside the template.yaml."""


def policy_of(template: Template) -> ProjectPolicy | None:
    """What holds for all workspaces of a template; None: nothing."""
    said: dict[str, Any] = {}
    for name in OF_POLICY:
        value = template.workspace.get(name)
        if value is not None and not any(places(value)):
            said[name] = IN_WORKSPACE[name].read(value)
    policy = replace(template.policy, **said)
    return policy if policy != ProjectPolicy() else None


def fill(folder: TemplateFolder, values: Mapping[str, Value], size: str = "") -> Filled:
    """What a template makes of these values.

    Args:
        folder: the template with its files.
        values: of all parameters (`parameters.values_of`).
        size: of the template's sizes; empty: none is chosen.

    Raises:
        Problem: `bad_value`: nobody can use what these values make, or there is no such size.
    """
    template = folder.template
    read: dict[str, Any] = {}
    try:
        for key, item in template.workspace.items():
            with inside(key):
                read[key] = IN_WORKSPACE[key].read(filled(item, values))
        image, requirements = read.get("container_image") or (None, "")
        members = members_of_definition("image", image)
        if requirements and members["image_spec"] is not None:
            with inside("container_image", "requirements"):
                lines = read_requirements(list(requirements_of(folder.files, requirements)))
            members["image_spec"] = replace(members["image_spec"], requirements=lines)
        chosen = _size(template, size, read.get("resources") or {})
    except ValueError as error:
        hint = f"Change the values of the parameters, or tell those who look after the template {template.name}."
        raise Problem("bad_value", f"The template {template.name}, with these values: {error}.", hint) from error
    is_policy = policy_of(template) or ProjectPolicy()
    members |= {
        name: read[name]
        for name in ("description", "accelerator", "on_startup", "env", "secrets", "apps")
        if name in read
    }
    return Filled(
        source=read.get("source") or ("", ""),
        devcontainer=read.get("devcontainer", ""),
        size=chosen,
        ttl_seconds=read.get("ttl_seconds") if is_policy.ttl_seconds is None else None,
        labels=read.get("labels", {}),
        definition=Definition(**members, schedule=read.get("schedule") if is_policy.schedule is None else None),
        has_configuration=folder.has_configuration,
    )


def _size(template: Template, name: str, resources: Mapping[str, Any]) -> Size:
    own = Size(resources.get("cpu"), resources.get("mem"), resources.get("gpu") or 0)
    if name:
        if name not in template.sizes:
            known = ", ".join(template.sizes) or "none"
            raise Misfit(f"there is no size {name[:40]!r}{nearest(name, template.sizes)}: {known}", ("size",))
        size = template.sizes[name]
        own = Size(size.cpus or own.cpus, size.memory_bytes or own.memory_bytes, size.gpus or own.gpus)
    check_size(own, template.ceiling)
    return own
