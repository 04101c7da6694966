"""`build` of a service as the settings of a Dockerfile build (C186)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from carrel.core.problems import Problem
from carrel.devcontainer.compose.project import Project, Service
from carrel.devcontainer.configuration import BuildSettings
from carrel.devcontainer.notices import Notice
from carrel.devcontainer.volumes import inner_path
from carrel.devcontainer.workspace_folder import Place

_REFUSED = ("secrets", "ssh", "privileged", "entitlements", "additional_contexts")


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
        raise service.problem("build", f"the context {context!r} is not a folder of the repository")
    written = str(build.get("dockerfile") or "Dockerfile")
    args = build.get("args") or {}
    if not isinstance(args, Mapping):
        raise service.problem("build", "args must be a mapping or a list")
    values = {name: project.environment.get(name) if value is None else value for name, value in args.items()}
    cache = build.get("cache_from") or []
    return BuildSettings(
        dockerfile=_inner(posixpath.join(context, written), place),
        context=_inner(context, place) or ".",
        args={name: str(value) for name, value in values.items() if value is not None},
        target=str(build.get("target") or ""),
        cache_from=tuple(str(one) for one in (cache if isinstance(cache, list) else [cache])),
        options=tuple(_options(service, build)),
    )


def _inner(path: str, place: Place) -> str:
    inner = inner_path(path, place)
    if inner is None:
        raise Problem(
            "refused_by_policy", f"The path {path!r} leaves the repository.", hint="Move the file into the repository."
        )
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
            yield Notice("refused", f"build.{key}", "not allowed and left out", origin=f"service {service.name}")
