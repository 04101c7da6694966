"""Whether a Dockerfile reads anything of its build context: where it does not, no change there changes the image. Pure."""

from __future__ import annotations

import re

from carrel.devcontainer.dockerfile import Dockerfile

_COPY = re.compile(r"^[ \t]*(?:ONBUILD[ \t]+)?(?:COPY|ADD)\b(.*)", re.IGNORECASE | re.MULTILINE)
_FROM_ELSEWHERE = re.compile(r"[ \t]--from=\S")
_MOUNT = re.compile(r"--mount=", re.IGNORECASE)
_PLAIN_SYNTAX = re.compile(r"(?:docker\.io/)?docker/dockerfile(?::|@|$)")


def reads_context(dockerfile: Dockerfile) -> bool:
    """True also where it cannot be told: an unknown frontend, a mount of any kind."""
    if dockerfile.syntax and not _PLAIN_SYNTAX.match(dockerfile.syntax):
        return True
    if _MOUNT.search(dockerfile.text):
        return True
    return any(not _FROM_ELSEWHERE.search(match[1]) for match in _COPY.finditer(dockerfile.text))
