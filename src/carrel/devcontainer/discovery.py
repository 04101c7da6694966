"""Finding devcontainer.json in a repository, and choosing among several (C001-C005, deviation D09)."""

from __future__ import annotations

import posixpath

from carrel.core.problems import Problem
from carrel.devcontainer.inputs import ProjectFiles

FOLDER = ".devcontainer"
NAME = "devcontainer.json"


async def find_configurations(files: ProjectFiles, folder: str = "") -> tuple[str, ...]:
    """Paths of all candidates in their order, relative to the repository's root.

    `.devcontainer/devcontainer.json`, `.devcontainer.json`, then `.devcontainer/<folder>/devcontainer.json`, one level.
    """
    found: list[str] = []
    inner = posixpath.join(folder, FOLDER)
    names = list(await files.list(inner))
    if NAME in names:
        found.append(posixpath.join(inner, NAME))
    if f"{FOLDER}.json" in await files.list(folder or "."):
        found.append(posixpath.join(folder, f"{FOLDER}.json"))
    folders = [posixpath.join(inner, name.rstrip("/")) for name in sorted(names) if name.endswith("/")]
    found += [posixpath.join(one, NAME) for one in folders if NAME in await files.list(one)]
    return tuple(found)


def choose(candidates: tuple[str, ...], wanted: str, folder: str = "") -> str:
    """The configuration to use; empty when there is none.

    Args:
        candidates: as `find_configurations` gives them.
        wanted: a path (any file name, C004), or the name of a folder in `.devcontainer`; empty: decide by the rules.
        folder: the opened folder.

    Raises:
        Problem: `choose_configuration`, with `configurations` in `extra`.
    """
    if wanted:
        named = posixpath.join(folder, FOLDER, wanted, NAME)
        return named if named in candidates else posixpath.normpath(wanted)
    if not candidates:
        return ""
    first = candidates[0]
    is_named = posixpath.dirname(posixpath.dirname(first)) == posixpath.join(folder, FOLDER)
    if is_named and len(candidates) > 1:
        listing = ", ".join(candidates)
        raise Problem(
            "choose_configuration",
            f"The repository has {len(candidates)} configurations: {listing}.",
            extra={"configurations": list(candidates)},
        )
    return first
