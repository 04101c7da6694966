"""What a workspace.yaml says, written: as YAML, and as people see it after `Created:`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from carrel.core.definition import Definition, ImageSpec
from carrel.core.records import dump
from carrel.core.schedule import OFF, Schedule
from carrel.definition.quantities import format_cpu, format_memory
from carrel.definition.workspace_file import WorkspaceFile


def write_workspace_file(file: WorkspaceFile) -> str:
    """YAML that reads as `file`."""
    return yaml.safe_dump(values_of(file), sort_keys=False, allow_unicode=True, width=10**6)


def values_of(file: WorkspaceFile) -> dict[str, Any]:
    """Keys and values, in the order of the reference; what is not said is left out."""
    definition = file.definition
    gpu = str(file.gpus) if file.gpus else None
    resources = {
        "cpu": None if file.cpus is None else format_cpu(file.cpus),
        "mem": None if file.memory_bytes is None else format_memory(file.memory_bytes),
        "gpu": gpu,
    }
    values: dict[str, Any] = {
        "name": file.name,
        "description": definition.description,
        "project": file.project,
        "domain": file.domain,
        "container_image": _image(definition, file.requirements),
        "resources": _said(resources),
        "accelerator": definition.accelerator,
        "on_startup": list(definition.on_startup),
        "ttl_seconds": file.ttl_seconds,
        "secrets": [_said(dump(secret)) for secret in definition.secrets],
        "source": {"url": file.source, "ref": file.ref} if file.ref else file.source,
        "devcontainer": file.devcontainer,
        "apps": dump(definition.apps),
        "env": dict(definition.env),
        "schedule": _schedule(definition.schedule),
        "labels": dict(file.labels),
    }
    if definition.template is not None:
        used = definition.template
        values["template"] = f"{used.name}@{used.version}" if used.version else used.name
        if used.size:
            values["template"] = _said({"name": used.name, "version": used.version, "size": used.size})
        values["parameters"] = dict(used.parameters)
    return _said(values)


def _schedule(schedule: Schedule | None) -> dict[str, Any]:
    return {"off": True} if schedule == OFF else _said(dump(schedule) or {})


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty; 0 is not."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {}, ())}


def _image(definition: Definition, requirements: str) -> Any:
    spec = definition.image_spec
    if not isinstance(spec, ImageSpec):
        return definition.image
    values = dump(spec) | ({"requirements": requirements} if requirements else {})
    return _said(values)


def definition_text(values: Mapping[str, Any], title: str = "workspace_definition") -> str:
    """`workspace_definition { ... }`: keys and values in braces, as people see them after `Created:`."""
    return "\n".join(_block(title, values, ""))


def _block(name: str, values: Mapping[str, Any], indent: str) -> list[str]:
    lines = [f"{indent}{name} {{"]
    for key, value in values.items():
        for item in value if isinstance(value, list | tuple) else [value]:
            inner = f"{indent}  "
            lines += _block(str(key), item, inner) if isinstance(item, Mapping) else [f"{inner}{key}: {_shown(item)}"]
    return [*lines, f"{indent}}}"]


def _shown(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | float):
        return f"{value}"
    # In the way of JSON, and readable: a terminal obeys nothing of it.
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in json.dumps(str(value), ensure_ascii=False))
