"""A workspace.yaml on this machine, as requests of the API; and a workspace of the API, as a file would say it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carrel.cli.source import parse_source
from carrel.core.definition import Definition
from carrel.core.problems import Problem
from carrel.core.spec import EmptySource, FolderSource, GitSource
from carrel.definition.members import read_members, written_members
from carrel.definition.read import read_workspace_file, with_requirements
from carrel.definition.workspace_file import WorkspaceFile
from carrel.definition.write import definition_text, values_of

if TYPE_CHECKING:
    from carrel.client.documents import Workspace
    from carrel.client.requests import WorkspaceCreate, WorkspaceUpdate

MOST_BYTES = 1 << 20
CLEARED: dict[str, Any] = {
    "description": "",
    "image": "",
    "accelerator": "",
    "on_startup": [],
    "env": {},
    "wanted_secrets": [],
    "apps": [],
    "schedule": {"start": "", "stop": ""},
}
"""What an update says of a member that the file does not name."""


def read_file(path: Path) -> WorkspaceFile:
    """The file, with the lines of the requirements file that it names. Raises `bad_value`, with line and column."""
    file = read_workspace_file(_bytes(path), str(path))
    if not file.requirements:
        return file
    lines = _bytes(path.absolute().parent / file.requirements).decode(errors="replace").splitlines()
    return with_requirements(file, lines)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        hint = "`carrel create workspace-config --init base_image workspace.yaml` writes one."
        raise Problem("bad_value", f"{path} cannot be read: {error.strerror}.", hint) from error
    if len(data) > MOST_BYTES:
        raise Problem("bad_value", f"{path} is larger than a MiB.", "Is it the right file?")
    return data


def source_of(file: WorkspaceFile, path: Path) -> GitSource | FolderSource | EmptySource:
    """The source; a folder that begins with a dot is beside the file. Raises `bad_source`."""
    if not file.source:
        return EmptySource()
    text = file.source
    if text in {".", ".."} or text.startswith(("./", "../")):
        text = os.path.normpath(path.absolute().parent / text)
    found = parse_source(text, file.ref)
    if found is None:
        raise Problem(
            "bad_source", f"{path}: {text!r} is neither a git URL nor a folder.", "Write `./NAME` for a folder."
        )
    return found


def creation_of(file: WorkspaceFile, path: Path) -> WorkspaceCreate:
    """The request that makes the workspace, without starting it."""
    from carrel.client.requests import LimitsInput, RetentionInput, WorkspaceCreate  # noqa: PLC0415  with Pydantic

    size = {"cpus": file.cpus, "memory_bytes": file.memory_bytes, "gpus": file.gpus or None}
    values: dict[str, Any] = {
        "devcontainer": file.devcontainer,
        "project": file.project,
        "domain": file.domain,
        "limits": LimitsInput(**{name: value for name, value in size.items() if value is not None}),
        "labels": dict(file.labels),
        **said(file.definition),
    }
    if file.ttl_seconds is not None:
        values["retention"] = RetentionInput(ttl_seconds=file.ttl_seconds)
    given = {name: value for name, value in values.items() if value not in ("", {})}
    return WorkspaceCreate(source=source_of(file, path), name=file.name, start=False, **given)


def said(definition: Definition) -> dict[str, Any]:
    """Members of a request, of what the definition says."""
    members = written_members(definition) or {}
    return {name: value for name, value in members.items() if value not in ("", [], {}, None)}


def update_of(
    file: WorkspaceFile, found: Workspace, defaults: Mapping[str, str | float | bool] | None = None
) -> WorkspaceUpdate:
    """The request that makes a workspace as the file says: what it does not name is taken away.

    Args:
        file: what is wanted.
        found: the workspace as it is.
        defaults: of the parameters of its template that may be changed; what the file does not name takes them.
    """
    from carrel.client.requests import LimitsInput, RetentionInput, WorkspaceUpdate  # noqa: PLC0415  with Pydantic

    limits = LimitsInput(
        cpus=file.cpus,
        memory_bytes=file.memory_bytes,
        gpus=file.gpus,
        pids=found.limits.pids,
        shm_bytes=found.limits.shm_bytes,
    )
    own = {key: value for key, value in found.labels.items() if key.startswith("carrel.")}
    values: dict[str, Any] = {
        "devcontainer": file.devcontainer,
        "limits": limits,
        "labels": own | dict(file.labels),
        **(CLEARED if found.definition else {}),
        **said(file.definition),
        "retention": RetentionInput(ttl_seconds=file.ttl_seconds),  # None: as the policy says
    }
    if file.source and isinstance(found.source, GitSource) and file.ref != found.source.ref:
        values["ref"] = file.ref
    if "template" in values:
        used = values.pop("template")
        if found.template is not None:  # one that is in the catalog no longer has nothing to change
            # A file that names no version is content with the one that there is; `--template-version newest` moves it.
            version = used["version"] or str(found.template.version)
            parameters = {**(defaults or {}), **used["parameters"]}
            values["template"] = used | {"version": version, "parameters": parameters}
    return WorkspaceUpdate(**values)


def check_same_place(file: WorkspaceFile, path: Path, found: Workspace) -> None:
    """Raise `bad_value` for what an update cannot change, and say what can be done."""
    for what, wanted, present in (("project", file.project, found.project), ("domain", file.domain, found.domain)):
        if wanted and wanted != present:
            hint = f"Make a new one in {wanted}, under another name."
            raise Problem("bad_value", f"{path}: {found.name} belongs to the {what} {present} and stays there.", hint)
    if (wanted := _template_name(file)) != (present := _template_of(found)):
        hint = f"Write `template: {present}`." if present else "Make a new workspace of it, under another name."
        raise Problem("bad_value", f"{path}: `template` is not what {found.name} was made from.", hint)
    if wanted and not file.source:
        return  # the template says it
    source = source_of(file, path)
    is_other = type(source) is not type(found.source) or (
        source.url != found.source.url
        if isinstance(source, GitSource) and isinstance(found.source, GitSource)
        else source != found.source
    )
    if is_other:
        hint = "Make a new workspace of that source, under another name."
        raise Problem(
            "bad_value", f"{path}: `source` is not what {found.name} was made from, and it keeps its files.", hint
        )


def _template_name(file: WorkspaceFile) -> str:
    return file.definition.template.name if file.definition.template else ""


def _template_of(found: Workspace) -> str:
    """The name of the template that it was made from, also of one that is gone."""
    kept = (found.definition or {}).get("template") or {}
    return found.template.name if found.template else str(kept.get("name", ""))


def file_of(found: Workspace) -> WorkspaceFile:
    """A workspace as a file says it."""
    source, ref = "", ""
    if isinstance(found.source, GitSource):
        source, ref = found.source.url, found.source.ref
    elif isinstance(found.source, FolderSource):
        source = found.source.path
    definition = Definition(**read_members(found.definition)) if found.definition else Definition()
    return WorkspaceFile(
        name=found.name,
        project=found.project,
        domain=found.domain,
        cpus=found.limits.cpus,
        memory_bytes=found.limits.memory_bytes,
        gpus=found.limits.gpus,
        ttl_seconds=found.retention.ttl_seconds,
        source=source,
        ref=ref,
        devcontainer=found.devcontainer,
        labels={key: value for key, value in found.labels.items() if not key.startswith("carrel.")},
        definition=definition,
    )


def shown_definition(found: Workspace) -> str:
    """`workspace_definition { ... }`, of what the server keeps."""
    return definition_text(values_of(file_of(found)))
