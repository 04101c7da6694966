"""Passwords: which may be chosen, and how long an account waits after wrong ones (NIST SP 800-63B, ADR 0033)."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from itertools import pairwise

from carrel.core.problems import Problem
from carrel.core.secret import Secret

SHORTEST = 12
LONGEST = 200
"""Characters; more is no password, but work for the server."""
FREE_FAILURES = 5
"""Wrong passwords in a row that cost nothing but the work of checking them."""
LONGEST_LOCK = timedelta(minutes=5)

_COMMON = """
passwordpassword password1234 password12345 password123456 passw0rdpassw0rd mypassword123 letmeinletmein
adminadminadmin administrator administrator1 welcomewelcome welcome12345 changemechangeme changeme1234
qwertyqwerty qwertyuiop12 qwertyuiop123 qwertyuiop[] qwertyuiopasdf asdfghjkl123 zxcvbnm12345
1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz2wsx3edc 1qaz2wsx3edc4rfv zaq12wsxcde3 abcdefghijkl abcdefghijklm abcd12345678
123456789012 1234567890123 12345678901234 123456789123 012345678901 098765432109 987654321098 a1b2c3d4e5f6
iloveyouiloveyou iloveyou1234 trustno1trustno1 correcthorsebatterystaple sunshine1234 football1234 baseball1234
princess1234 dragondragon monkeymonkey superman1234 starwarsstarwars carrelcarrel secretsecret mastermaster
"""
COMMON = frozenset(_COMMON.split())
"""The commonest of those that are long enough, in lower case."""


def normal(text: str) -> Secret:
    """A password as it is hashed: keyboards write the same character in several ways (NIST SP 800-63B, 5.1.1.2)."""
    return Secret(unicodedata.normalize("NFKC", text))


def check_password(text: str, *names: str) -> Secret:
    """`text` as a password to choose, in normal form; there are no rules about which characters it has.

    Args:
        text: what was typed.
        names: of its user: what anybody tries first.

    Raises:
        Problem: `bad_value`, which never repeats it.
    """
    password = normal(text)
    plain = password.reveal()
    if len(plain) < SHORTEST:
        raise Problem("bad_value", f"A password has at least {SHORTEST} characters.", "Several words are easy to keep.")
    if len(plain) > LONGEST:
        raise Problem("bad_value", f"A password has at most {LONGEST} characters.")
    folded = plain.casefold()
    if folded in COMMON or _is_repeated(folded) or _is_a_row(folded):
        raise Problem("bad_value", "This is one of the passwords that are tried first.", "Choose another one.")
    for name in names:
        if name and len(folded.replace(name.casefold(), "")) < SHORTEST // 2:
            raise Problem("bad_value", "This is little more than your name.", "Choose another one.")
    return password


def _is_repeated(text: str) -> bool:
    """`aaaaaaaaaaaa`, `123123123123`: a piece of at most four characters, again and again."""
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, 5))


def _is_a_row(text: str) -> bool:
    """`abcdefghijkl`: every character the next of the one before it, or the one before."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps in ({1}, {-1})


def lock_after(failures: int) -> timedelta:
    """How long no password is tried after so many wrong ones in a row: it doubles, and has an end."""
    over = failures - FREE_FAILURES
    return timedelta(0) if over < 0 else min(timedelta(seconds=2 ** min(over, 20)), LONGEST_LOCK)
