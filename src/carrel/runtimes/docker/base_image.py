"""The small Debian image that the toolbox and default environments are built from: pulled, or made from Debian's packages."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import PIPE

from carrel.core.problems import Problem
from carrel.runtimes.contract import Log
from carrel.runtimes.docker.images import Images
from carrel.runtimes.toolbox_inputs import recipe_folder

MADE = "carrel/debian:12"
"""What toolbox/base-image makes where no registry answers."""
CANNOT_BE_HAD = frozenset({"image_missing", "registry_unreachable", "registry_denied"})


async def ensure_base_image(images: Images, wanted: str, log: Log) -> str:
    """The name of an image that is present: `wanted`, or its equal made on this machine.

    Raises:
        Problem: `image_missing`, saying how an image can be brought here.
    """
    for image in (wanted, MADE):
        if await images.inspect(image) is not None:
            return image
    try:
        await images.pull(wanted, {}, log)
    except Problem as problem:
        if problem.kind not in CANNOT_BE_HAD:
            raise
        log(f"{wanted} cannot be had ({problem.detail}); it is made from Debian's packages.")
    else:
        return wanted
    return await _make(log)


async def _make(log: Log) -> str:
    script = str(recipe_folder() / "base-image")
    process = await asyncio.create_subprocess_exec("bash", script, stdout=PIPE, stderr=PIPE)
    assert process.stdout is not None  # noqa: S101  asked for above
    assert process.stderr is not None  # noqa: S101
    last = ""
    async for line in process.stderr:
        last = line.decode(errors="replace").rstrip()
        log(last)
    name = (await process.stdout.read()).decode().strip()
    if await process.wait() or not name:
        raise Problem("image_missing", f"No small Debian image can be had or made: {last}")
    return name
