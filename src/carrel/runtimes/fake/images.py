"""What pulls, builds, seeds and collections do to the fake engine's state."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.runtimes.contract import BuildJob, ImageFact
from carrel.runtimes.fake.engine import FakeImage, FakeState, FakeVolume


def pull(state: FakeState, image: str, credentials: Mapping[str, tuple[str, Secret]], *, newest: bool) -> ImageFact:
    """Copy `image` from the registry, unless it is there."""
    if image in state.images and not newest:
        return state.images[image].fact
    if state.full:
        raise Problem("no_space", "No space left on the fake engine.")
    _sign_in(state, image, credentials)
    if image not in state.registry:
        raise Problem("image_missing", f"No registry has {image!r}.")
    state.images[image] = state.registry[image]
    return state.images[image].fact


def _sign_in(state: FakeState, image: str, credentials: Mapping[str, tuple[str, Secret]]) -> None:
    first, slash, _ = image.partition("/")
    host = first if slash and set(".:") & set(first) else ""
    if wanted := state.registry_passwords.get(host):
        _, given = credentials.get(host, ("", Secret("")))
        if given.reveal() != wanted:
            raise Problem("registry_denied", f"{host} refuses access to {image!r}.")


def name(state: FakeState, image: str, new: str) -> None:
    """One more name."""
    if image not in state.images:
        raise Problem("image_missing", f"There is no image {image!r}.")
    state.images[new] = state.images[image]


def push(state: FakeState, image: str, wanted: str, credentials: Mapping[str, tuple[str, Secret]]) -> str:
    """Copy `image` to the registry as `wanted`."""
    if image not in state.images:
        raise Problem("image_missing", f"There is no image {image!r}.")
    _sign_in(state, wanted, credentials)
    state.registry[wanted] = state.images[image]
    return state.images[image].fact.id


def adopt(
    state: FakeState, names: tuple[str, str], credentials: Mapping[str, tuple[str, Secret]], installation: str
) -> ImageFact:
    """Pull the first of `names` and have it as the second, as ours."""
    fact = pull(state, names[0], credentials, newest=False)
    pulled = state.images.pop(names[0])
    state.images[names[1]] = replace(pulled, installation=installation)
    return fact


def build(state: FakeState, job: BuildJob, installation: str) -> ImageFact:
    """Make the image of `job`'s last FROM with its ENV, USER, LABEL and COPY of `files`; `RUN false` fails."""
    if state.full:
        raise Problem("no_space", "No space left on the fake engine.")
    image, stage, stages = FakeImage(ImageFact("")), "", dict[str, FakeImage]()
    for number, line in enumerate(job.step.dockerfile.replace("\\\n", " ").splitlines(), 1):
        words = shlex.split(line, comments=True)
        if not words or (words[0].upper() == "ARG" and not stages):
            continue
        if words[0].upper() != "FROM":
            image = _apply(image, words, job, number)
        elif stage and stage == job.step.target:
            break
        else:
            image = _base(state, stages, words[1], job)
            stage = words[3] if len(words) > 3 else words[1]
        stages[stage] = image
    if not stages:
        raise Problem("build_failed", "The Dockerfile has no FROM.")
    identity = "sha256:" + hashlib.sha256(job.step.tag.encode()).hexdigest()
    labels = {**image.fact.labels, **job.step.labels}
    fact = replace(image.fact, id=identity, labels=labels)
    state.images[job.step.tag] = FakeImage(fact, image.files, installation)
    return fact


def _base(state: FakeState, stages: Mapping[str, FakeImage], name: str, job: BuildJob) -> FakeImage:
    for argument, value in job.step.args.items():
        name = name.replace(f"${{{argument}}}", value).replace(f"${argument}", value)
    if name in stages:
        return stages[name]
    if name == "scratch":
        return FakeImage(ImageFact("scratch", architecture="amd64"))
    if name in state.images or name in state.registry:
        return state.images.get(name) or state.registry[name]
    raise Problem("build_failed", f"FROM {name}: no registry has this image.")


def _apply(image: FakeImage, words: Sequence[str], job: BuildJob, number: int) -> FakeImage:
    keyword, rest = words[0].upper(), words[1:]
    fact = image.fact
    if keyword == "RUN" and rest[:1] == ["false"]:
        raise Problem("build_failed", f"Line {number}: RUN false: exit status 1", extra={"line": number})
    if keyword == "ENV":
        fact = replace(fact, env={**fact.env, **dict(w.split("=", 1) for w in rest)})
    elif keyword == "LABEL":
        fact = replace(fact, labels={**fact.labels, **dict(w.split("=", 1) for w in rest)})
    elif keyword == "USER":
        fact = replace(fact, user=rest[0])
    elif keyword == "COPY" and rest[0] in job.step.files:
        return replace(image, files={**image.files, rest[1]: job.step.files[rest[0]]})
    return replace(image, fact=fact)


def seed(volume: FakeVolume, image: FakeImage, home: str) -> None:
    """Add what `image` has under `home`: absent files, and those unmodified since the last seed. A deletion is a change."""
    prefix = home.rstrip("/") + "/"
    for path, content in image.files.items():
        if not path.startswith(prefix):
            continue
        name = path.removeprefix(prefix)
        before, now = volume.seeded.get(name), volume.files.get(name)
        if (before is None and now is None) or (before is not None and now == before):
            volume.files[name] = content
            volume.seeded[name] = content
    volume.fresh = False


def collect(
    state: FakeState, installation: str, images_in_use: frozenset[str], toolboxes_in_use: frozenset[str]
) -> list[str]:
    """Remove our images and toolboxes that nothing refers to."""
    containers = state.containers.values()
    kept_images = images_in_use | {c.image for c in containers}
    kept_toolboxes = toolboxes_in_use | {c.toolbox for c in containers}
    images = [
        name for name, image in state.images.items() if image.installation == installation and name not in kept_images
    ]
    toolboxes = [
        name for name, owner in state.toolboxes.items() if owner == installation and name not in kept_toolboxes
    ]
    for name in images:
        del state.images[name]
    for name in toolboxes:
        del state.toolboxes[name]
    return sorted(images) + sorted(toolboxes)
