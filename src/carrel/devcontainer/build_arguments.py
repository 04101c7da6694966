"""Arguments and caches of a build that reach a builder: not those that instruct it, or name files of the server."""

from __future__ import annotations

from carrel.core.problems import Problem
from carrel.devcontainer.image_names import refuse_built

_ARGUMENTS = frozenset({"BUILDKIT_INLINE_CACHE", "BUILDKIT_CONTEXT_KEEP_GIT_DIR", "BUILDKIT_MULTI_PLATFORM"})
"""Those of BuildKit's own arguments that instruct nothing but the form of the result."""


def is_builders(argument: str) -> bool:
    """Whether a build argument is not for the Dockerfile but for BuildKit (`BUILDKIT_SYNTAX` names a program to run)."""
    return argument.upper().startswith("BUILDKIT_") and argument not in _ARGUMENTS


def allowed_cache(source: str) -> str:
    """The image that a cache source names; empty for a folder of the server, a cloud's store, or what is no name."""
    fields = dict(one.strip().partition("=")[::2] for one in source.split(",")) if "=" in source else {"ref": source}
    image = fields.get("ref", "").strip()
    if fields.get("type", "registry") != "registry" or not image or image.startswith("-") or not image.isprintable():
        return ""
    try:
        refuse_built(image)
    except Problem:
        return ""
    return "" if any(char.isspace() for char in image) else image
