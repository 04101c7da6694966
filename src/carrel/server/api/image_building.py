"""What the API asks of whoever makes images: reconcile has it (image_builds.py), serve.py hands it over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from carrel.core.workspace import Workspace
from carrel.definition.image_build import ImageMade


class ImageBuild(Protocol):
    """A build that is under way, or over."""

    def follow(self, patience: float) -> AsyncIterator[str]:
        """Lines of its log from the first on, until it is over; an empty one after every `patience` seconds of silence."""

    def result(self) -> ImageMade:
        """What it came to, once it is over. Raises the problem that ended it."""


class ImageBuilding(Protocol):
    """Makes images before there is a workspace of them."""

    def begin(self, wanted: Workspace) -> ImageBuild:
        """The build of what `wanted.definition` says; one that is under way is joined. Nobody has to wait for it.

        Raises:
            Problem: `too_many_requests`.
        """
