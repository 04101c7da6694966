"""The keys of a workspace.yaml: one table that reads them, and that its JSON Schema and its reference are printed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from carrel.core.apps import MEMBERS as APP_MEMBERS
from carrel.core.apps import nearest
from carrel.core.definition import TemplateUse
from carrel.core.project import DOMAINS
from carrel.definition.image import BUILDERS, SPEC_READERS, read_image
from carrel.definition.misfits import Read, inside, unknown
from carrel.definition.quantities import read_cpu, read_gpu, read_memory
from carrel.definition.scalars import kind_of, members_of, text_of, whole_of
from carrel.definition.values import (
    DAYS,
    read_accelerator,
    read_description,
    read_env,
    read_labels,
    read_name,
    read_on_startup,
    read_parameters,
    read_schedule,
    read_secrets,
    read_template,
    read_written_apps,
)

MOST_SECONDS = 10**9
TEMPLATE_MEMBERS: Final = ("name", "version", "size")
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Key:
    """One key, as the reference lists it."""

    name: str
    type: str
    note: str
    read: Read
    """The value as it is used. Raises ValueError, which says what would do."""
    schema: Schema
    """JSON Schema of its value."""


def _read_domain(value: object) -> str:
    if value is None or value == "":
        return ""
    text = text_of(value, most=80)
    if text not in DOMAINS:
        raise ValueError(f"there is no domain {text!r}{nearest(text, DOMAINS)}: {', '.join(DOMAINS)}")
    return text


def _read_project(value: object) -> str:
    return read_name(value, "project") if value not in (None, "") else ""


def _read_ttl(value: object) -> int | None:
    if value is None:
        return None
    seconds = whole_of(value)
    if not 0 <= seconds <= MOST_SECONDS:
        raise ValueError(f"{seconds} is not possible: seconds of idleness, such as 1200; 0 for never")
    return seconds


def _read_source(value: object) -> tuple[str, str]:
    """Address or folder, and ref."""
    if value is None or value == "":
        return "", ""
    if not isinstance(value, Mapping):
        return text_of(value, most=2000).strip(), ""
    known = {"url": "", "ref": ""}
    for key in value:
        if key not in known:
            raise unknown(str(key), known)
    with inside("url"):
        if not value.get("url"):
            raise ValueError("it is missing: a git URL, or a folder")
        url = text_of(value["url"], most=2000).strip()
    with inside("ref"):
        return url, text_of(value.get("ref") or "", most=250).strip()


def _read_path(value: object) -> str:
    return "" if value is None else text_of(value, most=500).strip()


def _read_resources(value: object) -> dict[str, Any]:
    members = members_of(value)
    for key in members:
        if key not in RESOURCES:
            raise unknown(key, RESOURCES)
    read = {}
    for name, row in RESOURCES.items():
        with inside(name):
            read[name] = row.read(members.get(name))
    return read


def _read_template(value: object) -> TemplateUse | None:
    if isinstance(value, Mapping):
        for key in value:
            if key not in TEMPLATE_MEMBERS:
                raise unknown(str(key), dict.fromkeys(TEMPLATE_MEMBERS))
    return read_template(value)


def _read_container_image(value: object) -> tuple[Any, str]:
    """The image, and the path of its requirements file."""
    if not isinstance(value, Mapping):
        return read_image(value), ""
    with inside("requirements"):
        path = value.get("requirements")
        if path is not None and not isinstance(path, str):
            raise ValueError(f"it should be the path of a file beside this one, not {kind_of(path)}")
        requirements = _read_path(path)
    return read_image({key: item for key, item in value.items() if key != "requirements"}), requirements


_TEXT: Schema = {"type": "string"}
_NUMBER_OR_TEXT = ["string", "number"]
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_VARIABLES: Schema = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}
_NAME: Schema = {"type": "string", "pattern": "^[A-Za-z]([A-Za-z0-9]|-(?!-))*$", "maxLength": 40}


def _or_null(schema: Schema) -> Schema:
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _object(properties: Mapping[str, Any], *required: str) -> Schema:
    return {"type": "object", "properties": dict(properties), "required": list(required), "additionalProperties": False}


def _table(*rows: tuple[str, str, str, Read, Schema]) -> dict[str, Key]:
    return {row[0]: Key(*row) for row in rows}


def described(rows: Mapping[str, Key], *required: str) -> dict[str, Any]:
    """JSON Schema of a table of keys."""
    properties = {name: {**row.schema, "description": row.note.replace("`", "")} for name, row in rows.items()}
    return dict(_object(properties, *required))


# Tables: one key a line.
# fmt: off
RESOURCES: Final = _table(
    ("cpu", "text or number", 'CPUs: `"2"`, or `"500m"` for half of one. null: as the server\'s settings say.', read_cpu, {"type": [*_NUMBER_OR_TEXT, "null"], "pattern": "^[0-9]+(\\.[0-9]{1,3})?m?$"}),
    ("mem", "text", 'Memory: `"4Gi"`, `"512Mi"`. null: as the settings say.', read_memory, {"type": ["string", "null"], "pattern": "^[0-9]+(\\.[0-9]{1,3})?(Ki|Mi|Gi|Ti|k|M|G|T)?$"}),
    ("gpu", "text or number", 'GPUs: null for none, `"1"`.', read_gpu, {"type": [*_NUMBER_OR_TEXT, "null"]}),
)
IMAGE: Final = _table(
    ("name", "text", "Needed. What the image is called; its tag is made from the content of all of this.", SPEC_READERS["name"], _TEXT),
    ("builder", "text", "`carrel` (default); `union` means the same.", SPEC_READERS["builder"], {"enum": list(BUILDERS)}),
    ("packages", "list of texts", 'Of Python, installed by uv: `pandas`, `"torch>=2.4"`.', SPEC_READERS["packages"], _TEXTS),
    ("python_version", "text", '`"3.12"`; without it, the base image\'s.', SPEC_READERS["python_version"], {"type": _NUMBER_OR_TEXT}),
    ("apt_packages", "list of texts", "Of Debian.", SPEC_READERS["apt_packages"], _TEXTS),
    ("requirements", "path", "A requirements file, read beside this file when the command runs; its lines are part of the tag.", _read_path, _TEXT),
    ("env", "names and texts", "Variables of the image.", SPEC_READERS["env"], _VARIABLES),
    ("commands", "list of texts", "Shell lines, run last, as root.", SPEC_READERS["commands"], _TEXTS),
    ("base_image", "text", "What it is made from; without it, the server's own (setting `workspace_image`).", SPEC_READERS["base_image"], _TEXT),
    ("registry", "text", "Where it is pushed, `registry.example.com/team`; without it, it stays with the engine.", SPEC_READERS["registry"], _TEXT),
)
KEYS: Final = _table(
    ("name", "text", "Needed. 1 to 40 letters, digits and single hyphens, beginning with a letter; the same in every letter case.", read_name, _NAME),
    ("description", "text", "What it is for; at most 500 characters.", read_description, _or_null({"type": "string", "maxLength": 500})),
    ("project", "text", "Whose it is; without it, your preference (`carrel preferences`), else the server's setting `default_project`.", _read_project, _or_null(_NAME)),
    ("domain", f"`{'`, `'.join(DOMAINS)}`", "Without it, your preference, else the setting `default_domain`.", _read_domain, {"enum": [*DOMAINS, None]}),
    ("container_image", "text, or keys of an image", "An image such as `python:3.12-slim`, or the specification of one that is built before the workspace is made (keys below). Without it: the repository's devcontainer.json, or the server's default image. With `source`: the repository's files, in that image.", _read_container_image, {"anyOf": [{"type": ["string", "null"]}, described(IMAGE, "name")]}),
    ("resources", "`cpu`, `mem`, `gpu`", "Its size (keys below).", _read_resources, _or_null(described(RESOURCES))),
    ("accelerator", "text", "Which kind of GPU: null, `nvidia-l4`, `nvidia-tesla-t4`, `nvidia-tesla-l4`, `nvidia-tesla-v100`, `nvidia-tesla-a100`, or another that the administrators of the server named.", read_accelerator, _or_null(_TEXT)),
    ("on_startup", "text, or list of texts", "null, a command, or a list of them: shell lines, run at every start as the workspace's user, one after the other.", read_on_startup, {"anyOf": [{"type": ["string", "null"]}, _TEXTS]}),
    ("ttl_seconds", "number", "Idleness after which it stops; 0: never, where the policy allows it. Without it, the server's setting.", _read_ttl, {"type": ["integer", "null"], "minimum": 0, "maximum": MOST_SECONDS}),
    ("secrets", "list of `key`, `env_var`", "Secrets that it cannot start without: a file each, or the variable `env_var`.", read_secrets, _or_null({"type": "array", "items": _object({"key": _TEXT, "env_var": _or_null(_TEXT)}, "key")})),
    ("source", "text, or `url` and `ref`", "A git URL, or a folder of a local-mode server's machine (`.` is the file's own). Without it: an empty project.", _read_source, {"anyOf": [{"type": ["string", "null"]}, _object({"url": _TEXT, "ref": _or_null(_TEXT)}, "url")]}),
    ("template", "text, or `name`, `version` and `size`", "A template of the catalog: `NAME`, `NAME@VERSION`; `size` is one of its sizes, in the place of `resources`.", _read_template, {"anyOf": [{"type": ["string", "null"]}, _object({"name": _TEXT, "version": _or_null(_TEXT), "size": _or_null(_TEXT)}, "name")]}),
    ("parameters", "names and values", "Values of the template's parameters: text, numbers, true or false.", read_parameters, _or_null(_VARIABLES)),
    ("devcontainer", "path", "Which devcontainer.json of the repository, where it has several. Not beside `container_image`.", _read_path, _or_null(_TEXT)),
    ("apps", "list", f"Apps besides those of the repository, with the keys {', '.join(f'`{name}`' for name in APP_MEMBERS)} ([apps](../guides/apps.md)).", read_written_apps, _or_null({"type": "array", "items": {"type": "object"}, "maxItems": 32})),
    ("env", "names and texts", "Variables of its processes; not for secrets.", read_env, _or_null(_VARIABLES)),
    ("schedule", "`start`, `stop`, `days`, `time_zone`; or `off`", 'When it starts and stops by itself: `start: "08:30"`, `stop: "19:00"`, `days: [mon, tue]` (without: monday to friday), `time_zone: Europe/Berlin` (without: UTC). `off: true`: it has none, whatever its project says.', read_schedule, _or_null(_object({"start": _or_null(_TEXT), "stop": _or_null(_TEXT), "days": {"type": "array", "items": {"enum": list(DAYS)}}, "time_zone": _TEXT, "off": {"type": "boolean"}}))),
    ("labels", "names and texts", "For your own order; at most 64.", read_labels, _or_null({"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}})),
)
# fmt: on


def json_schema() -> dict[str, Any]:
    """JSON Schema of a workspace.yaml (draft 2020-12)."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "workspace.yaml of Carrel"}
    return head | described(KEYS, "name")
