"""From the text of a workspace.yaml to what it says; all that is wrong is told at once, with line and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from carrel.core.definition import Definition
from carrel.core.problems import Problem
from carrel.definition.image import read_requirements
from carrel.definition.keys import KEYS
from carrel.definition.members import members_of_definition
from carrel.definition.misfits import Findings, Misfit, shown, unknown
from carrel.definition.problem import Fault, problem_of
from carrel.definition.scalars import kind_of
from carrel.definition.workspace_file import WorkspaceFile
from carrel.definition.yaml_tree import UnreadableError, read_tree

FILE = "workspace.yaml"


def read_workspace_file(data: bytes | str, file: str = FILE) -> WorkspaceFile:
    """What a workspace.yaml says.

    Args:
        data: the file; UTF-8.
        file: how messages call it.

    Raises:
        Problem: `bad_value` with every fault, its line and its column; `extra["faults"]` has them as data.
    """
    try:
        tree = read_tree(data)
    except UnreadableError as error:
        raise problem_of([error.fault], file) from error
    findings = Findings()
    values = _values(tree.value, findings)
    found = None
    with findings.at():
        found = _file(values, findings)
    faults = tree.faults + [Fault(tree.mark(one.path, at_key=one.at_key), _message(one)) for one in findings.found]
    if faults or found is None:
        raise problem_of(faults, file)
    return found


def _message(one: Misfit) -> str:
    """The key, and what is wrong with it."""
    return one.message if one.at_key or not one.path else f"{shown(one.path)}: {one.message}"


def _values(value: object, findings: Findings) -> dict[str, Any]:
    """Each known key's value as it is used; keys that are wrong are told and left out."""
    if not isinstance(value, Mapping):
        with findings.at():
            what = "the file is empty" if value is None else f"it should be keys with values, not {kind_of(value)}"
            raise Misfit(f"{what}; `carrel create workspace-config --init base_image workspace.yaml` writes one")
        return {}
    read: dict[str, Any] = {}
    for key in value:
        with findings.at():
            if key not in KEYS:
                raise unknown(str(key), KEYS)
    for name, row in KEYS.items():
        with findings.at(name):
            if name in value or name in ("name", "template"):
                read[name] = row.read(value.get(name))
    return read


def _file(values: dict[str, Any], findings: Findings) -> WorkspaceFile | None:
    image, requirements = values.get("container_image") or (None, "")
    devcontainer = values.get("devcontainer", "")
    if devcontainer and image is not None:
        with findings.at("devcontainer"):
            raise Misfit("`container_image` is there as well: choose one of them", at_key=True)
    template, parameters = values.get("template"), values.get("parameters") or {}
    if parameters and template is None and "template" in values:
        with findings.at("parameters"):
            raise Misfit("they are those of a template, and `template` names none", at_key=True)
    if template is not None:
        template = replace(template, parameters=parameters)
    source, ref = values.get("source") or ("", "")
    resources = values.get("resources") or {}
    definition = Definition(
        description=values.get("description", ""),
        accelerator=values.get("accelerator", ""),
        on_startup=values.get("on_startup", ()),
        env=values.get("env", {}),
        secrets=values.get("secrets", ()),
        apps=values.get("apps", ()),
        schedule=values.get("schedule"),
        template=template,
        **members_of_definition("image", image),
    )
    if findings.found:
        return None
    return WorkspaceFile(
        name=values["name"],
        project=values.get("project", ""),
        domain=values.get("domain", ""),
        cpus=resources.get("cpu"),
        memory_bytes=resources.get("mem"),
        gpus=resources.get("gpu", 0),
        ttl_seconds=values.get("ttl_seconds"),
        source=source,
        ref=ref,
        devcontainer=devcontainer,
        labels=values.get("labels", {}),
        requirements=requirements,
        definition=definition,
    )


def with_requirements(file: WorkspaceFile, lines: Sequence[str]) -> WorkspaceFile:
    """The file with the lines of the requirements file that it names. Raises `bad_value`, with the line."""
    spec = file.definition.image_spec
    if spec is None:
        return file
    try:
        read = read_requirements(list(lines))
    except Misfit as error:
        line = int(error.path[0]) + 1 if error.path else 1
        raise Problem("bad_value", f"{file.requirements}, line {line}: {error.message}.") from error
    return replace(file, definition=replace(file.definition, image_spec=replace(spec, requirements=read)))
