"""The mounts of the primary container: repository, home, Compose service, configuration, features, runArgs. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from carrel.core.problems import Problem
from carrel.core.spec import (
    PROJECT_VOLUME,
    FolderSource,
    VolumeSpec,
)
from carrel.devcontainer.allowance import Allowance
from carrel.devcontainer.compose.volumes import mount_service
from carrel.devcontainer.inputs import Inputs
from carrel.devcontainer.metadata import Entry
from carrel.devcontainer.mounts import parse_mount
from carrel.devcontainer.notices import warning
from carrel.devcontainer.targets import is_reserved
from carrel.devcontainer.variables import id_pass, local_pass
from carrel.devcontainer.volumes import MountTable


@dataclass(frozen=True)
class Wishes:
    """What configuration, features and image ask for."""

    merged: Mapping[str, Any]
    raw_entries: Sequence[Entry]
    """As they were written: they say from where each mount comes."""
    identity: str
    """Of `${devcontainerId}`."""


def plan_mounts(inputs: Inputs, wishes: Wishes, allowance: Allowance, home: str) -> MountTable:
    """The repository, the home, what the Compose service has, then what is asked for, under the policy."""
    table = mount_table(inputs)
    if not isinstance(inputs.request.source, FolderSource):
        table.volumes[PROJECT_VOLUME] = VolumeSpec(PROJECT_VOLUME)
    _project_mount(inputs, table, wishes.identity)
    if inputs.compose is not None:
        mount_service(table, inputs.compose.project, inputs.compose.primary)
    table.home(home)
    origins = {_key(id_pass(local_pass(mount, inputs.configuration.scope), wishes.identity)): (entry.origin, local_pass(mount, inputs.configuration.scope))
               for entry in wishes.raw_entries for mount in _list(entry.values.get("mounts"))}  # fmt: skip
    for index, mount in enumerate(wishes.merged.get("mounts") or ()):
        origin, raw = origins.get(_key(mount), ("devcontainer.json", mount))
        where = f"mounts[{index}]" if origin == "devcontainer.json" else f"{origin}: mounts[{index}]"
        table.request(parse_mount(mount, where), f"mounts[{index}]", origin, parse_mount(raw, where).source)
    for wanted, key, origin in allowance.mounts:
        table.request(_id_pass_mount(wanted, wishes.identity), key, origin, wanted.source)
    return table


def mount_table(inputs: Inputs) -> MountTable:
    """A table with nothing in it yet."""
    request = inputs.request
    return MountTable(request.source, request.place, request.policy, inputs.absent_binds)


def _id_pass_mount(mount: Any, identity: str) -> Any:
    """A mount request with `${devcontainerId}` replaced."""
    return replace(mount, source=id_pass(mount.source, identity), target=id_pass(mount.target, identity))


def _key(mount: Any) -> str:
    return str(sorted(mount.items()) if isinstance(mount, Mapping) else mount)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _project_mount(inputs: Inputs, table: MountTable, identity: str) -> None:
    """The repository at the target of workspaceMount; only its target is honoured, and a source inside the repository (C070, C075)."""
    written = inputs.configuration.workspace.mount
    if not written:
        return
    wanted = parse_mount(id_pass(written, identity), "workspaceMount")
    inner = table.inner_path(wanted.source) if wanted.kind == "bind" else None
    if inner is None:
        table.notices.append(
            warning(
                "workspaceMount",
                f"its source {wanted.source!r} is not the repository; the repository is mounted at {wanted.target}",
            )
        )
        inner = ""
    target = posixpath.normpath(wanted.target)
    if is_reserved(target) or not target.isprintable():
        path = inputs.configuration.path
        detail = f"{path}: workspaceMount: the repository cannot be mounted at {target}."
        raise Problem("refused_by_policy", detail, "Choose a folder below /workspaces.", {"file": path, "property": "workspaceMount"})  # fmt: skip
    table.add(table.project(target, inner, read_only=wanted.read_only))
