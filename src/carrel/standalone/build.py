"""`carrel devcontainer build`: builds the image of a folder's configuration with this machine's engine."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from carrel.core.problems import Problem
from carrel.core.spec import BuildStep, FolderSource
from carrel.devcontainer import EnvironmentPlan, gather, plan
from carrel.devcontainer.metadata import LABEL
from carrel.runtimes.contract import BuildJob
from carrel.runtimes.folder_files import FolderFiles
from carrel.standalone.asked import Asked
from carrel.standalone.engine import Engine, build_ref, files_of, say
from carrel.standalone.read import chosen, tell


async def build(engine: Engine, asked: Asked) -> Mapping[str, Any]:
    """Build, name and push; the answer has the members of the reference's: `outcome` and `imageName`.

    Raises:
        Problem: `bad_value` for options that do not go together or that the engine cannot do; `build_failed`, and all
            problems of `gather` and `plan`.
    """
    info = await engine.runtime.probe()
    files = files_of(asked)
    request = replace(
        engine.request(asked),
        builder="buildkit" if info.builder == "buildkit" else "classic",
        platform=asked.platform,
        cache_from=asked.cache_from,
    )
    configuration = await chosen(request, files)
    _check(asked, info.builder, is_compose=configuration.source == "compose")
    inputs = await gather(request, files, engine.inspect, engine.registry)
    made = plan(inputs)
    await tell(made.notices, configuration.path, files)
    await _write_lockfile(made, files)
    for image in made.build.pulls:
        await engine.inspect(image)
    image = await _built(engine, asked, made)
    names = [image] if not asked.image_names else list(asked.image_names)
    for name in asked.image_names:
        if name != image:
            await engine.runtime.name_image(image, name)
        if asked.push:
            say(f"Pushing {name}")
            await engine.runtime.push_image(name, name, engine.credentials, say)
    return {"outcome": "success", "imageName": names}


def _check(asked: Asked, builder: str, *, is_compose: bool) -> None:
    """Refuse what cannot be done before anything is built (C153)."""
    if asked.push and not asked.image_names:
        raise Problem("bad_value", "--push needs a name to push to.", hint="Add `--image-name REGISTRY/NAME:TAG`.")
    if asked.platform and builder != "buildkit":
        raise Problem("bad_value", "--platform needs BuildKit, which the engine or the docker command lacks.")
    if "," in asked.platform:
        raise Problem("bad_value", "--platform takes one platform.", hint="Build each platform by itself.")
    if is_compose and (asked.platform or asked.push):
        raise Problem("bad_value", "--platform and --push do not go with dockerComposeFile.")


async def _built(engine: Engine, asked: Asked, made: EnvironmentPlan) -> str:
    """Run the steps that are needed; the name of the image that the primary container runs."""
    for step in made.build.steps:
        if asked.no_cache or await engine.runtime.inspect_image(step.tag) is None:
            await _build_step(engine, asked, step, force=asked.no_cache)
    if not asked.image_names or any(step.tag == made.image for step in made.build.steps):
        return made.image
    labels = {LABEL: made.primary_container().labels[LABEL]}  # no step of ours carries the metadata (C152)
    step = BuildStep(
        asked.image_names[0],
        f"FROM {made.image}\n",
        labels=labels,
        platform=asked.platform,
        title="Record the configuration",
    )
    await _build_step(engine, asked, step, force=True)
    return step.tag


async def _build_step(engine: Engine, asked: Asked, step: BuildStep, *, force: bool) -> None:
    say(f"Building: {step.title or step.tag}")
    job = BuildJob(build_ref(asked), step, FolderSource(asked.folder), engine.credentials, force=force)
    await engine.runtime.build_image(job, say)


async def _write_lockfile(made: EnvironmentPlan, files: FolderFiles) -> None:
    """Beside the configuration, as the reference does; a link that leads out of the folder is refused."""
    if made.lockfile is not None:
        place = files.place(made.lockfile_path)
        await asyncio.to_thread(place.write_text, made.lockfile, encoding="utf-8")
        say(f"Wrote {made.lockfile_path}")
