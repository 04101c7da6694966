"""The mounts of a service as requests: binds, named and anonymous volumes, tmpfs, secrets, configs, volumes_from."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from carrel.devcontainer.compose.project import Project, Service
from carrel.devcontainer.mounts import MountRequest
from carrel.devcontainer.notices import Notice, info, warning
from carrel.devcontainer.policy import refusal
from carrel.devcontainer.volumes import MountTable, inner_path
from carrel.devcontainer.workspace_folder import Place

OWN = "${devcontainerId}"
"""In the raw source of a volume that no other workspace shares."""


def service_mounts(project: Project, service: Service) -> Iterator[MountRequest]:
    """Everything that a service mounts, with raw sources of volumes.

    Raises:
        Problem: `bad_configuration`, a volume, secret or config is not declared.
    """
    for source in service.list("volumes_from"):
        name, _, mode = str(source).partition(":")
        if name != "container":
            for one in service_mounts(project, project.service(name, f"services.{service.name}.volumes_from")):
                yield replace(one, read_only=one.read_only or mode == "ro")
    for mount in service.list("volumes"):
        yield _request(project, service, mount)
    for text in service.list("tmpfs"):
        target, _, rest = str(text).partition(":")
        if not target.startswith("/"):
            raise service.problem("tmpfs", f"{target!r} is no absolute folder")
        sizes = [one.removeprefix("size=") for one in rest.split(",") if one.startswith("size=")]
        yield MountRequest("tmpfs", target, options={"tmpfs-size": sizes[-1]} if sizes else {})
    for kind, default in (("secrets", "/run/secrets/"), ("configs", "/")):
        for entry in service.list(kind):
            yield _file(project, service, (kind, default), entry)


def _request(project: Project, service: Service, mount: Mapping[str, Any]) -> MountRequest:
    kind, target = str(mount["type"]), str(mount["target"])
    source, read_only = str(mount.get("source") or ""), mount.get("read_only") in {True, "true"}
    options: dict[str, str] = {}
    if kind == "volume":
        subpath = _part(service, mount, "volume").get("subpath")
        options = {"volume-subpath": str(subpath)} if subpath else {}
        source = _volume(project, service, source) if source else f"{OWN}{service.name}-{target.strip('/')}"
    elif kind == "tmpfs":
        size = _part(service, mount, "tmpfs").get("size")
        options = {"tmpfs-size": str(size)} if size else {}
    return MountRequest(kind, target, source, read_only, options)


def _part(service: Service, mount: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = mount.get(key) or {}
    if not isinstance(part, Mapping):
        raise service.problem("volumes", f"`{key}` must be a mapping")
    return part


def _volume(project: Project, service: Service, name: str) -> str:
    """The raw name: only an external volume, or one that says its own name, can be shared with other workspaces."""
    if name not in project.volumes:
        raise service.problem("volumes", f"the volume {name!r} is not declared under the top-level `volumes`")
    declared = project.volumes[name] if isinstance(project.volumes[name], Mapping) else {}
    external = declared.get("external")
    own_name = external.get("name") if isinstance(external, Mapping) else declared.get("name")
    return str(own_name or name) if external or own_name else f"{OWN}{name}"


def volume_notices(project: Project) -> Iterator[Notice]:
    """What the declarations of volumes ask for and do not get."""
    for name, declared in project.volumes.items():
        if not isinstance(declared, Mapping):
            continue
        if declared.get("driver_opts"):
            text = "options of a driver can name any folder of the host; it is a plain volume of the workspace"
            yield refusal("volume", f"volumes.{name}.driver_opts", text, "Compose")
        if declared.get("driver") not in {None, "local"}:
            yield warning(f"volumes.{name}.driver", "it is a plain volume of the workspace", "Compose")


def _file(project: Project, service: Service, kind: tuple[str, str], entry: Mapping[str, Any]) -> MountRequest:
    """A secret or config: a file of the repository, read-only."""
    name = str(entry.get("source") or "")
    declared = (project.secrets if kind[0] == "secrets" else project.configs).get(name)
    if declared is None:
        raise service.problem(kind[0], f"{name!r} is not declared under the top-level `{kind[0]}`")
    target = str(entry.get("target") or name)
    if not target.startswith("/"):
        target = kind[1] + target
    source = str(declared.get("file") or "") if isinstance(declared, Mapping) else ""
    return MountRequest("bind" if source else f"{kind[0]} without a file", target, source, read_only=True)


def mount_service(table: MountTable, project: Project, service: Service) -> None:
    """Put a service's mounts into a table, each judged; a folder that is not there becomes a volume, as an engine would make it."""
    origin = f"service {service.name}"
    for foreign in (str(one) for one in service.list("volumes_from")):
        if foreign.startswith("container:"):
            text = "volumes of containers outside the workspace are never mounted"
            table.notices.append(refusal("bind", f"volumes_from {foreign}", text, origin))
    for request in service_mounts(project, service):
        one = around_repository(request, table.place.root)
        inner = table.inner_path(one.source) if one.kind == "bind" else None
        if inner and inner in table.absent:
            text = f"the repository has no {inner!r}; a volume of the workspace takes its place"
            table.notices.append(info(f"volumes {one.target}", text, origin))
            one = replace(one, kind="volume", source=f"{OWN}folder-{inner}")
        table.request(replace(one, source=one.source.replace(OWN, "")), f"volumes {one.target}", origin, one.source)


def around_repository(request: MountRequest, root: str) -> MountRequest:
    """`../..:/workspaces` mounts the folder around the repository, as the official templates do: only the repository is there."""
    if request.kind != "bind" or request.source != posixpath.dirname(root.rstrip("/")) or request.source == "/":
        return request
    return replace(request, source=root, target=posixpath.join(request.target, posixpath.basename(root.rstrip("/"))))


def repository_targets(project: Project, service: Service, place: Place, folder: str) -> Iterator[str]:
    """Where a service has the repository, or the part of it that `folder`, the workspace folder, is in."""
    for request in service_mounts(project, service):
        one = around_repository(request, place.root)
        inner = inner_path(one.source, place) if one.kind == "bind" and not one.read_only else None
        if inner == "" or (inner and f"{folder}/".startswith(f"{one.target}/")):
            yield one.target
