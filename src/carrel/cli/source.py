"""What SOURCE means: a repository, a folder of this machine, or the name of a workspace that is there already."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from carrel.core.names import name_from_source
from carrel.core.problems import Problem
from carrel.core.sources import DEFAULT_SCHEMES, folder_source, git_source
from carrel.core.spec import FolderSource, GitSource

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.documents import Workspace

Given = GitSource | FolderSource
SCHEMES = (*DEFAULT_SCHEMES, "http", "git", "file")
"""All that any server may accept: which of them this one does, it says itself."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*(/[A-Za-z][A-Za-z0-9-]*)?")


def parse_source(text: str, ref: str = "") -> Given | None:
    """The source in normal form; None: it can only be a workspace's name.

    Raises:
        Problem: `bad_source`, also for a folder that is not there.
    """
    path = Path(text).expanduser()
    if text in {".", ".."} or text.startswith(("./", "../", "/", "~")) or ("://" not in text and path.is_dir()):
        if ref:
            raise Problem("bad_source", "A folder has no ref.", hint="Check the branch out in the folder.")
        if not path.is_dir():
            raise Problem("bad_source", f"There is no folder {path}.")
        return folder_source(str(path.resolve()))
    if _NAME.fullmatch(text):
        return None
    return git_source(text, ref, SCHEMES)


def name_for(source: Given) -> str:
    """The name of a workspace of this source where none is given."""
    return name_from_source(source.url if isinstance(source, GitSource) else source.path)


async def find_existing(client: Client, source: Given, name: str) -> Workspace | None:
    """The caller's own workspace of this source: of this name, or, where none is given, of a name made from the source.

    Raises:
        Problem: `name_taken` where a workspace of another source has the name that was given.
    """
    found = await _living(client, name or name_for(source))
    if found is None or found.source == source:
        return found
    if name:
        hint = f"Choose another name, or start that one: `carrel start {found.name}`."
        raise Problem("name_taken", f"{found.name} is a workspace of {shown(found.source)}.", hint=hint)
    return await _numbered(client, source, found.owner)


async def find_of_template(client: Client, template: str, name: str) -> Workspace | None:
    """The caller's own workspace of this template: of this name, or, where none is given, of the template's.

    Raises:
        Problem: `name_taken` where a workspace that was made of something else has the name.
    """
    found = await _living(client, name or template)
    made_of = found.template.name if found and found.template else ""
    if found is None or made_of == template:
        return found
    what = f"the template {made_of}" if made_of else shown(found.source)
    hint = f"Choose another name with --name, or start that one: `carrel start {found.name}`."
    raise Problem("name_taken", f"{found.name} is a workspace of {what}.", hint=hint)


async def _living(client: Client, name: str) -> Workspace | None:
    try:
        found = await client.workspaces.find(name)
    except Problem as problem:
        if problem.kind == "not_found":
            return None
        raise
    return None if found.goal == "delete" else found


async def _numbered(client: Client, source: Given, owner: str) -> Workspace | None:
    """One that got a number behind its name, because the name was taken by another source."""
    from carrel.client.workspaces import Chosen  # noqa: PLC0415  with httpx

    stem = re.compile(re.escape(name_for(source)[:34].rstrip("-")) + r"-\d+")
    async for workspace in client.workspaces.each(Chosen(owner=owner)):
        if workspace.source == source and stem.fullmatch(workspace.name):
            return workspace
    return None


def shown(source: object) -> str:
    """A source in a table."""
    if isinstance(source, GitSource):
        return f"{source.url} ({source.ref})" if source.ref else source.url
    return source.path if isinstance(source, FolderSource) else "(empty)"
