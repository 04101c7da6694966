"""A value that cannot be used: where it is, what is wrong, what would do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from carrel.core.apps import nearest

MOST_LISTED = 10
"""Keys that a sentence can hold."""
Path = tuple[str | int, ...]
"""Keys and indices from the top of the file down to a value."""


@dataclass
class Misfit(ValueError):  # noqa: N818  one thing that does not fit, of possibly several
    """Something that cannot be used as it is written."""

    message: str
    """A clause without a full stop: what is wrong, and what would do."""
    path: Path = ()
    at_key: bool = False
    """It is about the key, not about its value."""

    def __str__(self) -> str:
        """As people read it: `secrets[0].key: it is missing`."""
        return f"{shown(self.path)}: {self.message}" if self.path else self.message


def shown(path: Path) -> str:
    """`secrets[0].key`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")[:200]


@contextmanager
def inside(*path: str | int) -> Iterator[None]:
    """What is wrong in here is wrong at this place. A plain ValueError becomes a Misfit."""
    try:
        yield
    except Misfit as error:
        error.path = (*path, *error.path)
        raise
    except ValueError as error:
        raise Misfit(str(error), path) from error


class Findings:
    """Collects what is wrong, so that people see all of it at once."""

    MOST = 20

    def __init__(self) -> None:
        self.found: list[Misfit] = []

    @contextmanager
    def at(self, *path: str | int) -> Iterator[None]:
        """Like `inside`, and goes on."""
        try:
            with inside(*path):
                yield
        except Misfit as error:
            if len(self.found) < self.MOST:
                self.found.append(error)


def unknown(key: str, known: Mapping[str, object]) -> Misfit:
    """A key that nobody reads."""
    near = nearest(key, known) or nearest(key.casefold(), known) or _nearest_by_word(key, known)
    return Misfit(f"there is no key {key[:80]!r}{near}", (key,), at_key=True)


def _nearest_by_word(key: str, known: Mapping[str, object]) -> str:
    """The key that has this one as a word of it (`ttl`: `ttl_seconds`); else all of them, where they are few."""
    words = set(re.split(r"[\W_]+", key.casefold()))
    for name in known:
        if words & set(name.split("_")):
            return f" (did you mean {name!r}?)"
    return f": {', '.join(known)}" if len(known) <= MOST_LISTED else ""


Read = Callable[[object], object]
"""From what a file or a request has to what the core has. Raises ValueError, or Misfit for a place within."""
