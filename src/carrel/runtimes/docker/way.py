"""The way to the toolbox inside a container: without links, or the image decides what the first process is.

An engine resolves the targets of mounts inside the image, in no certain order. A link from /opt/carrel to a folder where
a volume is mounted as well would put the volume's files in the place of PID 1, which raises the fence (ADR 0012). What
runs in a workspace can move /opt away, too: it is looked at before each start.
"""

from __future__ import annotations

import asyncio
import base64
import json
import posixpath
from collections.abc import Iterable
from pathlib import PurePosixPath

from carrel.core.problems import Problem
from carrel.core.spec import BOOT_FOLDER, TOOLBOX_PATH, ContainerSpec
from carrel.runtimes.docker.connection import Engine, Request
from carrel.runtimes.docker.refusals import EngineRefused

WAY = (posixpath.dirname(TOOLBOX_PATH), TOOLBOX_PATH, BOOT_FOLDER)
_GO_LINK = 1 << 27
"""Of Go's os.FileMode."""


async def check_way(engine: Engine, container: str, spec: ContainerSpec) -> None:
    """Refuse a container that does not run, and has links on the way to our own mounts or from others' to them.

    Raises:
        Problem: `refused_by_policy`.
    """
    paths = (*WAY, *sorted(_ways_to(mount.target for mount in spec.mounts) - {*WAY}))
    found = await asyncio.gather(*(_link(engine, container, path) for path in paths))
    links = {path: target for path, target in zip(paths, found, strict=True) if target}
    for path in WAY:
        if path in links:
            raise _refusal(
                spec, path, f"where Carrel's own programs are mounted; use an image in which {path} is a folder"
            )
    for mount in spec.mounts:
        for path, target in links.items():
            place = posixpath.normpath(posixpath.join(target, posixpath.relpath(mount.target, path)))
            if path in _ways_to([mount.target]) and any(place == one or place.startswith(f"{one}/") for one in WAY):
                raise _refusal(spec, path, f"by which {mount.target} would be mounted at {place}; name another target")


def _refusal(spec: ContainerSpec, path: str, why: str) -> Problem:
    text, _, hint = why.partition("; ")
    detail = f"The container {spec.name} has a link at {path}, {text}."
    return Problem("refused_by_policy", detail, hint=f"{hint[:1].upper()}{hint[1:]}, and rebuild.")


def _ways_to(targets: Iterable[str]) -> set[str]:
    """The targets, and every folder above them."""
    return {str(way) for target in targets for way in (PurePosixPath(target), *PurePosixPath(target).parents)} - {"/"}


async def _link(engine: Engine, container: str, path: str) -> str:
    """Where a link leads, resolved inside the container; empty: it is none, or nothing is there."""
    request = Request("HEAD", f"containers/{container}/archive", {"path": path})
    try:
        async with engine.stream(request) as answer:
            told = json.loads(base64.b64decode(answer.headers["X-Docker-Container-Path-Stat"]))
    except EngineRefused as refused:
        if refused.code == 404:
            return ""
        raise
    return str(told["linkTarget"] or "/") if told["mode"] & _GO_LINK else ""
