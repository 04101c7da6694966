"""The image of a workspace that says which one it wants: a reference, or a specification with the build that makes it (ADR 0030)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from carrel.core.definition import Definition, ImageSpec
from carrel.core.problems import Problem
from carrel.core.spec import BuildStep
from carrel.definition.image_build import ImageBase, image_env, image_step
from carrel.devcontainer import EnvironmentPlan
from carrel.devcontainer.build import repository_name
from carrel.devcontainer.image_names import BUILT
from carrel.devcontainer.inputs import ImageFacts, ImageInspector
from carrel.runtimes.contract import ImageFact, Log, Runtime
from carrel.server.reconcile.workspace_images import WorkspaceImages


@dataclass(frozen=True)
class WantedImage:
    """An image, and where it is to be built: how, and what it will be."""

    reference: str
    step: BuildStep | None = None
    fact: ImageFact | None = None
    """Of an image that is to be built: what follows from its base and its specification."""

    def inspecting(self, inspect: ImageInspector) -> ImageInspector:
        """`inspect`, which knows of this image before it is there."""

        async def with_this(image: str) -> ImageFacts:
            if image != self.reference:
                return await inspect(image)
            return self.fact or await inspected_by_name(image, inspect)

        return with_this

    def within(self, made: EnvironmentPlan) -> EnvironmentPlan:
        """The plan with the build of this image before the others, in the place of its pull."""
        if self.step is None:
            return made
        pulls = tuple(one for one in made.build.pulls if one != self.reference)
        return replace(made, build=replace(made.build, steps=(self.step, *made.build.steps), pulls=pulls))


async def inspected_by_name(image: str, inspect: ImageInspector) -> ImageFacts:
    """Facts of an image; what is wrong with it names it as it was written. Raises as `inspect`."""
    try:
        return await inspect(image)
    except Problem as problem:
        if image in problem.detail:
            raise
        raise Problem(problem.kind, f"{image}: {problem.detail}", problem.hint, problem.extra) from problem


@dataclass(frozen=True)
class ImageWish:
    """What is needed to find out about the image of a definition."""

    own: WorkspaceImages
    runtime: Runtime
    inspect: ImageInspector
    log: Log

    async def find(self, definition: Definition | None, project: str, *, no_cache: bool = False) -> WantedImage | None:
        """The image; None where nothing is said of it.

        Raises:
            Problem: the base of a specification cannot be had; `bad_value`, a value that no build file can hold.
        """
        if definition is None:
            return None
        if definition.image_spec is not None:
            return await self._specified(definition.image_spec, project, no_cache=no_cache)
        if definition.image:
            return WantedImage(await self.own.resolved(definition.image, self.runtime, self.log))
        return None

    async def _specified(self, spec: ImageSpec, project: str, *, no_cache: bool) -> WantedImage:
        reference = await self.own.base_of(spec, self.runtime, self.inspect, self.log)
        found = await inspected_by_name(reference, self.inspect)
        base = ImageBase(reference, found.id, found.user, found.env)
        step = image_step(spec, base, f"{BUILT}{repository_name(project)}")
        fact = ImageFact(
            id=step.tag,
            user=found.user,
            env=image_env(spec, base),
            labels=found.labels,
            architecture=found.architecture,
        )
        return WantedImage(step.tag, replace(step, no_cache=no_cache), fact)
