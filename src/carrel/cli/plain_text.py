"""What others wrote, on a person's terminal: for the commands that import little (`output.clean` is for all others)."""

from __future__ import annotations


def plain(text: object) -> str:
    """`text` in one line, without what a terminal would obey: a workspace chooses the names of its programs and terminals."""
    return "".join(character if character.isprintable() else " " for character in str(text))
