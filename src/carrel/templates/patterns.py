"""Patterns of parameters: written by whoever writes templates, matched in the server against what others type.

The standard library's engine has no time limit, and `(a|aa)+` takes longer than anybody lives for a text of 60 letters.
"""

from __future__ import annotations

SECONDS = 0.1
MOST_CHARACTERS = 200


def check_pattern(text: str) -> str:
    """`text` if it is a regular expression. Raises ValueError."""
    import regex  # noqa: PLC0415  a command that has no template goes without it

    try:
        regex.compile(text)
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
