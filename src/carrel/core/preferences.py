"""What a person wants in every workspace of his: dotfiles, and whether connecting starts it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from posixpath import normpath

from carrel.core.problems import Problem
from carrel.core.sources import DEFAULT_SCHEMES, git_source

_SHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
"""owner/repository: GitHub's (C401)."""
DEFAULT_TARGET = "~/dotfiles"


@dataclass(frozen=True)
class Dotfiles:
    """A repository that is cloned into the home and installed there."""

    repository: str = ""
    """Git URL; empty: none."""
    target: str = DEFAULT_TARGET
    """Folder in the home."""
    command: str = ""
    """A script of the repository, or a shell line; empty: the first of the usual names, else links."""


@dataclass(frozen=True)
class Preferences:
    """All of them."""

    dotfiles: Dotfiles = Dotfiles()
    start_on_connect: bool = False
    """SSH to a stopped workspace starts it, where a person sits at a terminal."""
    project: str = ""
    """Of new workspaces that name none; empty: as the settings say."""
    domain: str = ""
    sign_commits: bool = False
    """Commits and tags that are made in workspaces are signed with the key that the server keeps."""


def check_dotfiles(dotfiles: Dotfiles, schemes: Collection[str] = DEFAULT_SCHEMES) -> Dotfiles:
    """`dotfiles` in normal form. Raises `bad_source`, `bad_value`."""
    repository = dotfiles.repository.strip()
    if _SHORT.fullmatch(repository):
        repository = f"https://github.com/{repository}"
    if repository:
        repository = git_source(repository, schemes=schemes).url
    command = dotfiles.command.strip()
    if len(command) > 1000 or (command and not command.isprintable()):
        raise Problem("bad_value", "dotfiles.command: one line of at most 1000 characters.")
    return replace(dotfiles, repository=repository, target=_target(dotfiles.target), command=command)


def _target(text: str) -> str:
    text = text.strip() or DEFAULT_TARGET
    inner = normpath(text.removeprefix("~/"))
    if inner.startswith(("/", "..", "~")) or inner == "." or len(text) > 200 or not text.isprintable():
        raise Problem("bad_value", f"dotfiles.target: {text[:80]!r} is no folder in the home.", "Write `~/dotfiles`.")
    return f"~/{inner}"
