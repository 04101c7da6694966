"""Names of secrets, and of the variables that hold them: what is allowed, and why something is not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from carrel.core.definition import WantedSecret
from carrel.core.problems import Problem

SECRETS_FOLDER = "/run/carrel/secrets"
"""Where a workspace has the secrets that its definition wants as files, each under its key."""
LONGEST_KEY = 128
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = re.compile(
    r"LD_.*|CARREL_.*|BASH_ENV|BASH_FUNC_.*|ENV|HOME|IFS|LOGNAME|PATH|PWD|SHELL|SHELLOPTS|USER", re.IGNORECASE
)
"""What every process needs as it is, or what changes how a program starts."""


def check_key(key: str) -> str:
    """`key`, if a secret can have this name: letters, digits, `_`, `-` and `.`.

    Raises:
        Problem: `bad_value`, saying which character it is and what to do.
    """
    why = _wrong_with_key(key)
    if why:
        raise Problem("bad_value", f"{_shown(key)} is no name of a secret: {why}.", _hint(key))
    if _RESERVED.fullmatch(key):
        raise Problem(
            "bad_value", f"{key} is the name of a variable that no secret may take the place of.", "Use another name."
        )
    return key


def check_variable(name: str) -> str:
    """`name`, if a variable that holds a secret can have it. Raises `bad_value`."""
    if len(name) > LONGEST_KEY or not _VARIABLE.fullmatch(name):
        strange = next((c for c in name if not (c.isascii() and (c.isalnum() or c == "_"))), "")
        why = f": {_described(strange)}" if strange else ""
        hint = f"Use letters, digits and `_`, {LONGEST_KEY} at most, and no digit first."
        raise Problem("bad_value", f"{_shown(name)} is no name of a variable{why}.", hint)
    if _RESERVED.fullmatch(name):
        raise Problem("bad_value", f"{name} is a variable that no secret may take the place of.", "Use another name.")
    return name


def is_variable(name: str) -> bool:
    """Whether a variable can have this name."""
    return _VARIABLE.fullmatch(name) is not None and not _RESERVED.fullmatch(name)


def check_wanted(wanted: Iterable[WantedSecret]) -> None:
    """Check what a definition wants: names, and that no variable holds two secrets. Raises `bad_value`."""
    held: dict[str, str] = {}
    for one in wanted:
        check_key(one.key)
        if not one.env_var:
            continue
        other = held.setdefault(check_variable(one.env_var), one.key)
        if other != one.key:
            raise Problem("bad_value", f"The variable {one.env_var} cannot hold both {other} and {one.key}.")


def nearest(key: str, names: Iterable[str]) -> str:
    """The name that was probably meant, or an empty text."""
    folded = {_folded(name): name for name in sorted(names, reverse=True)}
    close = get_close_matches(_folded(key), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else ""


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _wrong_with_key(key: str) -> str:
    if not key:
        return "it is empty"
    strange = next((c for c in key if not (c.isascii() and (c.isalnum() or c in "_.-"))), "")
    if strange:
        return _described(strange)
    if not _KEY.fullmatch(key):
        return f"it begins with `{key[0]}`"
    return f"it is longer than {LONGEST_KEY} characters" if len(key) > LONGEST_KEY else ""


def _described(character: str) -> str:
    """A character as a person can tell it from one that looks alike."""
    if character == " ":
        return "it has a space"
    name = unicodedata.name(character, "")
    if character.isascii() and character.isprintable():
        return f"it has `{character}`"
    return f"it has U+{ord(character):04X}" + (f" ({name.capitalize()})" if name else "")


def _hint(key: str) -> str:
    hint = "Use letters (a to z), digits, `_`, `-` and `.`, beginning with a letter, a digit or `_`."
    plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", plain).strip("_.-")[:LONGEST_KEY]
    return f"{hint} Perhaps {plain}?" if plain and plain != key and _KEY.fullmatch(plain) else hint


def _shown(name: str) -> str:
    return ascii(name[:80]) if not name.isprintable() else repr(name[:80])
