"""Which images a repository may name: by name, never by an id, and never one that Carrel built for a workspace."""

from __future__ import annotations

import re

from carrel.core.problems import Problem

BUILT = "carrel-env/"
"""Begin of the names of images that are built for some project's workspaces; the names are no secret."""
_ID = re.compile(r"(sha256:)?[0-9a-fA-F]{1,64}")
"""An engine takes a few digits for the image whose id begins so, whoever made it."""


def refuse_built(reference: str) -> None:
    """Refuse an image that may hold another project's source. Raises `refused_by_policy`."""
    name = reference.strip().removeprefix("docker.io/").removeprefix("index.docker.io/").removeprefix("library/")
    if name.lower().startswith(BUILT):
        detail = f"The configuration names {reference}, an image that Carrel built for a workspace."
        raise Problem("refused_by_policy", detail, hint="Name the image that it was built from.")
    if _ID.fullmatch(name):
        detail = f"The configuration names {reference}, which can be the id of somebody else's image."
        raise Problem("refused_by_policy", detail, hint=f"Name an image with its tag, such as {name[:20]}:latest.")


def could_be_refused(beginning: str) -> bool:
    """Whether a name that begins so could be one of those, whatever follows."""
    name = beginning.removeprefix("docker.io/").removeprefix("library/").lower()
    prefixes = (BUILT, "docker.io/", "index.docker.io/", "library/", "sha256:")
    return any(one.startswith(name) or name.startswith(one) for one in prefixes) or bool(_ID.fullmatch(name))
