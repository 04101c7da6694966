"""`carrel devcontainer build`: builds the image of a folder's configuration with this machine's engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from carrel.core.problems import Problem
from carrel.core.spec import BuildStep, FolderSource
from carrel.devcontainer import EnvironmentPlan, Inputs, gather, plan
from carrel.devcontainer.metadata import LABEL
from carrel.runtimes.build_cache import BuildCache
from carrel.runtimes.contract import BuildJob
from carrel.standalone.asked import Asked
from carrel.standalone.engine import Engine, build_ref, files_of, say
from carrel.standalone.read import chosen, tell
from carrel.standalone.writing import write


async def build(engine: Engine, asked: Asked) -> Mapping[str, Any]:
    """Build, name and push; the answer has the members of the reference's: `outcome` and `imageName`.

    Raises:
        Problem: `bad_value` for options that do not go together or that the engine cannot do; `build_failed`, and all
            problems of `gather` and `plan`.
    """
    files, request = files_of(asked), engine.request(asked)
    configuration = await chosen(request, files)
    await _check(engine, asked, is_compose=configuration.source == "compose")
    inputs = await gather(request, files, partial(engine.inspect, newest=asked.no_cache), engine.registry)
    made = plan(inputs)
    await tell(made.notices, configuration.path, files)
    if made.lockfile is not None:
        await write(files, made.lockfile_path, made.lockfile)
    for image in made.build.pulls:
        await engine.inspect(image)
    image = await _built(engine, asked, inputs, made)
    names = [image] if not asked.image_names else list(asked.image_names)
    for name in asked.image_names:
        if name != image:
            await engine.runtime.name_image(image, name)
        if asked.push:
            say(f"Pushing {name}")
            await engine.runtime.push_image(name, name, engine.registries.credentials, say)
    return {"outcome": "success", "imageName": names}


async def _check(engine: Engine, asked: Asked, *, is_compose: bool) -> None:
    """Refuse what cannot be done before anything is built (C153)."""
    if asked.push and not asked.image_names:
        raise Problem("bad_value", "--push needs a name to push to.", hint="Add `--image-name REGISTRY/NAME:TAG`.")
    if "," in asked.platform:
        raise Problem("bad_value", "--platform takes one platform.", hint="Build each platform by itself.")
    if is_compose and (asked.platform or asked.push):
        raise Problem("bad_value", "--platform and --push do not go with dockerComposeFile.")
    if asked.platform and (await engine.runtime.probe()).builder != "buildkit":
        raise Problem("bad_value", "--platform needs BuildKit, which the engine or the docker command lacks.")


async def _built(engine: Engine, asked: Asked, inputs: Inputs, made: EnvironmentPlan) -> str:
    """Run the steps that are needed; the name of the image that the primary container runs."""
    absent = [step for step in made.build.steps if asked.no_cache or await engine.find(step.tag) is None]
    if absent:
        cache = BuildCache(engine.runtime, engine.settings.build_cache, engine.registries.credentials)
        for step in await _for_builder(engine, inputs, absent):
            if asked.no_cache or not await _fetched(cache, step):
                await _build_step(engine, asked, step, force=asked.no_cache)
                await _stored(cache, step)
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


async def _fetched(cache: BuildCache, step: BuildStep) -> bool:
    try:
        return await cache.fetch(step.tag, say)
    except Problem as problem:
        say(f"The build cache cannot be used: {problem}")
        return False


async def _stored(cache: BuildCache, step: BuildStep) -> None:
    try:
        await cache.store(step.tag, say)
    except Problem as problem:
        say(f"The image cannot be kept in the build cache: {problem}")


async def _build_step(engine: Engine, asked: Asked, step: BuildStep, *, force: bool) -> None:
    say(f"Building: {step.title or step.tag}")
    job = BuildJob(build_ref(asked), step, FolderSource(asked.folder), engine.registries.credentials, force=force)
    await engine.runtime.build_image(job, say)


async def _for_builder(engine: Engine, inputs: Inputs, steps: list[BuildStep]) -> list[BuildStep]:
    """The steps in the text for the engine's builder: it is asked only now, and the tags are the same (`plan_images`)."""
    if (await engine.runtime.probe()).builder != "buildkit":
        return steps
    better = plan(replace(inputs, request=replace(inputs.request, builder="buildkit"))).build.steps
    wanted = {step.tag for step in steps}
    return [step for step in better if step.tag in wanted]
