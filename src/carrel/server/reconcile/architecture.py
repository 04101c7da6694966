"""Images for another machine: named as such, before a container of them ends with a word that nobody understands."""

from __future__ import annotations

from carrel.core.problems import Problem
from carrel.devcontainer.inputs import machine_architecture
from carrel.runtimes.contract import ImageFact, Runtime


async def check_architecture(runtime: Runtime, name: str, image: ImageFact) -> None:
    """Refuse an image whose programs the runtime's machine cannot execute. Raises `image_missing`."""
    if image.architecture in {"", machine_architecture()}:
        return
    runs = (await runtime.probe()).architecture
    if runs and image.architecture != runs:
        detail = f"{name} is for {image.architecture}, and the machine runs {runs}."
        raise Problem("image_missing", detail, hint="Name an image for the machine's architecture, or build one.")
