"""Reading and asking everything that a plan needs: the repository's files, the image, the features. The only async step."""

from __future__ import annotations

import json
import posixpath
from dataclasses import replace

from carrel.core.problems import Problem
from carrel.devcontainer.allowance import Allowance
from carrel.devcontainer.build_options import parse_build_options
from carrel.devcontainer.build_policy import judge_dockerfile, judged_settings
from carrel.devcontainer.compose.builds import build_settings
from carrel.devcontainer.compose.load import load
from carrel.devcontainer.compose.volumes import service_mounts
from carrel.devcontainer.configuration import BuildSettings, Configuration, read
from carrel.devcontainer.context_use import reads_context
from carrel.devcontainer.discovery import choose, find_configurations
from carrel.devcontainer.dockerfile import KnownValues, base_image, external_images, parse_dockerfile
from carrel.devcontainer.dockerfile_values import values_of
from carrel.devcontainer.features.advisories import advisory_notices, refuse_disallowed
from carrel.devcontainer.features.lockfile import (
    check_frozen,
    is_current,
    lock,
    lockfile_path,
    read_lockfile,
    write_lockfile,
)
from carrel.devcontainer.features.record import Feature
from carrel.devcontainer.features.resolve import Registry, Resolver, Wanted
from carrel.devcontainer.inputs import (
    BaseImage,
    ComposeInput,
    DockerfileInput,
    ImageInspector,
    Inputs,
    ProjectFiles,
    Request,
)
from carrel.devcontainer.metadata import configuration_entry, feature_entry, read_label
from carrel.devcontainer.mounts import MountRequest, parse_mount
from carrel.devcontainer.notices import Notice, info
from carrel.devcontainer.run_options import judge_run_args
from carrel.devcontainer.untrusted import sound_entries
from carrel.devcontainer.variables import local_pass
from carrel.devcontainer.volumes import bind_sources

_MAX_CONFIGURATION_BYTES = 2**20
_MAX_DOCKERFILE_BYTES = 2**20


async def gather(request: Request, files: ProjectFiles, inspect: ImageInspector, registry: Registry) -> Inputs:
    """Everything `plan` needs for one environment.

    Args:
        request: what is asked for.
        files: the repository as it lies in the volume or folder.
        inspect: facts of an image, pulling it where it is absent.
        registry: where features come from; `carrel.devcontainer.registry.RegistryClient`.

    Raises:
        Problem: `bad_configuration`, `choose_configuration`, `refused_by_policy`, `feature_failed`, `image_missing`,
            `registry_unreachable`, `registry_denied`. `recovery_plan` makes a plan in spite of it.
    """
    configuration, found = await read_configuration(request, files)
    compose: ComposeInput | None = None
    if configuration.source == "compose":
        compose, build, image = await _compose(request, configuration, files, inspect)
    else:
        build, image = await _image(request, configuration, files, inspect)
    features, lockfile, notices = await _features(request, configuration, files, registry)
    inputs = Inputs(request, configuration, image, found, build, compose, features, lockfile, notices=notices)
    return replace(inputs, absent_binds=await _absent_binds(inputs, files))


async def read_configuration(request: Request, files: ProjectFiles) -> tuple[Configuration, bool]:
    """The chosen configuration, and whether the repository has one; without one it is the default image (C005, D40)."""
    if request.image:
        own_path = posixpath.join(request.folder, ".devcontainer.json")
        configuration = read(json.dumps({"image": request.image}), own_path, request.place)
        notice = info("image", f"the workspace says which image it runs: {request.image}")
        return replace(configuration, notices=(notice,)), False
    candidates = await find_configurations(files, request.folder)
    path = choose(candidates, request.configuration, request.folder)
    if not path:
        configuration = read(
            '{"image": "' + request.default_image + '"}',
            posixpath.join(request.folder, ".devcontainer.json"),
            request.place,
        )
        notice = info(
            "image", f"the repository has no devcontainer.json; the default image {request.default_image} is used"
        )
        return replace(configuration, notices=(notice,)), False
    content = await files.read(path)
    if content is None:
        listing = ", ".join(candidates) or "none"
        raise Problem("bad_configuration", f"The repository has no {path} (found: {listing}).", extra={"file": path})
    if len(content) > _MAX_CONFIGURATION_BYTES:
        raise Problem(
            "bad_configuration", f"{path} is larger than {_MAX_CONFIGURATION_BYTES} bytes.", extra={"file": path}
        )
    configuration = read(content, path, request.place, request.local_env)
    if configuration.source == "none":
        values = {**configuration.values, "image": request.default_image}
        notice = info("image", f"{path} names no image; the default image {request.default_image} is used")
        return replace(configuration, values=values, notices=(*configuration.notices, notice)), True
    return configuration, True


async def _image(
    request: Request, configuration: Configuration, files: ProjectFiles, inspect: ImageInspector
) -> tuple[DockerfileInput | None, BaseImage]:
    if configuration.source == "image":
        return None, await inspected(str(configuration.values["image"]), inspect)
    return await _dockerfile(request, configuration, configuration.build(), files, inspect)


async def _compose(
    request: Request, configuration: Configuration, files: ProjectFiles, inspect: ImageInspector
) -> tuple[ComposeInput, DockerfileInput | None, BaseImage]:
    """The project, the builds of all services that run, and what the primary one starts from."""
    written = configuration.values["dockerComposeFile"]
    paths = [configuration.resolve(one) for one in ([written] if isinstance(written, str) else written)]
    project = await load(paths, files, request.place, request.local_env)
    run = tuple(configuration.values.get("runServices") or ())
    services = project.selected(str(configuration.values["service"]), run)
    builds: dict[str, DockerfileInput] = {}
    image = BaseImage("scratch")
    for service in reversed(services):
        settings = build_settings(project, service, request.place)
        if settings is not None:
            inline = str(service.mapping("build").get("dockerfile_inline") or "")
            builds[service.name], image = await _dockerfile(request, configuration, settings, files, inspect, inline)
        elif service is services[0]:
            image = await inspected(service.text("image"), inspect)
    build = builds.pop(services[0].name, None)
    return ComposeInput(project, services, builds), build, image


async def _dockerfile(
    request: Request,
    configuration: Configuration,
    settings: BuildSettings,
    files: ProjectFiles,
    inspect: ImageInspector,
    inline: str = "",
) -> tuple[DockerfileInput, BaseImage]:
    """A Dockerfile, or the text that stands in its place, with the facts of its base."""
    content = inline.encode() or await files.read(settings.dockerfile)
    if content is None:
        raise Problem(
            "bad_configuration",
            f"The Dockerfile {settings.dockerfile} does not exist.",
            extra={"file": settings.dockerfile},
        )
    if len(content) > _MAX_DOCKERFILE_BYTES:
        raise Problem("bad_configuration", f"{settings.dockerfile} is larger than {_MAX_DOCKERFILE_BYTES} bytes.")
    text = content.decode(errors="replace")
    settings, refused = judged_settings(settings, parse_build_options(settings.options))
    known = known_values(settings, request)
    values = values_of(text, {**known.platform, **known.args})
    remarks = judge_dockerfile(text, settings, values, request.policy)
    dockerfile = parse_dockerfile(text, settings.dockerfile)
    target = parse_build_options(settings.options).target or settings.target
    base = base_image(dockerfile, known, target)
    image = await inspected(base, inspect) if base and base != "scratch" else BaseImage("scratch")
    named = external_images(dockerfile, known)
    ids = {one: image.id for one in named if one == base}
    digest = ""
    if reads_context(dockerfile) or image.on_build or set(named) - {base}:
        ignore = await _ignore(files, settings) + _own_files(configuration, settings)
        digest = await files.digest(settings.context, ignore)
    return DockerfileInput(dockerfile, settings, digest, ids, (*refused, *remarks)), image


def known_values(settings: BuildSettings, request: Request) -> KnownValues:
    """What the Dockerfile's variables are known to be before the build; a wanted platform counts for TARGET* (C143)."""
    options = parse_build_options(settings.options)
    args = {**settings.args, **options.args}
    own = request.architecture
    wanted = (options.platform or request.platform).partition("/")[2].partition("/")[0] or own
    platform = {
        "TARGETOS": "linux",
        "TARGETARCH": wanted,
        "TARGETVARIANT": "",
        "TARGETPLATFORM": f"linux/{wanted}",
        "BUILDOS": "linux",
        "BUILDARCH": own,
        "BUILDVARIANT": "",
        "BUILDPLATFORM": f"linux/{own}",
    }
    return KnownValues(args, {}, platform)


async def _ignore(files: ProjectFiles, settings: BuildSettings) -> str:
    """The text of the .dockerignore that applies: beside the Dockerfile under its name, else at the context's root (C149)."""
    for path in (
        f"{settings.dockerfile}.dockerignore",
        posixpath.normpath(posixpath.join(settings.context, ".dockerignore")),
    ):
        content = await files.read(path)
        if content is not None:
            return content.decode(errors="replace")
    return ""


def _own_files(configuration: Configuration, settings: BuildSettings) -> str:
    """The lockfile, which Carrel writes itself, as a line of .dockerignore: writing it must not change the image's tag."""
    inner = posixpath.relpath(lockfile_path(configuration.path), settings.context)
    return "" if inner.startswith("../") else f"\n{inner}\n"


async def inspected(reference: str, inspect: ImageInspector) -> BaseImage:
    """An image's facts as a plain record."""
    if not reference or reference.startswith("-") or any(char.isspace() for char in reference):
        raise Problem("bad_configuration", f"{reference!r} is no image.")
    facts = await inspect(reference)
    env, labels = dict(facts.env), dict(facts.labels)
    return BaseImage(reference, facts.id, facts.user, env, labels, facts.architecture, facts.on_build)


async def _features(
    request: Request, configuration: Configuration, files: ProjectFiles, registry: Registry
) -> tuple[tuple[Feature, ...], str | None, tuple[Notice, ...]]:
    own = configuration.values.get("features") or {}
    wanted = {**own, **{key: value for key, value in request.additional_features.items() if key not in own}}
    if not wanted:
        return (), None, ()
    refuse_disallowed(wanted, request.control)
    path = lockfile_path(configuration.path)
    content = await files.read(path) if request.lockfile != "ignore" else None
    old = read_lockfile(content, path)
    order = configuration.values.get("overrideFeatureInstallOrder") or ()
    resolved = await Resolver(Wanted(wanted, order, configuration.path, request.folder, old), files, registry).resolve()
    refuse_disallowed((one.name for one in resolved.features), request.control)
    notices = (*resolved.notices, *advisory_notices(resolved.features, request.control))
    if request.lockfile == "ignore" or not own:
        return resolved.features, None, notices
    new = lock(resolved.features, frozenset(request.additional_features) - frozenset(own))
    if request.lockfile == "frozen":
        check_frozen(content, new)
    return resolved.features, None if is_current(content, new) else write_lockfile(new), notices


async def _absent_binds(inputs: Inputs, files: ProjectFiles) -> frozenset[str]:
    """Folders and files of the repository that are to be mounted and are not there, or lead out of it by a link."""
    absent: set[str] = set()
    for path in bind_sources(_wanted_mounts(inputs), inputs.request.place):
        try:
            is_there = (
                bool(await files.list(path))
                or await files.read(path) is not None
                or await _is_empty_folder(path, files)
            )
        except Problem:
            is_there = False
        if not is_there:
            absent.add(path)
    return frozenset(absent)


async def _is_empty_folder(path: str, files: ProjectFiles) -> bool:
    return posixpath.basename(path) + "/" in await files.list(posixpath.dirname(path) or ".")


def _wanted_mounts(inputs: Inputs) -> list[MountRequest]:
    given = [*read_label(inputs.image.labels), *(feature_entry(one.name, one.metadata) for one in inputs.features)]
    entries, _ = sound_entries(given)
    own = configuration_entry(inputs.configuration.raw)
    allowance = Allowance(inputs.request.policy)
    if inputs.compose is None:
        judge_run_args(allowance, inputs.configuration.values.get("runArgs") or ())
    requests = [request for request, _, _ in allowance.mounts]
    if inputs.compose is not None:
        project = inputs.compose.project
        requests += [mount for service in inputs.compose.services for mount in service_mounts(project, service)]
    for entry in [*entries, *([own] if own else [])]:
        written = local_pass(list(entry.values.get("mounts") or ()), inputs.configuration.scope)
        requests += [parse_mount(mount) for mount in written]
    if inputs.configuration.workspace.mount:
        requests.append(parse_mount(inputs.configuration.workspace.mount, "workspaceMount"))
    return requests
