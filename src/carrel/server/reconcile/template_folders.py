"""Finds templates in a repository: every folder with a template.yaml, and the files that lie in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

from carrel.core.problems import Problem
from carrel.runtimes.contract import ProjectFiles
from carrel.templates.folder import MOST_BYTES, MOST_FILES
from carrel.templates.read import FILE

DEEPEST = 3
"""Levels below the folder in which templates are looked for."""
MOST_TEMPLATES = 100
MOST_FOLDERS = 1000
"""That are told of; a repository with more is not read."""
_STRANGE = "Its path, or that of a file in it, holds characters that cannot be shown; rename it."


@dataclass(frozen=True)
class FoundFolder:
    """A folder with a template.yaml."""

    path: str
    """In the repository; empty: the repository itself."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    """By path in the folder."""
    problem: str = ""
    """Why it is not looked at; empty: it is."""


async def found_folders(files: ProjectFiles, root: str) -> AsyncIterator[FoundFolder]:
    """The folders with templates at `root`, or below it, by path; each is read when it is asked for.

    What lies below a template belongs to it. Links are not followed, and a template.yaml that is one is none.

    Raises:
        Problem: as reading does; `bad_value`: there are more than a thousand.
    """
    tree = await files.tree(root)
    folders = _folders(tree)
    if len(folders) > MOST_FOLDERS:
        detail = f"It has {len(folders)} folders with a {FILE}; a repository has at most {MOST_TEMPLATES} templates."
        raise Problem("bad_value", detail, "Name a folder of it that has fewer.")
    for number, folder in enumerate(folders):
        path = "/".join(part for part in (root, folder) if part)
        if not path.isprintable():  # neither a database nor a terminal may see it as it is
            yield FoundFolder(ascii(path)[1:-1], problem=_STRANGE)
            continue
        if number >= MOST_TEMPLATES:
            yield FoundFolder(
                path, problem=f"A repository has at most {MOST_TEMPLATES} templates; this one is over it."
            )
            continue
        prefix = f"{folder}/" if folder else ""
        yield await _read(files, path, [name.removeprefix(prefix) for name in tree if name.startswith(prefix)])


def _folders(tree: Sequence[str]) -> list[str]:
    """The outermost folders with a template.yaml, relative to the root."""
    having = {path.rpartition("/")[0] for path in tree if path.rpartition("/")[2] == FILE}
    return sorted(folder for folder in having if _depth(folder) <= DEEPEST and not having & set(_above(folder)))


def _depth(folder: str) -> int:
    return len(folder.split("/")) if folder else 0


def _above(folder: str) -> list[str]:
    """The folders that hold it, the root among them."""
    return ["", *(folder[:at] for at, character in enumerate(folder) if character == "/")] if folder else []


async def _read(files: ProjectFiles, path: str, names: Sequence[str]) -> FoundFolder:
    too_much = f"It holds more than {MOST_FILES} files, or more than {MOST_BYTES >> 20} MiB; data belongs elsewhere."
    if len(names) > MOST_FILES:
        return FoundFolder(path, problem=too_much)
    if not all(name.isprintable() for name in names):
        return FoundFolder(path, problem=_STRANGE)
    read: dict[str, bytes] = {}
    for name in names:
        try:
            content = await files.read(f"{path}/{name}" if path else name)
        except Problem as problem:
            if problem.kind != "too_large":
                raise
            return FoundFolder(path, problem=too_much)
        read[name] = content or b""
        if sum(map(len, read.values())) > MOST_BYTES:
            return FoundFolder(path, problem=too_much)
    return FoundFolder(path, read)
