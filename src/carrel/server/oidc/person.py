"""Who the provider says somebody is."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from carrel.core.access import Role
from carrel.core.names import MAX_NAME_LENGTH, suggest_name
from carrel.core.problems import Problem

LONGEST_SUBJECT = 255
MOST_GROUPS = 2000
NOBODYS = frozenset({"", "workspace", Role.GUEST.value})
"""Names that nobody gets: the first two say that nothing of the claim could be used."""


@dataclass(frozen=True)
class Person:
    """Somebody at an identity provider."""

    issuer: str
    subject: str
    """With the issuer the identity; nothing else identifies anybody."""
    wished_name: str
    """A usable user name near to what the provider calls him; it may be taken."""
    full_name: str = ""
    email: str = ""
    """Only where the provider has verified it; shown and never compared."""
    groups: frozenset[str] = frozenset()


def person_of(claims: Mapping[str, Any], name_claim: str, groups_claim: str) -> Person:
    """The person of verified claims.

    Raises:
        Problem: `identity_refused` where there is no usable subject.
    """
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not isinstance(issuer, str) or not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise Problem("identity_refused", "The identity provider does not say who you are.")
    email = _text(claims.get("email"), 320)
    is_verified = claims.get("email_verified") is True  # the text "true" is not what the specification says
    wished = [claims.get(name_claim), email.partition("@")[0] if is_verified else "", claims.get("name")]
    names = (usable_name(_text(one, 200)) for one in wished)
    return Person(
        issuer,
        subject,
        next((one for one in names if one), "user"),
        _text(claims.get("name"), 200),
        email if is_verified else "",
        _groups(claims.get(groups_claim)),
    )


def usable_name(text: str) -> str:
    """The nearest user name, empty where nothing is left: accents are dropped, letters that only look alike are, too."""
    plain = unicodedata.normalize("NFKD", text)
    name = suggest_name("".join(c for c in plain if not unicodedata.combining(c)).partition("@")[0])
    return "" if name in NOBODYS else name


def numbered(name: str, number: int) -> str:
    """The name with a number, within the length of a name."""
    tail = f"-{number}"
    return name[: MAX_NAME_LENGTH - len(tail)].rstrip("-") + tail


def _text(value: Any, longest: int) -> str:
    return "".join(c for c in value if c.isprintable())[:longest].strip() if isinstance(value, str) else ""


def _groups(value: Any) -> frozenset[str]:
    given = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return frozenset(one for one in given[:MOST_GROUPS] if isinstance(one, str) and one)
