"""Images before there is a workspace of them: `build` gives the log as it comes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any

from carrel.client.connection import Connection
from carrel.core.problems import PROBLEMS, Problem


@dataclass
class ImageResult:
    """What a build came to; filled in when the last line was read."""

    image: str = ""
    """The image's name on the runtime."""
    built: bool = False
    """It was built just now; False: it was there, or was pulled."""
    pushed: str = ""
    """Its name in the registry that the specification names."""


class ImageBuilds:
    """Making images."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def build(
        self,
        specification: Mapping[str, Any] | None = None,
        *,
        image: str = "",
        project: str = "",
        domain: str = "",
        result: ImageResult | None = None,
    ) -> AsyncGenerator[str, None]:
        """Lines of the log of a build, until the image is there; `result` then says what it is.

        Args:
            specification: as `container_image` of a workspace.yaml has it.
            image: a name in its place: the image is pulled, or built where it is one of Carrel's own.
            project: for whose workspaces; empty: as the preferences or the settings say.
            domain: of that project.
            result: is filled in.

        Raises:
            Problem: the server's; `build_failed`, `image_missing`, `registry_unreachable`, `registry_denied`; `unavailable` where
                the server goes away in the middle: asking again goes on with the same build.
        """
        body = {"specification": specification, "image": image, "project": project, "domain": domain}
        result = result or ImageResult()
        async with self._connection.lines("/image-builds", body) as answers:
            async for answer in answers:
                if answer.get("problem"):
                    raise _problem(answer["problem"])
                if answer.get("image"):
                    result.image, result.built = str(answer["image"]), bool(answer.get("built"))
                    result.pushed = str(answer.get("pushed") or "")
                    return
                yield str(answer.get("line") or "")
        hint = "Run the command again; what is built already is not built anew."
        raise Problem("unavailable", "The server went away while the image was being built.", hint)


def _problem(document: Mapping[str, Any]) -> Problem:
    own = {"type", "kind", "title", "status", "detail", "hint"}
    kind = str(document.get("kind"))
    extra = {name: value for name, value in document.items() if name not in own}
    detail, hint = str(document.get("detail") or ""), str(document.get("hint") or "")
    return Problem(kind if kind in PROBLEMS else "internal", detail, hint, extra)
