"""Patterns of parameters: written by whoever writes templates, matched in the server against what others type.

The standard library's engine has no time limit, and `(a|aa)+` takes longer than anybody lives for a text of 60 letters.
This one has, but not while it compiles, and it writes out what is to be there at least so many times: `(?:a{9999}){9999}`
takes all memory that there is.
"""

from __future__ import annotations

import math
import re
from typing import Final

SECONDS = 0.1
MOST_CHARACTERS = 200
MOST_REPEATED = 10_000
"""The least numbers of all repetitions multiplied, as if each was within the next."""
_LEAST: Final = re.compile(r"\{\s*([0-9]+)")
_VERBOSE: Final = re.compile(r"\(\?[A-Za-z0-9]*x")
"""A flag by which spaces count for nothing, those within a number among them."""


def check_pattern(text: str) -> str:
    """`text` if it is a regular expression that can be compiled with little. Raises ValueError."""
    import regex  # noqa: PLC0415  a command that has no template goes without it

    if _VERBOSE.search(text):
        raise ValueError("the flag `x` is not for a pattern of one line")
    if math.prod(max(1, int(number)) for number in _LEAST.findall(text)) > MOST_REPEATED:
        raise ValueError(f"its repetitions are too many: multiplied, at most {MOST_REPEATED}")
    try:
        regex.compile(text, cache_pattern=False)
    except regex.error as error:
        raise ValueError(f"it is no regular expression: {error}") from error
    return text


def check_match(pattern: str, text: str) -> None:
    """Raise ValueError where `pattern` does not match all of `text`, or takes too long over it."""
    import regex  # noqa: PLC0415

    try:
        found = regex.compile(pattern).fullmatch(text, timeout=SECONDS)
    except TimeoutError:
        raise ValueError(
            f"{text[:80]!r} takes too long to compare with {pattern}; the template's author can mend it"
        ) from None
    if found is None:
        raise ValueError(f"{text[:80]!r} does not match {pattern}")
