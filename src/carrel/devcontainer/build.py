"""The build plan: the user's Dockerfile, then features on its result, then the uid update; each image tagged by its content.

A tag is a hash of everything that goes in, so an unchanged environment finds its image and builds nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from carrel.core.spec import BuildPlan, BuildStep
from carrel.devcontainer import uid_update
from carrel.devcontainer.build_options import parse_build_options
from carrel.devcontainer.features.install import Installation, build_file, context_files, feature_lines
from carrel.devcontainer.image_names import BUILT
from carrel.devcontainer.inputs import ComposeInput, DockerfileInput, Inputs
from carrel.devcontainer.metadata import LABEL, Entry, label_instruction, write_label
from carrel.devcontainer.notices import Notice
from carrel.devcontainer.scalars import text_of

_NOT_IN_REPOSITORY = re.compile(r"[^a-z0-9]+")
_MAX_LABEL_BYTES = 60_000
"""A larger label goes into the build file; an API would carry it in a header (C097)."""


@dataclass(frozen=True)
class Users:
    """Who runs what in the image."""

    image: str
    container: str
    remote: str


@dataclass(frozen=True)
class ImagePlan:
    """The images to make, and the one that the container runs."""

    plan: BuildPlan
    image: str
    labels: Mapping[str, str]
    """For the container, where no image of ours carries them (C094)."""
    notices: tuple[Notice, ...] = ()
    images: Mapping[str, str] = field(default_factory=dict)
    """Compose: service -> the image that it runs."""


def plan_images(inputs: Inputs, entries: Sequence[Entry], users: Users, merged: Mapping[str, Any]) -> ImagePlan:
    """Steps from the base image to the image that runs."""
    steps: list[BuildStep] = []
    notices: tuple[Notice, ...] = ()
    image = inputs.image.reference
    labels = {LABEL: write_label(entries)}
    if inputs.build is not None:
        step, notices = _dockerfile_step(inputs, inputs.build, {} if inputs.features else labels, _origin(inputs))
        steps.append(step)
        image = step.tag
    if inputs.features or (steps and len(labels[LABEL]) > _MAX_LABEL_BYTES):
        steps.append(_feature_step(inputs, image, entries, users))
        image = steps[-1].tag
    enabled = merged.get("updateRemoteUserUID")
    owner = inputs.request.folder_owner
    if owner is not None and uid_update.wants_update(users.remote, owner, enabled=enabled):
        steps.append(_uid_step(inputs, image, users, owner))
        image = steps[-1].tag
    pulls = () if inputs.build is not None or inputs.image.reference == "scratch" else (inputs.image.reference,)
    plan = ImagePlan(BuildPlan(tuple(steps), pulls), image, labels, notices)
    return plan if inputs.compose is None else _with_services(inputs, inputs.compose, plan)


def _origin(inputs: Inputs) -> str:
    return f"service {inputs.compose.primary.name}" if inputs.compose is not None else "devcontainer.json"


def _with_services(inputs: Inputs, compose: ComposeInput, own: ImagePlan) -> ImagePlan:
    """The images of the other services as well: built, or pulled; features extend the primary's only (C185, C195)."""
    steps, pulls, notices = {step.tag: step for step in own.plan.steps}, list(own.plan.pulls), list(own.notices)
    images = {compose.primary.name: own.image}
    for service in compose.services[1:]:
        build = compose.builds.get(service.name)
        if build is None:
            images[service.name] = service.text("image")
            pulls.append(images[service.name])
            continue
        step, further = _dockerfile_step(inputs, build, {}, f"service {service.name}")
        steps.setdefault(step.tag, replace(step, title=f"Build {service.name}"))
        images[service.name] = step.tag
        notices += further
    plan = BuildPlan(tuple(steps.values()), tuple(dict.fromkeys(pulls)))
    return replace(own, plan=plan, images=images, notices=tuple(notices))


def _dockerfile_step(
    inputs: Inputs, build: DockerfileInput, labels: Mapping[str, str], origin: str = "devcontainer.json"
) -> tuple[BuildStep, tuple[Notice, ...]]:
    settings = build.settings
    options = parse_build_options(settings.options, origin)
    small = {key: value for key, value in labels.items() if len(value) <= _MAX_LABEL_BYTES}
    step = BuildStep(
        tag="",
        dockerfile=build.dockerfile.text,
        context=settings.context if build.context_digest else None,
        target=options.target or settings.target,
        args={**settings.args, **options.args},
        cache_from=(*settings.cache_from, *options.cache_from, *inputs.request.cache_from),
        labels={**options.labels, **small},
        title=f"Build {settings.dockerfile}",
        file=settings.dockerfile,
        no_cache=options.no_cache or inputs.request.no_cache,
        platform=inputs.request.platform or options.platform,
        options=options.step_options(),
    )
    notices = (*build.notices, *options.notices)
    return tagged(step, inputs, [build.context_digest, dict(build.base_ids)]), notices


def _feature_step(inputs: Inputs, base: str, entries: Sequence[Entry], users: Users) -> BuildStep:
    own_env = inputs.configuration.values.get("containerEnv") or {}
    installation = Installation(
        base=base,
        features=inputs.features,
        remote_user=users.remote,
        container_user=users.container,
        image_user=users.image,
        container_env={str(key): text_of(value) for key, value in own_env.items()},
        label=label_instruction(entries),
        certificates=inputs.request.certificates,
        builder=inputs.request.builder,
    )
    names = ", ".join(feature.reference.id for feature in inputs.features)
    step = BuildStep(
        tag="",
        dockerfile=build_file(installation),
        files=context_files(installation),
        title=f"Install features: {names}" if names else "Record the configuration",
        parts={line: f"The feature {name}" for line, name in feature_lines(installation).items()},
        cache_from=inputs.request.cache_from,
        no_cache=inputs.request.no_cache,
        platform=inputs.request.platform,
    )
    # the text for another builder is the same image: the tag is made from the classic one
    canonical = replace(step, dockerfile=build_file(replace(installation, builder="classic")))
    return replace(step, tag=tagged(canonical, inputs, [] if inputs.build else [inputs.image.id]).tag)


def _uid_step(inputs: Inputs, base: str, users: Users, owner: tuple[int, int]) -> BuildStep:
    update = uid_update.UidUpdate(base, users.remote, owner[0], owner[1], users.image)
    step = BuildStep(
        tag="",
        dockerfile=uid_update.build_file(update),
        files=uid_update.context_files(update),
        title=f"Give {users.remote} the folder's user id",
        no_cache=False,
    )
    return tagged(step, inputs, [inputs.image.id])


def tagged(step: BuildStep, inputs: Inputs, further: list[Any]) -> BuildStep:
    """The step with its tag: `carrel-env/<project>:<hash of all that goes in>`."""
    content: dict[str, Any] = {
        "dockerfile": step.dockerfile,
        "context": step.context,
        "files": {path: hashlib.sha256(data).hexdigest() for path, data in step.files.items()},
        "target": step.target,
        "args": dict(step.args),
        "labels": dict(step.labels),
        "platform": step.platform or inputs.image.architecture,
        "options": dict(step.options),
        "further": further,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).hexdigest()[:24]
    return replace(step, tag=f"{BUILT}{repository_name(inputs.request.project)}:{digest}")


def repository_name(project: str) -> str:
    """A project's name in the alphabet of image names; a changed name gets a hash, so that two projects never meet."""
    name = _NOT_IN_REPOSITORY.sub("-", project.lower()).strip("-")
    if name == project and name:
        return name
    return f"{name or 'project'}-{hashlib.sha256(project.encode()).hexdigest()[:8]}"
