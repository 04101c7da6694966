"""Where to copy from and to: `NAME:path`, a path of this machine, or `-`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from carrel.transfer.pack import top_name

_REMOTE = re.compile(r"((?:[A-Za-z0-9][A-Za-z0-9._-]*/)?[A-Za-z0-9][A-Za-z0-9-]*):(.*)", re.DOTALL)
STREAM = "-"


@dataclass(frozen=True)
class Place:
    """A file or folder somewhere."""

    path: str
    workspace: str = ""
    """Empty: this machine."""

    @property
    def is_stream(self) -> bool:
        """Standard input or output, as a tar stream."""
        return not self.workspace and self.path == STREAM

    def __str__(self) -> str:
        """As it was written."""
        return f"{self.workspace}:{self.path}" if self.workspace else self.path


def parse_place(text: str) -> Place:
    """`NAME:path` or `OWNER/NAME:path` is in a workspace; anything else, and what begins with `./` or `/`, is here."""
    match = _REMOTE.fullmatch(text)
    return Place(match[2], match[1]) if match else Place(text)


@dataclass(frozen=True)
class Copying:
    """What is copied where to."""

    sources: tuple[Place, ...]
    destination: Place

    def names(self) -> tuple[str, ...]:
        """What the top entries of the stream are called: the receiver takes no others."""
        return tuple(dict.fromkeys(top_name(source.path) for source in self.sources))


def parse_copying(words: Sequence[str]) -> Copying:
    """The sources and the destination. Raises ValueError with a sentence that says what is wrong."""
    *sources, destination = (parse_place(word) for word in words)
    if not sources:
        raise ValueError("give a SOURCE and a DESTINATION")
    if len({source.workspace for source in sources}) > 1:
        raise ValueError("all sources must be on this machine, or all in the same workspace")
    if not destination.workspace and not sources[0].workspace:
        raise ValueError("neither is in a workspace; NAME:PATH is, and `cp` copies on this machine")
    if any(not place.path for place in (*sources, destination) if not place.workspace):
        raise ValueError("a path is empty")
    if len(sources) > 1 and (destination.is_stream or any(source.is_stream for source in sources)):
        raise ValueError("a stream stands alone")
    if "\0" in "".join(words):
        raise ValueError("a path cannot have a NUL character")
    made = Copying(tuple(sources), destination)
    if len(made.names()) < len(sources):
        raise ValueError("two sources have the same name, and would be one file at the destination")
    if len(sources) > 1 and "." in made.names():
        raise ValueError("what is in a folder (`FOLDER/.`) stands alone")
    return made
