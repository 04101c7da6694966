"""Builds the toolbox in throw-away containers of the engine and keeps it in a named volume.

Found again after a crash: builders have deterministic names, so a second caller waits for the one that runs; a volume
counts only when its last written file is there, and one without it, and without a builder, is made anew.
"""

from __future__ import annotations

import asyncio
import io
import json
import secrets
import tarfile
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiodocker
from aiodocker.containers import DockerContainer

from carrel.core.problems import Problem
from carrel.core.spec import TOOLBOX_PATH
from carrel.runtimes import toolbox_inputs as inputs

Log = Callable[[str], None]

_RECIPE = "/carrel-build"
_PREFIX = "carrel-toolbox-"
_LOG_TAIL_LINES = 40
_NOT_FOUND = 404
_GONE = frozenset({_NOT_FOUND, 409})
"""Not there, or just being made or removed by somebody else."""
_RETRY_SECONDS = 0.05
_TRIES = 200
_PULL_SECONDS = 600.0
_PEEK = "-peek-"
_PEEK_SECONDS = 60.0
_BUILD_SECONDS = 3600
"""A builder that hangs ends by itself: callers come and go, and would only find it again."""


@dataclass(frozen=True)
class Surroundings:
    """What a build needs from the machine it runs on."""

    base_image: str
    """A Debian 12 image with apt."""
    ca_bundle: bytes | None = None
    """PEM certificates that the build's downloads trust; None: the base image's and the packages' own."""
    proxy_env: Mapping[str, str] = field(default_factory=dict)
    """HTTP_PROXY and its like, PIP_INDEX_URL, npm_config_registry."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of every volume and container that is made."""


@dataclass(frozen=True)
class _Build:
    """One run of build.sh that fills one volume."""

    volume: str
    part: str
    target: str
    files: Mapping[str, bytes]
    parts: Mapping[str, str] = field(default_factory=dict)
    """Volumes that are mounted read-only under /parts, by name."""


async def ensure_toolbox(docker: aiodocker.Docker, surroundings: Surroundings, progress: Log) -> str:
    """Build this version's toolbox unless it is there; returns the name of its volume.

    Cancelling it leaves running builders alone; the next call finds them.

    Raises:
        Problem: `toolbox_failed`, with the end of the build's log.
    """
    name = await has_toolbox(docker, surroundings)
    if name:
        return name
    architecture = await _architecture(docker)
    parts = {part: inputs.part_name(part, architecture) for part in inputs.PARTS}
    await _need_base_image(docker, surroundings.base_image, progress)
    try:
        async with asyncio.TaskGroup() as group:
            for part, volume in parts.items():
                build = _Build(volume, part, "/out", inputs.part_files(part))
                group.create_task(_ensure(docker, build, surroundings, progress))
    except* Problem as failures:
        raise failures.exceptions[0] from None
    name = inputs.toolbox_name(architecture)
    assembly = _Build(name, "assemble", TOOLBOX_PATH, inputs.assembly_files(), parts)
    await _ensure(docker, assembly, surroundings, progress)
    return name


async def has_toolbox(docker: aiodocker.Docker, surroundings: Surroundings) -> str | None:
    """The name of this version's toolbox if it is complete."""
    name = inputs.toolbox_name(await _architecture(docker))
    return name if await _is_complete(docker, name, surroundings) else None


async def collect_toolboxes(docker: aiodocker.Docker, in_use: frozenset[str], labels: Mapping[str, str]) -> list[str]:
    """Remove toolboxes and parts with our labels that are not this version's and that nothing uses; returns their names."""
    await _remove_left_over_peeks(docker, labels)
    architecture = await _architecture(docker)
    keep = in_use | {inputs.toolbox_name(architecture)} | {inputs.part_name(p, architecture) for p in inputs.PARTS}
    ours = {"label": [f"{key}={value}" for key, value in labels.items()], "name": [_PREFIX]}
    found = await docker.volumes.list(filters=ours)
    removed = []
    for volume in found["Volumes"] or ():
        name = volume["Name"]
        if name in keep or not name.startswith(_PREFIX):
            continue
        try:
            await aiodocker.volumes.DockerVolume(docker, name).delete()
        except aiodocker.DockerError as error:
            if error.status not in _GONE:  # 409: a container still has it
                raise
        else:
            removed.append(name)
    return removed


async def _architecture(docker: aiodocker.Docker) -> str:
    version: Mapping[str, str] = await docker.version()
    return version["Arch"]


async def _ensure(docker: aiodocker.Docker, build: _Build, surroundings: Surroundings, progress: Log) -> None:
    """Build the volume; where another caller's builder runs, wait for it, and build after all if it failed."""
    for _ in range(_TRIES):
        if await _is_complete(docker, build.volume, surroundings):
            return
        try:
            builder, own = await _builder(docker, build, surroundings)
        except aiodocker.DockerError as error:
            if error.status not in _GONE:
                raise Problem("toolbox_failed", f"the engine refused: {error.message}") from error
            await asyncio.sleep(_RETRY_SECONDS)  # another caller was faster
            continue
        tail = await _follow(builder, progress)
        if own and not await _is_complete(docker, build.volume, surroundings):
            detail = f"the part {build.part!r} failed; the end of its log:\n" + "\n".join(tail)
            raise Problem("toolbox_failed", detail)
    raise Problem("toolbox_failed", f"the engine has no volume {build.volume} after {_TRIES} tries")


async def _builder(docker: aiodocker.Docker, build: _Build, surroundings: Surroundings) -> tuple[DockerContainer, bool]:
    """A running builder of this volume, found or made; and whether it was made here."""
    builder = await _find_builder(docker, build)
    own = builder is None
    if builder is None:
        await docker.volumes.create({"Name": build.volume, "Labels": dict(surroundings.labels)})
        builder = await docker.containers.create(_manifest(build, surroundings), name=_builder_name(build))
    if (await builder.show())["State"]["Status"] == "created":  # perhaps by a caller that died before it started it
        await builder.put_archive("/", _archive(build, surroundings.ca_bundle))
        await builder.start()
    return builder, own


def _builder_name(build: _Build) -> str:
    return f"{build.volume}-builder"


async def _find_builder(docker: aiodocker.Docker, build: _Build) -> DockerContainer | None:
    """The builder of this volume unless it has ended; one that has is removed."""
    try:
        builder = await docker.containers.get(_builder_name(build))
    except aiodocker.DockerError as error:
        if error.status == _NOT_FOUND:
            return None
        raise
    if builder["State"]["Status"] in {"created", "running"}:
        return builder
    await builder.delete(force=True)
    return None


def _manifest(build: _Build, surroundings: Surroundings) -> dict[str, Any]:
    mounts: list[dict[str, Any]] = [{"Type": "volume", "Source": build.volume, "Target": build.target}]
    mounts += [
        {"Type": "volume", "Source": volume, "Target": f"/parts/{part}", "ReadOnly": True}
        for part, volume in build.parts.items()
    ]
    return {
        "Image": surroundings.base_image,
        "Cmd": ["timeout", str(_BUILD_SECONDS), "/bin/sh", f"{_RECIPE}/build.sh", build.part, build.target],
        "Entrypoint": [],
        "User": "0",
        "Env": [f"{key}={value}" for key, value in {**surroundings.proxy_env, "CARREL_VOLUME": build.volume}.items()],
        "Labels": dict(surroundings.labels),
        "HostConfig": {"Mounts": mounts, "SecurityOpt": ["no-new-privileges"]},
    }


def _archive(build: _Build, ca_bundle: bytes | None) -> bytes:
    files = dict(build.files)
    if ca_bundle:
        files["ca.crt"] = ca_bundle
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(f"{_RECIPE.lstrip('/')}/{path}")
            member.size = len(content)
            member.mode = 0o644
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


async def _follow(builder: DockerContainer, progress: Log) -> list[str]:
    """Pass on the builder's log until it ends, and remove it; returns the last lines."""
    tail: deque[str] = deque(maxlen=_LOG_TAIL_LINES)
    with suppress(aiodocker.DockerError):  # another caller removed it; whether it built says the volume
        async for chunk in builder.log(stdout=True, stderr=True, follow=True):
            for line in chunk.splitlines():
                text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)
                tail.append(text)
                progress(text)
        await builder.wait()
        await builder.delete(force=True)
    return list(tail)


async def _is_complete(docker: aiodocker.Docker, volume: str, surroundings: Surroundings) -> bool:
    """Whether the volume's last written file is there, read through a container that never starts."""
    peek = docker.containers.container(f"{volume}{_PEEK}{secrets.token_hex(4)}")
    try:
        await docker.volumes.get(volume)
        manifest = await _peek_manifest(docker, volume, surroundings)
        await docker.containers.create(manifest, name=peek.id)
        await peek.get_archive("/peek/.complete")
    except aiodocker.DockerError as error:
        if error.status == _NOT_FOUND:
            return False
        raise Problem("toolbox_failed", f"the engine refused: {error.message}") from error
    finally:
        await _remove(peek)  # by its name: it may be there although nobody answered, as when this is cancelled
    return True


async def _remove(container: DockerContainer) -> None:
    with suppress(aiodocker.DockerError):  # it was never made, or is gone
        await container.delete(force=True, v=True)


async def _remove_left_over_peeks(docker: aiodocker.Docker, labels: Mapping[str, str]) -> None:
    """Containers that a server left which died while it looked; a living look takes milliseconds."""
    ours = {"label": [f"{key}={value}" for key, value in labels.items()], "name": [_PEEK], "status": ["created"]}
    for peek in await docker.containers.list(all=True, filters=json.dumps(ours)):
        if time.time() - peek["Created"] > _PEEK_SECONDS:
            await _remove(peek)


async def _peek_manifest(docker: aiodocker.Docker, volume: str, surroundings: Surroundings) -> dict[str, Any]:
    """Any image will do for a container that never starts; the base image is needed for building alone."""
    image = surroundings.base_image
    if not await _has_image(docker, image):
        image = next((one["Id"] for one in await docker.images.list()), image)
    mount = {"Type": "volume", "Source": volume, "Target": "/peek", "ReadOnly": True}
    return {
        "Image": image,
        "Cmd": ["/bin/true"],
        "Labels": dict(surroundings.labels),
        "HostConfig": {"Mounts": [mount]},
    }


async def _has_image(docker: aiodocker.Docker, image: str) -> bool:
    try:
        await docker.images.inspect(image)
    except aiodocker.DockerError as error:
        if error.status == _NOT_FOUND:
            return False
        raise
    return True


async def _need_base_image(docker: aiodocker.Docker, image: str, progress: Log) -> None:
    if await _has_image(docker, image):
        return
    progress(f"==> pulling {image}")
    try:
        async with asyncio.timeout(_PULL_SECONDS):
            await docker.images.pull(image)
    except (aiodocker.DockerError, TimeoutError) as error:
        detail = f"The base image {image} is not there and cannot be pulled: {error!r}"
        hint = "Name a Debian 12 image that the engine has; toolbox/base-image makes one from Debian's packages."
        raise Problem("toolbox_failed", detail, hint) from error
