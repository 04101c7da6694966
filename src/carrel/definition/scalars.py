"""Plain values, from YAML (which remembers how a number was written) or from JSON."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MOST_TEXT = 4000


@dataclass(frozen=True)
class Scalar:
    """A number, true or false of a YAML file. Where text is wanted it is the text: `python_version: 3.10` is 3.10, not 3.1."""

    text: str
    value: float | bool


def plain(value: object) -> object:
    """The value without memory of how it was written."""
    if isinstance(value, Scalar):
        return value.value
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def kind_of(value: object) -> str:
    """What a value is, for people."""
    value = plain(value)
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, list) else "keys with values"


def text_of(value: object, *, most: int = MOST_TEXT, lines: bool = False) -> str:
    """A line of text; numbers, true and false as they are written.

    Args:
        value: what was read.
        most: characters it may have.
        lines: it may have several lines.
    """
    if isinstance(value, Scalar):
        value = value.text
    elif isinstance(value, bool):
        value = str(value).lower()
    elif isinstance(value, int | float):
        value = f"{value:.15g}" if isinstance(value, float) else str(value)
    if not isinstance(value, str):
        raise ValueError(f"it should be text, not {kind_of(value)}")
    if len(value) > most:
        raise ValueError(f"it has {len(value)} characters; at most {most} will do")
    allowed = "\n\t" if lines else ""
    for character in value:
        category = unicodedata.category(character)
        if (category.startswith("C") and category != "Cn" and character not in allowed) or category in {"Zl", "Zp"}:
            if character == "\n":
                raise ValueError("it should be one line")
            name = unicodedata.name(character, "a control character").lower()
            raise ValueError(f"it holds U+{ord(character):04X} ({name}), which nobody can see; take it out")
    return value


def words_of(value: object, *, most: int = 200, of: str = "texts") -> tuple[object, ...]:
    """The items of a list; none for null."""
    if value is None:
        return ()
    if isinstance(value, str | Mapping | Scalar) or not isinstance(value, Sequence):
        raise ValueError(f"it should be a list of {of}, not {kind_of(value)}")
    if len(value) > most:
        raise ValueError(f"it has {len(value)} items; at most {most} will do")
    return tuple(value)


def members_of(value: object, *, most: int = 500) -> Mapping[str, object]:
    """Keys with values; none for null."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"it should have keys with values, not {kind_of(value)}")
    if len(value) > most:
        raise ValueError(f"it has {len(value)} keys; at most {most} will do")
    return value


def whole_of(value: object) -> int:
    """A whole number; as text, too."""
    text = text_of(value, most=40).strip()
    if not (text.removeprefix("-").isascii() and text.removeprefix("-").isdecimal()):
        raise ValueError(f"it should be a whole number, not {text[:40]!r}")
    return int(text)
