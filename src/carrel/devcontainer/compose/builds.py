"""`build` of a service as the settings of a Dockerfile build (C186)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer.compose.project import Project, Service
from carrel.devcontainer.configuration import BuildSettings
from carrel.devcontainer.notices import Notice
from carrel.devcontainer.policy import refusal
from carrel.devcontainer.volumes import inner_path
from carrel.devcontainer.workspace_folder import Place

_REFUSED = ("additional_contexts", "cache_to", "entitlements", "isolation", "privileged", "secrets", "ssh", "tags")


def build_settings(project: Project, service: Service, place: Place) -> BuildSettings | None:
    """The settings; None: the service has an image only.

    Raises:
        Problem: `refused_by_policy`, context or Dockerfile are outside the repository; `bad_configuration`.
    """
    build = service.mapping("build")
    if not build:
        return None
    context = str(build["context"])
    if "://" in context or "git@" in context:
        found = service.problem("build", f"the context {context!r} is not a folder of the repository")
        extra = {**found.extra, "property": "build.files"}
        raise Problem("refused_by_policy", found.detail, "Put the files into the repository.", extra)
    written = str(build.get("dockerfile") or "Dockerfile")
    args = build.get("args") or {}
    if not isinstance(args, Mapping):
        raise service.problem("build", "args must be a mapping or a list")
    values = {name: project.environment.get(name) if value is None else value for name, value in args.items()}
    cache = build.get("cache_from") or []
    return BuildSettings(
        dockerfile=_inner(posixpath.join(context, written), place, service),
        context=_inner(context, place, service) or ".",
        args={name: str(value) for name, value in values.items() if value is not None},
        target=str(build.get("target") or ""),
        cache_from=tuple(str(one) for one in (cache if isinstance(cache, list) else [cache])),
        options=tuple(_options(service, build)),
        origin=f"service {service.name}",
    )


def _inner(path: str, place: Place, service: Service) -> str:
    inner = inner_path(path, place)
    if inner is None:
        found = service.problem("build", f"the path {path!r} leaves the repository")
        extra = {**found.extra, "property": "build.files"}
        raise Problem("refused_by_policy", found.detail, "Move the file into the repository.", extra)
    return inner


def _options(service: Service, build: Mapping[str, Any]) -> Iterator[str]:
    """What else a build can say, in the words of build.options."""
    if build.get("network"):
        yield f"--network={build['network']}"
    if build.get("shm_size"):
        yield f"--shm-size={build['shm_size']}"
    if build.get("no_cache") in {True, "true"}:
        yield "--no-cache"
    labels = build.get("labels") or {}
    if not isinstance(labels, Mapping):
        raise service.problem("build", "labels must be a mapping or a list")
    for name, value in labels.items():
        yield f"--label={name}={value or ''}"
    hosts = build.get("extra_hosts") or {}
    if not isinstance(hosts, (list, Mapping)):
        raise service.problem("build", "extra_hosts must be a mapping or a list")
    for host in hosts if isinstance(hosts, list) else [f"{name}:{address}" for name, address in hosts.items()]:
        yield f"--add-host={str(host).replace('=', ':', 1)}"
    platforms: list[Any] = list(build.get("platforms") or ())
    if service.get("platform") or len(platforms) == 1:
        yield f"--platform={service.get('platform') or platforms[0]}"


def build_notices(service: Service) -> Iterator[Notice]:
    """Keys of a build that are refused."""
    for key in _REFUSED:
        if service.mapping("build").get(key):
            yield refusal("build.options", f"build.{key}", "not allowed and left out", f"service {service.name}")
