"""The images of Carrel's own for workspaces, `carrel/workspace-base` and `carrel/workspace-plain`: built here, never pulled.

Nobody publishes them, and a name on a public registry that is not ours could become anybody's: so they are built from the
recipes in the folder `images` where they are first needed. An organisation that wants another one names it in the setting
`workspace_image`.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import carrel
from carrel.core.definition import ImageSpec
from carrel.core.problems import Problem
from carrel.core.spec import BuildStep, EmptySource, WorkspaceRef
from carrel.devcontainer.inputs import ImageInspector
from carrel.runtimes.contract import BuildJob, ImageFact, Log, Runtime
from carrel.server.reconcile.client_wheel import client_wheel

BASE = "carrel/workspace-base:py3.11"
PLAIN = "carrel/workspace-plain:py3.11"
CANNOT_BE_HAD = frozenset({"image_missing", "registry_unreachable", "registry_denied"})
_PREFIXES = ("carrel/workspace-base", "carrel/workspace-plain")
_SHORT = {"carrel/workspace-base": BASE, "carrel/workspace-plain": PLAIN}
_FOLDERS = {PLAIN: "workspace-plain", BASE: "workspace-base"}
_FILES = ("requirements.txt",)
_WHEEL = "wheel/"


@dataclass
class WorkspaceImages:
    """Knows which names are Carrel's own images, and how those are made."""

    wanted: str = BASE
    """The setting `workspace_image`: the base of a specification that names none."""
    _steps: tuple[BuildStep, ...] = ()

    async def base_of(self, spec: ImageSpec, runtime: Runtime, inspect: ImageInspector, log: Log) -> str:
        """The name of the image that a specification starts from; Carrel's own where the setting's cannot be had."""
        if spec.base_image or self.wanted == BASE:
            return await self.resolved(spec.base_image or BASE, runtime, log)
        name = await self.resolved(self.wanted, runtime, log)
        try:
            await inspect(name)
        except Problem as problem:
            if problem.kind not in CANNOT_BE_HAD:
                raise
            log(f"{self.wanted} cannot be had ({problem.detail.rstrip('.')}). {BASE} takes its place.")
            return await self.resolved(BASE, runtime, log)
        return name

    async def resolved(self, reference: str, runtime: Runtime, log: Log) -> str:
        """The name under which the runtime has an image: that of one of Carrel's own says its content.

        Raises:
            Problem: `image_missing`, a name like those of Carrel's own that none of them has.
        """
        return (await self._steps_of(reference, runtime, log))[-1].tag if is_own(reference) else reference

    async def make(self, image: str, runtime: Runtime, ref: WorkspaceRef, log: Log) -> ImageFact:
        """Build one of Carrel's own, under its content's name and under the one that people write.

        Raises:
            Problem: `build_failed`, `no_space`; `image_missing`, there is none of this name.
        """
        steps = await self._steps_of(image, runtime, log)
        for step in steps:
            log(f"Building {step.title}.")
            await runtime.build_image(BuildJob(ref, step, EmptySource()), log)
        await runtime.name_image(steps[-1].tag, steps[-1].title.partition(";")[0])
        made = await runtime.inspect_image(image)
        if made is None:
            raise Problem("image_missing", f"{image} is not there although it was made.")
        return made

    async def _steps_of(self, reference: str, runtime: Runtime, log: Log) -> tuple[BuildStep, ...]:
        """How one of Carrel's own is built, one step upon the other."""
        if not self._steps:
            plain = _step(PLAIN, await runtime.base_image(log), {})
            self._steps = (plain, _step(BASE, plain.tag, client_wheel()))
        name = reference if ":" in reference else _SHORT.get(reference, reference)
        for number, known in enumerate((PLAIN, BASE)):
            if name in {known, self._steps[number].tag}:
                return self._steps[: number + 1]
        near = difflib.get_close_matches(name, (BASE, PLAIN), n=1, cutoff=0.0)[0]
        hint = f"Did you mean {near}? There are {BASE} and {PLAIN}. Of an older Carrel's, `carrel rebuild NAME` takes the new one."
        raise Problem("image_missing", f"There is no {reference}.", hint)

    def names(self) -> frozenset[str]:
        """Names of those of this version, as far as they were needed: they are kept."""
        return frozenset(step.tag for step in self._steps)


def is_own(image: str) -> bool:
    """Whether a name is one of Carrel's own images, or looks like one: those are never pulled."""
    return image.startswith(_PREFIXES)


def base_name(step: BuildStep) -> str:
    """The image in the first line of a build."""
    return step.dockerfile.partition("\n")[0].removeprefix("FROM ").strip()


def _step(name: str, base: str, further: dict[str, bytes]) -> BuildStep:
    folder = recipes() / _FOLDERS[name]
    text = (folder / "Dockerfile").read_text(encoding="utf-8")
    files = {file: (folder / file).read_bytes() for file in _FILES if (folder / file).is_file()}
    files |= {f"{_WHEEL}{file}": content for file, content in further.items()}
    step = BuildStep(tag="", dockerfile=text, files=files, args={"BASE": base}, title=f"{name}; this happens once")
    hashes = {file: hashlib.sha256(content).hexdigest() for file, content in files.items()}
    content = json.dumps([text, hashes, base], sort_keys=True)
    return replace(step, tag=f"{name}-{hashlib.sha256(content.encode()).hexdigest()[:12]}")


@cache
def recipes() -> Path:
    """The folder `images`: inside an installed wheel, or in a source checkout.

    Raises:
        FileNotFoundError: neither is there, which a broken installation alone can bring about.
    """
    package = Path(carrel.__file__).parent
    for folder in (package / "_images", package.parents[1] / "images"):
        if (folder / "workspace-plain" / "Dockerfile").is_file():
            return folder
    message = f"the recipes of the workspace images are neither in {package} nor in a source checkout around it"
    raise FileNotFoundError(message)
